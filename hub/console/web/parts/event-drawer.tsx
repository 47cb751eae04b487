// One event whole: times, every field, the raw line. Any value can be filtered for or out.
import type { EventView } from '../../api/shapes.ts';
import { place, setParams } from '../router.ts';
import { withoutTerm, withTerm } from '../query-terms.ts';
import { milliseconds } from '../format.ts';
import { When } from './small-parts.tsx';

export function EventDrawer({ event, onClose }: { readonly event: EventView; readonly onClose: () => void }) {
  const names = Object.keys(event.fields).sort();
  return (
    <aside class="card drawer" aria-label="Event">
      <header>
        <h2>Event</h2>
        <button type="button" class="plain end" onClick={onClose}>
          Close <kbd aria-hidden="true">esc</kbd>
        </button>
      </header>
      <div class="body stack">
        <pre class="rawline">{event.raw}</pre>
        <dl class="pairs">
          <dt>@timestamp</dt>
          <dd>
            <When ms={event.timeMs} />
            {milliseconds(event.timeMs)}
          </dd>
          <dt>event.created</dt>
          <dd>
            <When ms={event.createdMs} />
            {milliseconds(event.createdMs)}
          </dd>
          <dt>event.ingested</dt>
          <dd>
            <When ms={event.ingestedMs} />
            {milliseconds(event.ingestedMs)}
          </dd>
          {names.map((name) => (
            <FieldRow key={name} name={name} value={event.fields[name] ?? ''} />
          ))}
          <dt>id</dt>
          <dd class="mono">{event.id}</dd>
        </dl>
      </div>
    </aside>
  );
}

type FieldValue = EventView['fields'][string];

function FieldRow({ name, value }: { readonly name: string; readonly value: FieldValue }) {
  const values = Array.isArray(value) ? value.map(String) : [String(value)];
  return (
    <>
      <dt>{name}</dt>
      <dd>
        {values.map((one) => (
          <div class="value" key={one}>
            <span class="mono">{one}</span>
            <span class="actions">
              <button
                type="button"
                class="plain"
                aria-label={`Only ${name} ${one}`}
                title="Filter for this value"
                onClick={() => filter(withTerm, name, one)}
              >
                +
              </button>
              <button
                type="button"
                class="plain"
                aria-label={`Without ${name} ${one}`}
                title="Filter this value out"
                onClick={() => filter(withoutTerm, name, one)}
              >
                −
              </button>
            </span>
          </div>
        ))}
      </dd>
    </>
  );
}

function filter(change: typeof withTerm, name: string, value: string): void {
  setParams({ q: change(place.value.params.get('q') ?? '', name, value), event: '' }, { isReplacing: false });
}
