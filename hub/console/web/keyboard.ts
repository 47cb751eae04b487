// Keys, in one place: `g` and a letter goes somewhere, `/` searches, `?` helps; a list takes j, k, enter and escape.
// Promises: keys typed into a field stay there (escape leaves it); with a modifier they are the browser's.
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { go } from './router.ts';

export const isHelpOpen = signal(false);

export const destinations: readonly { readonly key: string; readonly path: string; readonly label: string; readonly action: string }[] = [
  { key: 'o', path: '/', label: 'Overview', action: 'overview.read' },
  { key: 'e', path: '/events', label: 'Events', action: 'events.read' },
  { key: 'a', path: '/alerts', label: 'Alerts', action: 'alerts.read' },
  { key: 't', path: '/tickets', label: 'Tickets', action: 'tickets.read' },
  { key: 'h', path: '/agents', label: 'Agents', action: 'agents.read' },
  { key: 'w', path: '/webhooks', label: 'Webhooks', action: 'webhooks.read' },
  { key: 'u', path: '/audit', label: 'Audit', action: 'audit.read' },
  { key: 's', path: '/settings', label: 'Settings', action: 'session.use' },
];

export interface ListKeys {
  readonly move: (step: 1 | -1) => void;
  readonly open: () => void;
  readonly back: () => void;
  /** Further keys of the page. */
  readonly others?: Readonly<Record<string, () => void>>;
}

const listeners: { current: ListKeys }[] = [];
let isGoing = false;

/** The list mounted last has the keys. */
export function useListKeys(keys: ListKeys): void {
  const mine = useRef(keys);
  mine.current = keys;
  useEffect(() => {
    listeners.push(mine);
    return () => {
      listeners.splice(listeners.indexOf(mine), 1);
    };
  }, []);
}

export function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const field = event.target instanceof HTMLElement && event.target.closest('input, textarea, select');
  if (field instanceof HTMLElement) {
    if (event.key === 'Escape') field.blur();
    return;
  }
  if (document.querySelector('dialog[open]')) return;
  if (isGoing) {
    isGoing = false;
    const found = destinations.find(({ key }) => key === event.key);
    if (found) take(event, () => go(found.path));
    return;
  }
  const action = globalKeys[event.key] ?? listKey(event);
  if (action) take(event, action);
}

const globalKeys: Readonly<Record<string, () => void>> = {
  g: () => {
    isGoing = true;
  },
  '?': () => {
    isHelpOpen.value = true;
  },
  '/': () => {
    const search = document.querySelector<HTMLInputElement>('[data-search]');
    if (search) search.focus();
    else go('/events');
  },
};

function listKey(event: KeyboardEvent): (() => void) | undefined {
  const keys = listeners.at(-1)?.current;
  if (!keys) return undefined;
  // Enter on a link or button is that control's own.
  const isOnControl = event.target instanceof HTMLElement && event.target.closest('a, button, summary') !== null;
  switch (event.key) {
    case 'j':
    case 'ArrowDown':
      return () => keys.move(1);
    case 'k':
    case 'ArrowUp':
      return () => keys.move(-1);
    case 'Enter':
      return isOnControl ? undefined : keys.open;
    case 'Escape':
      return keys.back;
    default:
      return keys.others?.[event.key];
  }
}

function take(event: KeyboardEvent, action: () => void): void {
  event.preventDefault();
  action();
}
