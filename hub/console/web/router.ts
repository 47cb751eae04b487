// Where we are: the address holds the whole state of a page, so that a link reproduces it.
// Promises: a page reads `place` and calls `go` or `setParams`; nothing else touches the history. Typing into a filter
// replaces the entry, opening something adds one, so that "back" does what a person means.
import { computed, signal } from '@preact/signals';

export interface Place {
  readonly path: string;
  readonly params: URLSearchParams;
}

const address = signal(location.pathname + location.search);

export const place = computed<Place>(() => {
  const url = new URL(address.value, location.origin);
  return { path: url.pathname, params: url.searchParams };
});

addEventListener('popstate', () => {
  address.value = location.pathname + location.search;
});

export function go(to: string, { isReplacing = false } = {}): void {
  if (to === address.value) return;
  if (isReplacing) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  address.value = to;
}

export function hrefWith(changes: Readonly<Record<string, string>>, path = place.value.path): string {
  const params = new URLSearchParams(path === place.value.path ? place.value.params : undefined);
  for (const [name, value] of Object.entries(changes)) {
    if (value === '') params.delete(name);
    else params.set(name, value);
  }
  const query = params.toString();
  return query === '' ? path : `${path}?${query}`;
}

export function setParams(changes: Readonly<Record<string, string>>, { isReplacing = true } = {}): void {
  go(hrefWith(changes), { isReplacing });
}

export function param(name: string, fallback = ''): string {
  return place.value.params.get(name) ?? fallback;
}

/** Plain clicks on our own links stay in the page; anything else is the browser's. */
export function followLinks(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!link || !isPlain || link.origin !== location.origin || link.target !== '' || link.pathname.startsWith('/api/')) return;
  event.preventDefault();
  go(link.pathname + link.search);
}
