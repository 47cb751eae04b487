// What a lane tells its callers by throwing; both are expected, and say what to do next.
import { AtalaiaError } from '../../proto/runtime/errors.ts';

export function movedPositions(): AtalaiaError {
  const text = 'the places of these streams moved, or are in doubt; reading must begin anew from positions()';
  return new AtalaiaError('POSITIONS_MOVED', text, { isRetryable: true });
}

export function epochChanged(lane: string): AtalaiaError {
  const text = `the ${lane} buffer began a new epoch; say Hello again before anything is sent`;
  return new AtalaiaError('BUFFER_EPOCH_CHANGED', text, { isRetryable: true });
}
