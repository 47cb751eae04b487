// What local commands ask a running agent beside `status`: a tap, and what waits in the buffers for each hub.
import type { Answers } from '../proto/runtime/local-socket.ts';
import { answerPeek, peekQuestion } from './buffer/peek-over-socket.ts';
import type { TapDesk } from './control/tap-desk.ts';
import type { HubDelivery } from './hub-delivery.ts';

/** The question `what` about one hub; the first one has no name. */
export function questionFor(what: string, hub: string | undefined): string {
  return hub === undefined ? what : `${what} ${hub}`;
}

export function answersAbout(deliveries: ReadonlyMap<string | undefined, Pick<HubDelivery, 'buffers'>>, tap: TapDesk): Answers {
  const buffers = [...deliveries].flatMap(([name, { buffers }]): [string, Answers[string]][] => [
    [questionFor('buffer', name), () => [...buffers.values()].map((buffer) => buffer.inspect())],
    [questionFor(peekQuestion, name), answerPeek(new Map([...buffers].map(([lane, buffer]) => [lane, buffer.peek()])))],
  ]);
  return { tap: (wish, left) => tap.open(wish, left), ...Object.fromEntries(buffers) };
}
