// From a file (or the kernel) to fields of an event, through the real parts of both programs: what an agent follows, joins,
// trims and seals is opened, inflated and normalised as the hub does it. Formats whose lines mean nothing alone.
import { appendFileSync, renameSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLineKeeper } from '../../agent/filter/keep-lines.ts';
import { Sealer } from '../../agent/buffer/sealer.ts';
import type { LineBlock } from '../../agent/ports.ts';
import { FollowedFolder } from '../../agent/inputs/testing/followed-folder.ts';
import { kernelLine, parseKernelRecord } from '../../agent/inputs/kernel-record.ts';
import { linesAsBlock } from '../../agent/lines-as-block.ts';
import { loadDecoders } from '../../config/decoders/load-decoders.ts';
import { EventRow, rowToObject } from '../../config/fields/row.ts';
import { policySchema, type Policy } from '../../config/policy/policy.ts';
import { createNormaliser } from '../../hub/normalise/create-normaliser.ts';
import { readBody } from '../../proto/framing/decode-batch-body.ts';
import { inflateLines } from '../../proto/framing/inflate-lines.ts';
import { LinesReader } from '../../proto/framing/lines-reader.ts';

const normaliser = createNormaliser(loadDecoders());

let host: FollowedFolder;
beforeEach(() => {
  host = new FollowedFolder();
});
afterEach(() => host.remove());

const append = (name: string, lines: readonly string[]): void => appendFileSync(host.path(name), lines.map((line) => `${line}\n`).join(''));

/** What the hub makes of lines that an agent read from the source `app` of this policy. */
async function events(lines: readonly string[], policy: Policy): Promise<Record<string, unknown>[]> {
  const sealer = new Sealer({ policyHash: new Uint8Array(32), level: 1 }, []);
  const block = blockOf(lines);
  const sealed = (await Promise.all([...sealer.add(block, createLineKeeper(policy, 'app').keep(block)), ...sealer.seal()])).flat();
  return sealed.flatMap(({ body }) => {
    const decoded = readBody(body);
    if (!decoded.ok) throw new Error('the body cannot be read');
    const inflated = inflateLines(decoded.value);
    if (!inflated.ok) throw new Error('the lines cannot be inflated');
    const reader = new LinesReader();
    if (!reader.open(inflated.value, decoded.value).ok) throw new Error('the lines cannot be read');
    const found: Record<string, unknown>[] = [];
    while (reader.next()) {
      const row = new EventRow();
      const text = reader.bytes.toString('utf8', reader.start, reader.end);
      normaliser.normalise({ text, readAtMs: reader.readAtMs, typeHint: '', timeZone: 'UTC' }, row);
      found.push({
        ...rowToObject(row),
        '@timestamp': new Date(row.timeMs).toISOString(),
        ...(row.problem ? { problem: row.problem } : {}),
      });
    }
    return found;
  });
}

function blockOf(lines: readonly string[]): LineBlock {
  const bytes = Buffer.from(lines.join(''), 'latin1');
  const ends = new Uint32Array(lines.length);
  let at = 0;
  for (const [index, line] of lines.entries()) ends[index] = at += line.length;
  const starts = ends.map((end, index) => end - (lines[index]?.length ?? 0));
  return linesAsBlock({ bytes, starts, ends, sourceStarts: starts, count: lines.length, cut: [] }, Date.UTC(2026, 10, 24, 10));
}

function policyOf(rules: Partial<Record<'filter' | 'trim', unknown[]>>): Policy {
  return policySchema.parse({ kind: 'Policy', version: 1, sources: [{ id: 'app', type: 'file', paths: ['/x'] }], ...rules });
}

test('a connection in a log of Zeek, rotated to another header, is an event with both ends, whatever the header', async () => {
  const header = (fields: string, types: string): string[] => [
    '#separator \\x09',
    '#set_separator\t,',
    '#empty_field\t(empty)',
    '#unset_field\t-',
    '#path\tconn',
    `#fields\t${fields}`,
    `#types\t${types}`,
  ];
  append('conn.log', [
    ...header(
      'ts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tconn_state\thistory\ttunnel_parents',
      'time\tstring\taddr\tport\taddr\tport\tenum\tstring\tstring\tstring\tset[string]',
    ),
    '1795514400.123456\tCa1\t192.0.2.10\t41000\t198.51.100.9\t443\ttcp\tssl\tSF\tShADa\t(empty)',
  ]);
  host.start(['conn.log'], { records: 'zeek' });
  await host.untilLines(1);
  renameSync(host.path('conn.log'), host.path('conn.log.1'));
  append('conn.log', [
    ...header(
      'ts\tid.resp_h\tid.resp_p\tuid\tid.orig_h\tid.orig_p\tproto\tconn_state',
      'time\taddr\tport\tstring\taddr\tport\tenum\tstring',
    ),
    '1795514401.5\t2001:db8::1\t53\tCb2\t2001:db8::2\t53000\tudp\tS0',
  ]);
  const lines = await host.untilLines(2);

  const [first, second] = await events(lines, policyOf({ trim: [{ source: 'app', format: 'zeek', drop: ['history', 'id.orig_p'] }] }));

  expect(first).toMatchObject({
    '@timestamp': '2026-11-24T10:00:00.123Z',
    'event.module': 'zeek',
    'event.dataset': 'zeek.conn',
    'zeek.session_id': 'Ca1',
    'source.ip': '192.0.2.10',
    'destination.ip': '198.51.100.9',
    'destination.port': 443,
    'network.transport': 'tcp',
    'network.protocol': 'ssl',
    'event.outcome': 'success',
  });
  expect(first).not.toHaveProperty('source.port');
  expect(first).not.toHaveProperty('zeek.connection.history');
  expect(second).toMatchObject({
    'source.ip': '2001:db8::2',
    'destination.ip': '2001:db8::1',
    'destination.port': 53,
    'network.transport': 'udp',
  });
});

test('two programs started at once, told by the audit daemon mixed, are two events with their own arguments', async () => {
  const of = (serial: number, type: string, more: string): string => `type=${type} msg=audit(1795514400.149:${serial}): ${more}`;
  const syscall = (serial: number, pid: number): string =>
    of(
      serial,
      'SYSCALL',
      `arch=c000003e syscall=59 success=yes exit=0 ppid=1 pid=${pid} auid=1000 uid=0 comm="sh" exe="/bin/dash"\x1dARCH=x86_64 SYSCALL=execve AUID="ana" UID="root"`,
    );
  append('audit.log', [
    syscall(14, 100),
    of(14, 'EXECVE', 'argc=3 a0="sh" a1="-c" a2=6563686F2024504154483E2F746D702F78'),
    syscall(15, 101),
    of(15, 'EXECVE', 'argc=2 a0="id" a1="-u"'),
    of(14, 'PROCTITLE', 'proctitle=7368002D63'),
    of(15, 'PROCTITLE', 'proctitle=6964002D75'),
  ]);
  host.start(['audit.log'], { records: 'audit' });
  const lines = await host.untilLines(2);

  const policy = policyOf({
    trim: [{ source: 'app', format: 'key-value', drop: ['arch', 'proctitle'] }],
    filter: [{ keep: { where: { type: 'EXECVE' } } }],
  });
  const [first, second] = await events(lines, policy);

  expect(first).toMatchObject({
    'event.action': 'executed',
    'process.pid': 100,
    'process.command_line': 'sh -c echo $PATH>/tmp/x',
    'process.args': ['sh', '-c', 'echo $PATH>/tmp/x'],
    'user.name': 'root',
    'auditd.login_user': 'ana',
  });
  expect(first).not.toHaveProperty('process.title');
  expect(second).toMatchObject({ 'process.pid': 101, 'process.command_line': 'id -u', 'auditd.sequence': '15' });
});

test('a packet that nftables logs to the kernel is an event at the time when the kernel saw it', async () => {
  const record = parseKernelRecord(
    Buffer.from(
      '4,1234,5250000,-;nft-drop: IN=eth0 OUT= MAC=52:54:00:aa:bb:cc:52:54:00:dd:ee:ff:08:00 SRC=203.0.113.7 DST=192.0.2.10 LEN=40 TTL=245 PROTO=TCP SPT=41000 DPT=23 SYN URGP=0\n',
    ),
  );
  const zeroUs = Date.UTC(2026, 10, 24, 9) * 1_000;

  const [event] = await events([kernelLine(record!, { host: 'fw1', zeroUs })], policyOf({}));

  expect(event).toMatchObject({
    '@timestamp': '2026-11-24T09:00:05.250Z',
    'host.name': 'fw1',
    'event.action': 'packet_denied',
    'source.ip': '203.0.113.7',
    'source.mac': '52-54-00-DD-EE-FF',
    'destination.port': 23,
    'log.level': 'warning',
  });
});
