// The worker's path on real frames: encoded as an agent does, decoded by the shipped decoders, matched by a Sigma rule.
import { expect, test } from 'vitest';
import { loadDecoders } from '../config/decoders/load-decoders.ts';
import { rowToObject, type EventRow } from '../config/fields/row.ts';
import { chainStart } from '../proto/delivery.ts';
import { chainHash } from '../proto/framing/chain-hash.ts';
import { encodeBatchBody, encodeBatchFrame } from '../proto/framing/encode-batch.ts';
import { deflateLines } from '../proto/framing/inflate-lines.ts';
import { LinesWriter } from '../proto/framing/lines-writer.ts';
import { noCounters } from '../proto/framing/stream-entry.ts';
import { compileRules } from './detect/engine/ruleset.ts';
import { LineWork, poisonProblem } from './line-work.ts';
import { createNormaliser } from './normalise/create-normaliser.ts';
import type { ToWorker } from './work.ts';

const readAtMs = Date.UTC(2026, 10, 24, 10, 0, 5);
const agentId = 'a'.repeat(32);
const failedLogin = 'Nov 24 10:00:00 web1 sshd[811]: Failed password for root from 203.0.113.8 port 40122 ssh2';
const rule = `title: SSH login failed
id: 6c0c2b0e-6d1e-4c0f-9d57-0d1d3b0f8a11
logsource: { product: linux, service: sshd }
detection: { selection: { event.action: ssh_login, event.outcome: failure }, condition: selection }
level: low
`;

interface Stored {
  readonly block: number;
  readonly index: number;
  readonly raw: string;
  readonly decoder: string;
  readonly problem: string;
  readonly peer: unknown;
}

function frameOf(lines: readonly string[], path = '/var/log/auth.log'): Buffer {
  const writer = new LinesWriter();
  writer.beginRun(0, readAtMs);
  let offset = 0;
  for (const line of lines) {
    const bytes = Buffer.from(line);
    writer.line(bytes, 0, bytes.length, offset);
    offset += bytes.length + 1;
  }
  const raw = writer.bytes();
  const stream = {
    sourceId: 'auth',
    streamId: 's1',
    file: undefined,
    path,
    typeHint: '',
    timeZone: 'UTC',
    labels: {},
    policyHash: new Uint8Array(),
    isTrimmed: false,
    endOffset: offset,
    endLineNumber: lines.length,
    tailHash: new Uint8Array(),
    tailBytes: 0,
    counters: noCounters,
    cursor: '',
  };
  const body = encodeBatchBody({ streams: [stream], lineCount: lines.length, rawBytes: raw.length, lines: deflateLines(raw, 1) });
  return encodeBatchFrame({ lane: 'normal', epoch: new Uint8Array(16), sequence: 1, hash: chainHash(chainStart, body), body });
}

function workOn(frame: Uint8Array, more: Partial<Extract<ToWorker, { is: 'work' }>> = {}) {
  const stored: Stored[] = [];
  const tried: number[] = [];
  const append = (block: number, place: { readonly index: number }, row: EventRow): void => {
    stored.push({
      block,
      index: place.index,
      raw: row.raw,
      decoder: row.decoder,
      problem: row.problem,
      peer: rowToObject(row)['log.source.address'],
    });
  };
  const { ruleset, refused } = compileRules([{ file: 'ssh.yml', text: rule }]);
  expect(refused).toEqual([]);
  const lineWork = new LineWork({
    normaliser: createNormaliser(loadDecoders()),
    ruleset,
    writer: { append },
    trying: (_, index) => tried.push(index),
  });
  const work = {
    is: 'work',
    write: 1,
    committedAtMs: readAtMs,
    entries: [{ agentId, receivedAtMs: readAtMs, frame }],
    block: 7,
    detect: true,
    poison: [],
    rawRows: false,
    careful: false,
    ...more,
  } as const;
  return { worked: lineWork.work(work), stored, tried };
}

test('a batch becomes one row a line and the finding of the rule it matches', () => {
  const { worked, stored } = workOn(frameOf([failedLogin, 'something nobody knows']));

  expect(stored).toMatchObject([
    { block: 7, index: 0, raw: failedLogin, decoder: 'openssh', problem: '' },
    { block: 7, index: 1, raw: 'something nobody knows' },
  ]);
  expect(worked).toMatchObject({ rows: 2, counts: { lines: 2, problems: 0 }, damaged: [] });
  expect(worked.stored).toMatchObject([{ agentId, lane: 'normal', sequence: 1, streamId: 's1', lines: 2 }]);
  expect(worked.findings).toMatchObject([
    { title: 'SSH login failed', agentId, sourceId: 'auth', fields: { 'source.ip': '203.0.113.8', 'user.name': 'root' } },
  ]);
});

test('whoever sent a line over the network is its log.source.address, whatever host the line claims to be of', () => {
  const peers = (path: string): unknown[] => workOn(frameOf([failedLogin, 'no syslog'], path)).stored.map(({ peer }) => peer);

  expect(peers('::ffff:192.0.2.7')).toEqual(['192.0.2.7', '192.0.2.7']);
  expect(peers('2001:DB8::1')).toEqual(['2001:db8::1', '2001:db8::1']);
  for (const path of ['/var/log/auth.log', 'journald', 'udp 0.0.0.0:514', '/run/atalaia/suricata.sock'])
    expect(peers(path)).toEqual([undefined, undefined]);
});

test('the same write worked again gives the same rows and findings', () => {
  const frame = frameOf([failedLogin, failedLogin]);

  const [first, second] = [workOn(frame), workOn(frame)];

  expect(second).toEqual(first);
});

test('a poison line is stored raw with its problem and no rule sees it; its neighbour is worked as ever', () => {
  const { worked, stored } = workOn(frameOf([failedLogin, failedLogin]), { poison: [{ entry: 0, index: 0 }] });

  expect(stored.map(({ problem }) => problem)).toEqual([poisonProblem, '']);
  expect(worked.findings).toMatchObject([{ eventId: expect.stringMatching(/:1$/) }]);
});

test('a replay for findings alone stores nothing, and one for rows alone finds nothing', () => {
  const frame = frameOf([failedLogin]);

  expect(workOn(frame, { block: 0 })).toMatchObject({ stored: [], worked: { rows: 0, findings: [{}] } });
  expect(workOn(frame, { detect: false })).toMatchObject({ stored: [{}], worked: { rows: 1, findings: [] } });
});

test('after an unclean stop every line is announced before it is tried', () => {
  expect(workOn(frameOf([failedLogin, 'x', 'y']), { careful: true }).tried).toEqual([0, 1, 2]);
});

test('a batch whose bytes are damaged is told with the reason and gives no rows', () => {
  const { worked, stored } = workOn(frameOf([failedLogin]).subarray(0, 60));

  expect(stored).toEqual([]);
  expect(worked.stored).toEqual([]);
  expect(worked.damaged).toMatchObject([{ entry: 0, reason: expect.any(String) }]);
});
