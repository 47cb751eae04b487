// The smallest parts of every page: a time, a failure, an empty list, a button that says why it may not be pressed.
import type { ComponentChildren } from 'preact';
import type { ProblemView } from '../../api/shapes.ts';
import { may } from '../api.ts';
import { ago, dateTime, utc } from '../format.ts';
import { say } from './toast.tsx';

/** The viewer's zone; UTC on hover; relative only beside the absolute. */
export function When({ ms, now, never = 'never' }: { readonly ms: number; readonly now?: number; readonly never?: string }) {
  if (ms === 0) return <span class="muted">{never}</span>;
  return (
    <time dateTime={new Date(ms).toISOString()} title={utc(ms)}>
      <span class="nowrap">{dateTime(ms)}</span>
      {now !== undefined && (
        <>
          {' '}
          <span class="muted nowrap">{ago(ms, now)}</span>
        </>
      )}
    </time>
  );
}

export function ProblemBox({ problem, onRetry }: { readonly problem: ProblemView | undefined; readonly onRetry?: () => void }) {
  if (!problem) return null;
  return (
    <div class="problem" role="alert">
      <strong class="bad">{problem.title}</strong>
      <span>{problem.detail}</span>
      {problem.remedy !== '' && <span class="muted">{problem.remedy}</span>}
      {onRetry && (
        <div>
          <button type="button" onClick={onRetry}>
            Try again
          </button>
        </div>
      )}
    </div>
  );
}

export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

interface ActProps {
  readonly children: ComponentChildren;
  readonly onClick: () => void;
  /** What `can` is asked for; a person without it sees the button and the reason. */
  readonly action?: string;
  /** Another reason why not now; empty is none. */
  readonly blocked?: string;
  readonly look?: 'primary' | 'danger' | 'plain';
  readonly shortcut?: string;
}

export function Act({ children, onClick, action, blocked = '', look, shortcut }: ActProps) {
  const reason = action !== undefined && !may(action) ? `Your role does not allow this (${action}). Ask an administrator.` : blocked;
  const press = (): void => (reason === '' ? onClick() : say(reason));
  return (
    <button
      type="button"
      class={look}
      aria-disabled={reason === '' ? undefined : 'true'}
      title={reason === '' ? undefined : reason}
      onClick={press}
    >
      {children}
      {shortcut !== undefined && (
        <>
          {' '}
          <kbd aria-hidden="true">{shortcut}</kbd>
        </>
      )}
    </button>
  );
}

export function Field({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    <label class="field">
      <span>{label}</span>
      {children}
    </label>
  );
}

/** A value that is somewhere between well and not: shape and word, then colour. */
export function Health({ is, text }: { readonly is: 'good' | 'warn' | 'bad' | 'muted'; readonly text: string }) {
  const shape = { good: '●', warn: '▲', bad: '■', muted: '○' }[is];
  return (
    <span class={`state ${is}`}>
      <span aria-hidden="true">{shape}</span>
      {text}
    </span>
  );
}
