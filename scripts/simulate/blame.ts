// Tells a world that failed (which modules must live with) from our own mistakes, which no schedule may bring about.
import { AtalaiaError, errorCode } from '../../proto/runtime/errors.ts';
import type { Life, World } from './turns.ts';

/** Errors of ours that say that a promise is broken, though they are told as the world's. */
const brokenPromises = new Set(['BLOCK_DIFFERS', 'UPLINK_PROTOCOL']);

export function isOurMistake(error: unknown): boolean {
  if (error instanceof DOMException && error.name === 'AbortError') return false;
  return !(error instanceof AtalaiaError) || brokenPromises.has(errorCode(error) ?? '');
}

export interface ProcessLog {
  debug(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

/** A logger that looks for errors in what it is told. */
export function processLog(world: World, life: Life): ProcessLog {
  const note = (fields: object, text: string): void => {
    if (!life.isAlive) return;
    const error: unknown = 'err' in fields ? fields.err : 'error' in fields ? fields.error : undefined;
    if (error instanceof Error && isOurMistake(error)) world.blame(`${life.name}: ${text}: ${error.stack ?? String(error)}`);
    if (/broken invariant|is not a function|Cannot read prop/.test(text)) world.blame(`${life.name}: ${text}`);
    world.tell?.(
      `  ${life.name} says: ${text}${error instanceof Error ? ` (${error.message})` : ''} ${JSON.stringify(fields).slice(0, 200)}`,
    );
  };
  return { debug: () => undefined, info: note, warn: note, error: note };
}
