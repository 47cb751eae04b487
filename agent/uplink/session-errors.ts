import type { LaneName } from '../../proto/delivery.ts';
import { AtalaiaError } from '../../proto/runtime/errors.ts';

export function epochChanged(lane: LaneName): AtalaiaError {
  return new AtalaiaError('EPOCH_CHANGED', `lane ${lane} went on in a new epoch; the connection is opened again`, { isRetryable: true });
}

export function protocolError(text: string): AtalaiaError {
  return new AtalaiaError('UPLINK_PROTOCOL', `${text}; nothing was freed for it, the connection is opened again`, { isRetryable: true });
}
