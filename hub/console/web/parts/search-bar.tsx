// The query, the time range and the switch of the live tail.
import { useRef } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import { dateTime, toLocalInput } from '../format.ts';
import { setParams } from '../router.ts';
import { isAbsolute, rangeDefault, readRange, relativeRanges } from '../time-range.ts';

interface SearchBarProps {
  readonly query: string;
  readonly rangeText: string;
  readonly isTailing: boolean;
  readonly onSearch: () => void;
}

export function SearchBar({ query, rangeText, isTailing, onSearch }: SearchBarProps) {
  const field = useRef<HTMLInputElement>(null);
  const search = (event: SubmitEvent): void => {
    event.preventDefault();
    setParams({ q: field.current?.value.trim() ?? '', event: '' }, { isReplacing: false });
    onSearch();
  };
  return (
    <form class="searchbar" role="search" onSubmit={search}>
      <input
        key={query}
        ref={field}
        data-search
        aria-label="Search events"
        placeholder='word  "a phrase"  field:value  *  and or not ( )'
        defaultValue={query}
        spellcheck={false}
        autocomplete="off"
      />
      <button type="submit" class="primary">
        Search
      </button>
      <RangePicker rangeText={rangeText} isTailing={isTailing} />
      <button
        type="button"
        aria-pressed={isTailing}
        title="Show events as they arrive"
        onClick={() => setParams({ tail: isTailing ? '' : '1', event: '' }, { isReplacing: false })}
      >
        Live
      </button>
    </form>
  );
}

function RangePicker({ rangeText, isTailing }: { readonly rangeText: string; readonly isTailing: boolean }) {
  const menu = useRef<HTMLDetailsElement>(null);
  const range = readRange(rangeText, Date.now());
  const since = useSignal(toLocalInput(range.sinceMs));
  const until = useSignal(toLocalInput(range.untilMs));
  const choose = (text: string): void => {
    setParams({ range: text, tail: '', event: '' }, { isReplacing: false });
    menu.current?.removeAttribute('open');
  };
  const chooseAbsolute = (): void => {
    const [from, to] = [Date.parse(since.value), Date.parse(until.value)];
    if (from < to) choose(`${from}-${to}`);
  };
  const known = relativeRanges.find(({ id }) => id === rangeText) ?? relativeRanges.find(({ id }) => id === rangeDefault);
  const label = isAbsolute(rangeText) ? `${dateTime(range.sinceMs)} – ${dateTime(range.untilMs)}` : known?.label;
  return (
    <details class="range" ref={menu}>
      <summary aria-label={`Time range: ${label}`}>{isTailing ? 'From now on' : label}</summary>
      <div class="menu">
        <div class="choices">
          {relativeRanges.map((one) => (
            <button type="button" key={one.id} aria-pressed={one.id === known?.id && !isAbsolute(rangeText)} onClick={() => choose(one.id)}>
              {one.label.replace('Last ', '')}
            </button>
          ))}
        </div>
        <label class="field">
          <span>From</span>
          <input type="datetime-local" step="1" value={since.value} onInput={(event) => (since.value = event.currentTarget.value)} />
        </label>
        <label class="field">
          <span>Until</span>
          <input type="datetime-local" step="1" value={until.value} onInput={(event) => (until.value = event.currentTarget.value)} />
        </label>
        <button type="button" onClick={chooseAbsolute} disabled={!(Date.parse(since.value) < Date.parse(until.value))}>
          Use this range
        </button>
      </div>
    </details>
  );
}
