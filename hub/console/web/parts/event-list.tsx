// Events as rows, of which only the visible ones are in the page, however long the list has grown.
// Promises: rows have one height; nearing the end asks for more; the selected row is kept in sight.
import { useEffect, useRef } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import type { EventView } from '../../api/shapes.ts';
import { eventLine } from '../event-line.ts';
import { dateTime, utc } from '../format.ts';

interface EventListProps {
  readonly events: readonly EventView[];
  readonly selectedId: string;
  readonly onOpen: (event: EventView) => void;
  readonly onNearEnd: () => void;
}

const spare = 8;

export function EventList({ events, selectedId, onOpen, onNearEnd }: EventListProps) {
  const box = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  const rowHeight = matchMedia('(max-width: 800px)').matches ? 48 : 28;
  const visible = Math.ceil((box.current?.clientHeight ?? 640) / rowHeight) + spare * 2;
  const from = Math.max(0, Math.floor(top.value / rowHeight) - spare);
  const shown = events.slice(from, from + visible);
  const selected = events.findIndex(({ id }) => id === selectedId);
  useEffect(() => keepInSight(box.current, selected * rowHeight, rowHeight), [selected]);
  const onScroll = (event: Event): void => {
    if (!(event.currentTarget instanceof HTMLElement)) return;
    const { scrollTop, clientHeight, scrollHeight } = event.currentTarget;
    top.value = scrollTop;
    if (scrollHeight - scrollTop - clientHeight < rowHeight * 20) onNearEnd();
  };
  return (
    <div class="virtual" ref={box} onScroll={onScroll} role="listbox" aria-label="Events" tabIndex={0}>
      <div class="inner" style={{ height: `${events.length * rowHeight}px` }}>
        {shown.map((event, index) => (
          <div
            key={event.id}
            class="line"
            role="option"
            aria-selected={event.id === selectedId}
            aria-posinset={from + index + 1}
            aria-setsize={events.length}
            style={{ top: `${(from + index) * rowHeight}px` }}
            onClick={() => onOpen(event)}
          >
            <time class="when small muted" dateTime={new Date(event.timeMs).toISOString()} title={utc(event.timeMs)}>
              {dateTime(event.timeMs)}
            </time>
            <span class="raw mono">{eventLine(event)}</span>
          </div>
        ))}
      </div>
    </div>
  );
}

function keepInSight(box: HTMLElement | null, top: number, rowHeight: number): void {
  if (!box || top < 0) return;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + rowHeight > box.scrollTop + box.clientHeight) box.scrollTop = top + rowHeight - box.clientHeight;
}
