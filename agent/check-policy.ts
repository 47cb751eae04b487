// What keeps a policy from coming into force here and now, asked before anything is stopped: lanes and their answers to a full
// buffer are settled at the start, and a source changes its lane only when the old one is drained (DELIVERY.md 10).
import type { Policy } from '../config/policy/policy.ts';
import type { LaneName } from '../proto/delivery.ts';
import { AtalaiaError } from '../proto/runtime/errors.ts';
import { createLineKeeper } from './filter/keep-lines.ts';
import type { BatchBuffer } from './ports.ts';

type Buffers = ReadonlyMap<LaneName, Pick<BatchBuffer, 'status'>>;

/** Throws POLICY_REFUSED, or what a key file that cannot be read throws. `running` is the policy in force. */
export function checkPolicy(policy: Policy, running: Policy | undefined, buffers: Buffers): void {
  if (policy.first.length > 0 && !buffers.has('first'))
    throw refused('lane first, where lines that match `first` travel, is not open; restart the agent');
  for (const source of policy.sources) {
    const before = running?.sources.find(({ id }) => id === source.id);
    const peer = running?.sources.find(({ lane }) => lane === source.lane);
    if (!buffers.has(source.lane)) throw refused(`lane ${source.lane} of source ${source.id} is not open; restart the agent`);
    if (peer && peer.whenFull !== source.whenFull)
      throw refused(`lane ${source.lane} answers ${peer.whenFull} when full; restart the agent to change it`);
    // A key file that cannot be read refuses the policy before anything is stopped.
    createLineKeeper(policy, source.id);
    if (!before || before.lane === source.lane) continue;
    const left = buffers.get(before.lane)?.status().batches ?? 0;
    if (left > 0)
      throw refused(`source ${source.id} leaves lane ${before.lane}, which still holds ${left} batches; try again when they are sent`);
  }
}

export function refused(reason: string): AtalaiaError {
  return new AtalaiaError('POLICY_REFUSED', `the policy was not taken: ${reason}`, { isRetryable: true });
}
