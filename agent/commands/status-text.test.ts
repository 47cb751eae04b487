import { expect, test } from 'vitest';
import type { AgentStatus } from '../tell-status.ts';
import { statusText } from './status-text.ts';

const nowMs = Date.UTC(2026, 10, 24, 12);
const status: AgentStatus = {
  agentId: '8c0f6a8e-65ba-4f3f-9d70-2a2f6f0f4a11',
  version: '0.1.0',
  hub: 'wss://hub.example.org:7443',
  uptimeMs: 7_380_000,
  certificateExpires: '2026-12-01T00:00:00.000Z',
  policyHash: '4b3235c775992fe67602342f',
  testsFailed: [],
  // The rest of it is not shown.
  connection: {
    state: 'waiting',
    address: 'wss://hub.example.org:7443',
    lastError: 'could not connect: ECONNREFUSED; the hub does not listen there, which is tried again and again until it does',
    connectedSinceMs: 0,
    nextAttemptMs: nowMs + 12_000,
    lastAckMs: nowMs - 65_000,
    batchesSent: 12,
    batchesAcked: 10,
    inFlightBatches: 0,
    busyReason: '',
  } as AgentStatus['connection'],
  read: { lines: 110, bytes: 1 },
  lanes: [
    {
      lane: 'normal',
      batches: 3,
      bytes: 5 * 1024 ** 2,
      bytesMax: 1024 ** 3,
      isFull: false,
      lostBatches: 0,
      ladder: { sealed: 13, acked: 10, waiting: 3, lostWaiting: 0 },
      buffered: { sequence: 13, lines: 100 },
      committed: { sequence: 10 },
      oldestAgeMs: 65_000,
      isOldestAtLeast: true,
      growthBytesPerSecond: 10,
      fullInMs: 93_600_000,
    },
  ],
  lagBytes: 3_000,
  rates: { linesPerSecond: 1, bytesPerSecond: 1, batchesAckedPerSecond: 0 },
  sources: [
    {
      sourceId: 'a-source-with-quite-a-long-name',
      type: 'file',
      linesRead: 110,
      bytesRead: 9_000,
      lagBytes: 3_000,
      lastReadMs: 1,
      problem: '/var/log/\u001b[31m.log: permission denied; add the user atalaia to the group that may read it, then restart',
      lastReadAgeMs: 2_000,
      linesPerSecond: 1.8,
      bytesPerSecond: 150,
      linesUnparsed: 4,
      ladder: {
        read: 110,
        filtered: 5,
        dropped: { limited: 5 },
        kept: 100,
        committed: 70,
        waiting: 27,
        sent: 20,
        lost: 3,
        unsure: 0,
        trimmed: 90,
        cut: 1,
        bytesRead: 9_000,
        bytesKept: 7_000,
      },
      unreadAgeMs: 61_000,
      uncommittedAgeMs: 300_000,
      bufferedUpTo: null,
    },
  ],
  positions: [],
  otherHubs: [],
  originals: [],
  lastError: { text: 'buffer full: the disk has no room; make room', at: '2026-11-24T11:00:00.000Z', remedy: 'make room' },
  rssBytes: 90 * 1024 ** 2,
};

test('status for people fits 80 columns, balances, and shows nothing that a terminal obeys', () => {
  const text = statusText(status, nowMs);

  expect(text).toMatchInlineSnapshot(`
    "agent    8c0f6a8e-65ba-4f3f-9d70-2a2f6f0f4a11
             version 0.1.0, up 2 h 3 m, 90.0 MiB of memory
    policy   4b3235c77599
             certificate until 2026-12-01T00:00:00.000Z

    hub      wss://hub.example.org:7443
             waiting, next attempt in 12 s, last ack 1 m 5 s ago
             batches 12 sent, 10 acked, 0 in flight
             could not connect: ECONNREFUSED; the hub does not listen there, which
             is tried again and again until it does

    source                 lines/s    bytes/s     behind  last line
    a-source-with-quite…       1.8      150 B    2.9 KiB    2 s ago
      the oldest line that is there and not buffered is at least 1 m 1 s old
      the oldest line that the hub has not acknowledged is at least 5 m 0 s old
      ! /var/log/\\x1b[31m.log: permission denied; add the user atalaia to the group
      that may read it, then restart

    lines since the streams began, as far as they are buffered
    source                       read =   filtered +  dropped +         kept
    a-source-with-quite…          110 =          5 +        5 +          100
      kept 100 = committed 70 + waiting 27 (20 of them sent) + lost 3
      dropped: 5 limited; 90 lines trimmed; 8.8 KiB read, 6.8 KiB kept; 1 line cut
      at the limit; 4 lines not in the format of a trim passed unchanged

    lane normal   3 batches wait, the oldest at least 1 m 5 s old
                  5.0 MiB of 1.0 GiB; full in 1 d 2 h at this rate
                  sealed 13 = acked 10 + waiting 3 + lost and not told yet 0

    last error at 2026-11-24T11:00:00.000Z: buffer full: the disk has no room; make
    room
      what to do: make room
    "
  `);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(text).not.toContain('\u001b');
});

test('another hub is told with its way, its buffer and what it lacks', () => {
  const { connection, lanes, sources } = status;
  const told = {
    agentId: 'a',
    hub: 'wss://two.example:7443',
    connection: { ...connection, address: '', state: 'connected' as const },
    lanes,
    sources,
  };

  const text = statusText(
    {
      ...status,
      otherHubs: [
        { name: 'partner', problem: '', ...told },
        { name: 'later', problem: 'not enrolled; run it' },
      ],
    },
    nowMs,
  );

  expect(text).toMatch(/other hub partner\nhub +wss:\/\/two\.example:7443\n +connected for/);
  expect(text).toMatch(/other hub later\n +not enrolled; run it/);
  expect(text.split('\n').every((line) => line.length <= 80)).toBe(true);
});

test('what is not known of the lines kept is said in words', () => {
  const [source] = status.sources;
  const told = (ladder: object): string =>
    statusText({ ...status, sources: [{ ...source!, ladder: { ...source!.ladder, ...ladder } }] }, nowMs).replaceAll(/\s+/g, ' ');

  expect(told({ unsure: 40, committed: 30 })).toContain(
    'kept 100 = committed 30 + waiting 27 (20 of them sent) + lost 3 + unsure 40 (committed or lost in an earlier buffer, or before damage: the hub knows)',
  );
  expect(told({ committed: null, waiting: null })).toContain(
    'kept 100, lost 3; how many of them the hub has shows when it acknowledges what waits',
  );
});
