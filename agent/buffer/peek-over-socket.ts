// Pages of a lane as the running agent tells them over its local socket: one JSON document each, bodies in base64.
// Promises: a wish that is none is an answer with the reason; what comes back is what peekLane read.
import { laneNames, type LaneName } from '../../proto/delivery.ts';
import { AtalaiaError, UsageError } from '../../proto/runtime/errors.ts';
import { fromJson, toJson } from './json-bytes.ts';
import type { LaneBounds, PeekedLane, PeekedPage } from './peek-lane.ts';

/** The name of the question. */
export const peekQuestion = 'buffer-peek';

export interface PeekWish {
  readonly lane: LaneName;
  /** A sequence; absent: the bounds alone. */
  readonly from?: number;
}

/** Answers the question. */
export function answerPeek(lanes: ReadonlyMap<LaneName, PeekedLane>): (wish: unknown) => Promise<unknown> {
  return async (asked) => {
    const wish = readWish(asked);
    const lane = lanes.get(wish.lane);
    if (!lane) return null;
    const page = wish.from === undefined ? { ...lane.bounds(), items: [] } : await lane.page(wish.from);
    // The socket writes JSON itself, which knows no bytes.
    const plain: unknown = JSON.parse(toJson(page));
    return plain;
  };
}

/** The lane of a running agent; `ask` puts the question. Undefined when it has no such lane. */
export async function peekOver(
  ask: (wish: PeekWish) => Promise<unknown>,
  lane: LaneName,
): Promise<(PeekedLane & { close(): Promise<void> }) | undefined> {
  const asked = async (wish: PeekWish): Promise<PeekedPage | undefined> => {
    const answer = fromJson(JSON.stringify(await ask(wish)));
    if (answer === null) return undefined;
    if (typeof answer === 'object' && 'items' in answer) return answer as PeekedPage;
    const said = typeof answer === 'object' && 'error' in answer ? String(answer.error) : 'it ended';
    throw new AtalaiaError('NOT_TOLD', `the running agent did not tell what lane ${lane} holds: ${said}`, { isRetryable: true });
  };
  const bounds: LaneBounds | undefined = await asked({ lane });
  if (!bounds) return undefined;
  return {
    bounds: () => bounds,
    page: async (from) => (await asked({ lane, from })) ?? { ...bounds, items: [] },
    close: () => Promise.resolve(),
  };
}

function readWish(wish: unknown): PeekWish {
  const { lane, from } = typeof wish === 'object' && wish !== null && 'lane' in wish ? { from: undefined, ...wish } : {};
  const name = laneNames.find((known) => known === lane);
  if (!name) throw new UsageError(`name a lane: ${laneNames.join(', ')}`);
  if (from === undefined) return { lane: name };
  if (typeof from !== 'number' || !Number.isSafeInteger(from) || from < 1) throw new UsageError('a sequence counts from 1');
  return { lane: name, from };
}
