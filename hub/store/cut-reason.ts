// Why an answer is not whole, in words that say what to do. Empty when it is whole.
import type { EngineAnswer } from './engine/engine.ts';
import type { ReaderLimits } from './engine/messages.ts';

/** `kept` says what became of what was found. */
export function cutReason(
  { rowsRead, tookMs, heldMs }: Pick<EngineAnswer, 'rowsRead' | 'tookMs' | 'heldMs'>,
  { rowsMax, secondsMax }: Pick<ReaderLimits, 'rowsMax' | 'secondsMax'>,
  kept: string,
): string {
  if (rowsRead >= rowsMax) return `stopped after ${rowsRead} rows were read; ${kept}; narrow the time range`;
  if (tookMs < secondsMax * 1_000) return '';
  if (heldMs < 1_000) return `stopped after ${secondsMax} s; ${kept}; narrow the time range`;
  return (
    `stopped after ${secondsMax} s, ${Math.round(heldMs / 1_000)} of which it gave way to lines that come in faster than they are stored; ` +
    `${kept}; narrow the time range, or search again when the hub has caught up`
  );
}
