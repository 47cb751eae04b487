// Named places where the crash test kills the process, so that every gap between two durable steps is tried on purpose.
// Promises: with ATALAIA_KILL_POINT unset a pass costs one comparison. With `name` or `name:n` the process kills itself
// with SIGKILL at the n-th pass (the first without n), so nothing is flushed and no handler runs.
// An unknown name is refused at start: a crash test that never crashes would prove nothing.
import { UsageError } from './errors.ts';

export const killPointNames = [
  'agent.after-read',
  'agent.after-buffer-write',
  'agent.after-send',
  'agent.generation-change',
  'agent.generation-removal',
  'hub.after-journal-write',
  'hub.before-ack',
  'hub.after-block-bounds',
  'hub.after-insert',
  'hub.after-confirm',
  'hub.after-snapshot',
  'hub.alert-before-ticket',
  'hub.ticket-before-webhook',
] as const;
export type KillPointName = (typeof killPointNames)[number];

export interface ArmedKillPoint {
  readonly name: KillPointName;
  /** Pass at which the process dies, from 1. */
  readonly pass: number;
}

const armed = parseKillPoint(process.env.ATALAIA_KILL_POINT);
let passes = 0;

/** Dies here if this is the place that was asked for. */
export function killPoint(name: KillPointName): void {
  if (armed === undefined || armed.name !== name) return;
  passes += 1;
  if (passes === armed.pass) process.kill(process.pid, 'SIGKILL');
}

export function parseKillPoint(text: string | undefined): ArmedKillPoint | undefined {
  if (text === undefined || text === '') return undefined;
  const match = /^([a-z.-]+)(?::([1-9]\d{0,8}))?$/.exec(text);
  const name = killPointNames.find((known) => known === match?.[1]);
  if (!match || !name) {
    throw new UsageError(`ATALAIA_KILL_POINT=${text} names no kill point; use name or name:n with one of ${killPointNames.join(', ')}`);
  }
  return { name, pass: Number(match[2] ?? 1) };
}
