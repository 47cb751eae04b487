// The frame around every page: where one can go, who one is, the keys.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { loadSession, may, send, session } from '../api.ts';
import { destinations, isHelpOpen } from '../keyboard.ts';
import { place } from '../router.ts';
import { Modal } from './modal.tsx';
import { Toast } from './toast.tsx';

export function Tower() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="6" fill="var(--accent)" />
      <path d="M10 27 12 13h8l2 14zM9 8h3v2h2.500V8h3v2H20V8h3v5H9z" fill="var(--accent-text)" />
    </svg>
  );
}

export function Shell({ children }: { readonly children: ComponentChildren }) {
  const main = useRef<HTMLElement>(null);
  const { path } = place.value;
  // A new page begins at its top, for eyes and for screen readers.
  useEffect(() => main.current?.focus({ preventScroll: true }), [path]);
  // On a narrow screen the pages' names are a strip that may be scrolled.
  useEffect(() => document.querySelector('nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' }), [path]);
  return (
    <div class="shell">
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <div class="side">
        <a class="brand" href="/">
          <Tower />
          Atalaia
        </a>
        <nav aria-label="Pages">
          <ul>
            {destinations.map((one) => (
              <li key={one.path}>
                {may(one.action) ? (
                  <a href={one.path} aria-current={isAt(path, one.path) ? 'page' : undefined}>
                    {one.label} <kbd title={`g then ${one.key}`}>{one.key}</kbd>
                  </a>
                ) : (
                  <span class="blocked" title={`Your role does not allow this (${one.action}).`}>
                    {one.label}
                  </span>
                )}
              </li>
            ))}
          </ul>
        </nav>
        <Who />
      </div>
      <main class="page" id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
      <Toast />
      {isHelpOpen.value && <Help />}
    </div>
  );
}

function isAt(path: string, destination: string): boolean {
  return destination === '/' ? path === '/' : path === destination || path.startsWith(`${destination}/`);
}

function Who() {
  const user = session.value?.user;
  const signOut = async (): Promise<void> => {
    await send('DELETE', 'session');
    await loadSession();
  };
  return (
    <div class="who">
      <span>
        {user?.name} <span class="muted">({user?.role})</span>
      </span>
      <button
        type="button"
        class="plain"
        onClick={() => {
          isHelpOpen.value = true;
        }}
      >
        Keys <kbd aria-hidden="true">?</kbd>
      </button>
      <button type="button" class="plain" onClick={() => void signOut()}>
        Sign out
      </button>
    </div>
  );
}

const keys: readonly [key: string, what: string][] = [
  ['/', 'Search'],
  ['j  k', 'Next, previous'],
  ['enter', 'Open'],
  ['esc', 'Back'],
  ['t', 'Open the ticket of the selected alert'],
  ['1 … 4', 'Judge the open alert'],
  ['?', 'This help'],
];

function Help() {
  return (
    <Modal title="Keys" onClose={() => (isHelpOpen.value = false)}>
      <div class="keys">
        {keys.map(([key, what]) => (
          <>
            <kbd>{key}</kbd>
            <span>{what}</span>
          </>
        ))}
        {destinations.map(({ key, label }) => (
          <>
            <kbd>g {key}</kbd>
            <span>{label}</span>
          </>
        ))}
      </div>
      <form method="dialog" class="row" style={{ marginTop: '16px' }}>
        <button type="submit">Close</button>
      </form>
    </Modal>
  );
}
