// Hello, Heartbeat and everything a hub says: the same to protobufjs, and hostile bytes are values.
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { limits, protocolVersion } from '../delivery.ts';
import { decodeAgentFrame } from './decode-agent-frame.ts';
import { decodeHubFrame } from './decode-hub-frame.ts';
import { encodeHeartbeat, encodeHello } from './encode-hello.ts';
import { encodeAck, encodeBusy, encodeRefusal, encodeWelcome } from './encode-hub-frame.ts';
import { bytesOf, count, counters, fileIdentity, heldHash, lane, sequence, sourceState, text } from './testing/arbitrary-messages.ts';
import { plain, relay } from './testing/reference.ts';

const helloLane = fc
  .record({ epoch: bytesOf(16), bounds: fc.tuple(sequence, sequence), held: fc.array(heldHash, { maxLength: 5 }), damaged: fc.boolean() })
  .map(({ bounds, ...rest }) => ({ ...rest, oldestSequence: Math.min(...bounds), nextSequence: Math.max(...bounds) }));

const hello = fc.record({
  protocolVersion: fc.constant(protocolVersion),
  lanes: fc.tuple(helloLane, helloLane).map(([first, normal]) => [
    { lane: 'first' as const, ...first },
    { lane: 'normal' as const, ...normal },
  ]),
  capabilities: fc.array(text, { maxLength: 3 }),
  agentClockMs: count,
  policyHash: fc.oneof(bytesOf(32), fc.constant(new Uint8Array(0))),
  agentVersion: text,
  hostName: text,
  sources: fc.array(sourceState, { maxLength: 3 }),
});

const credit = fc.record({ batches: fc.nat({ max: 0xffff_ffff }), bytes: count });

const welcome = fc.record({
  protocolVersion: fc.constant(1),
  hubId: bytesOf(16),
  incarnation: bytesOf(16),
  lanes: fc.array(
    fc.record({
      lane,
      epoch: bytesOf(16),
      epochKnown: fc.boolean(),
      commonSequence: count,
      commonHash: bytesOf(32),
      parted: fc.boolean(),
      positions: fc.array(
        fc.record({
          sourceId: text,
          streamId: text,
          file: fc.option(fileIdentity, { nil: undefined }),
          offset: count,
          lineNumber: count,
          tailHash: bytesOf(16),
          counters,
          cursor: text,
        }),
        { maxLength: 3 },
      ),
    }),
    { maxLength: 2 },
  ),
  credit,
  hubClockMs: count,
});

function throughReference(kind: 'AgentMessage' | 'HubMessage', bytes: Uint8Array): Uint8Array {
  if (kind === 'AgentMessage') return relay.AgentMessage.encode(relay.AgentMessage.decode(bytes)).finish();
  return relay.HubMessage.encode(relay.HubMessage.decode(bytes)).finish();
}

test('a Hello means the same to protobufjs and to our decoder', () => {
  fc.assert(
    fc.property(hello, (message) => {
      const bytes = encodeHello(message);
      const expected = plain({ ok: true, value: { is: 'hello', hello: message } });

      expect(plain(decodeAgentFrame(bytes))).toEqual(expected);
      expect(plain(decodeAgentFrame(throughReference('AgentMessage', bytes)))).toEqual(expected);
    }),
  );
});

test('a Heartbeat means the same to protobufjs and to our decoder', () => {
  const heartbeat = fc.record({
    agentClockMs: count,
    sources: fc.array(sourceState, { maxLength: 3 }),
    bufferedBatches: count,
    bufferedBytes: count,
  });
  fc.assert(
    fc.property(heartbeat, (message) => {
      const bytes = encodeHeartbeat(message);
      const expected = plain({ ok: true, value: { is: 'heartbeat', heartbeat: message } });

      expect(plain(decodeAgentFrame(bytes))).toEqual(expected);
      expect(plain(decodeAgentFrame(throughReference('AgentMessage', bytes)))).toEqual(expected);
    }),
  );
});

test('a Welcome means the same to protobufjs and to our decoder', () => {
  fc.assert(
    fc.property(welcome, (message) => {
      const bytes = encodeWelcome(message);
      const expected = plain({ ok: true, value: { is: 'welcome', welcome: message } });

      expect(plain(decodeHubFrame(bytes))).toEqual(expected);
      expect(plain(decodeHubFrame(throughReference('HubMessage', bytes)))).toEqual(expected);
    }),
  );
});

test('Ack, Busy and Refusal mean the same to protobufjs and to our decoder', () => {
  const optionalCredit = fc.option(credit, { nil: undefined });
  const clocks = fc.option(fc.record({ hubClockMs: count, agentClockMs: count }), { nil: undefined });
  const ack = fc.record({
    lane: fc.option(lane, { nil: undefined }),
    epoch: bytesOf(16),
    sequence: count,
    hash: bytesOf(32),
    credit: optionalCredit,
    clocks,
  });
  const busy = fc.record({ credit: optionalCredit, reason: text, clocks });
  const code = fc.constantFrom('not-authorised' as const, 'back-off' as const, 'protocol' as const, 'superseded' as const);
  const refusal = fc.record({ code, detail: text, retryAfterMs: count });
  fc.assert(
    fc.property(ack, busy, refusal, (ack, busy, refusal) => {
      for (const [bytes, value] of [
        [encodeAck(ack), { is: 'ack', ack }],
        [encodeBusy(busy), { is: 'busy', busy }],
        [encodeRefusal(refusal), { is: 'refusal', refusal }],
      ] as const) {
        expect(plain(decodeHubFrame(bytes))).toEqual(plain({ ok: true, value }));
        expect(plain(decodeHubFrame(throughReference('HubMessage', bytes)))).toEqual(plain({ ok: true, value }));
      }
    }),
  );
});

test('no bytes whatever make a decoder of hub frames or of Hello throw', () => {
  const samples = [...fc.sample(hello, 20).map(encodeHello), ...fc.sample(welcome, 20).map(encodeWelcome)];
  const damaged = fc.tuple(fc.constantFrom(...samples), fc.nat(), fc.nat(255), fc.nat()).map(([sample, at, value, cut]) => {
    const copy = Buffer.from(sample);
    copy[at % copy.length] = value;
    return cut % 3 === 0 ? copy.subarray(0, cut % copy.length) : copy;
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), damaged), (bytes) => {
      expect(() => [decodeAgentFrame(bytes), decodeHubFrame(bytes)]).not.toThrow();
    }),
    { numRuns: 2_000 },
  );
});

test('an agent with more sources than fit says those that fit', () => {
  const [sample] = fc.sample(sourceState, 1);
  const sources = Array.from({ length: limits.sourcesMax + 10 }, () => ({
    ...sample!,
    sourceId: 'a'.repeat(1_000),
    problem: 'p'.repeat(9_000),
  }));

  const bytes = encodeHeartbeat({ agentClockMs: 1, sources, bufferedBatches: 0, bufferedBytes: 0 });

  expect(bytes.length).toBeLessThan(limits.frameBytesMax);
  expect(decodeAgentFrame(bytes).ok).toBe(true);
});
