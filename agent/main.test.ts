// The agent as its users start it: real processes, real files, exit codes and texts.
import 'reflect-metadata';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHmac, createPrivateKey, createPublicKey } from 'node:crypto';
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as x509 from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ownKey, storeEnrolment } from './control/identity.ts';
import { askLocal } from '../proto/runtime/local-socket.ts';

const program = new URL('main.ts', import.meta.url).pathname;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'agent-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function call(args: readonly string[], input: string | Buffer = ''): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { input, cwd: folder, maxBuffer: 64 * 1024 * 1024 });
  return { code: status, out: stdout.toString('latin1'), err: stderr.toString() };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const policyText = `kind: Policy
version: 1
sources:
  - { id: ids, type: file, paths: ["/var/log/ids/eve.json"] }
  - { id: web, type: file, paths: ["/var/log/web/*.log"] }
filter:
  - drop: { source: ids, where: { event_type: stats } }
trim:
  - { source: ids, format: json, drop: [payload, "flow.start"] }
`;

describe('a wrong call or configuration ends with 2 and one message that says what to do', () => {
  test.each([
    [[], /a command is missing; try: atalaia-agent help/],
    [['rnu'], /there is no command "rnu"; did you mean run\?/],
    [['status', '--colour'], /Unknown option '--colour'.*usage: status/],
    [['validate'], /name one file; usage: validate FILE/],
    [['validate', 'absent.yaml'], /absent.yaml: cannot read the document: there is no such file/],
    [['run', '--config', 'bad.yaml'], /bad.yaml:2:1: unknown key `bufer`; did you mean `buffer`\?/],
    [['validate', 'bad.yaml'], /bad.yaml:2:1: unknown key `bufer`/],
    [['trim', '--policy', 'policy.yaml'], /say which source with --source; known: ids, web/],
    [['trim', '--policy', 'policy.yaml', '--source', 'dns'], /there is no source dns in the policy/],
    [['enroll', '--hub', 'wss://127.0.0.1:1'], /--token-file is missing/],
    [['enroll', '--hub', 'wss://127.0.0.1:1', '--token-file', '-'], /standard input: holds no token/],
    [['run', '--config', 'good.yaml', '--data', 'empty'], /has not enrolled.*atalaia-agent enroll --hub URL --token-file F/],
    [['run', '--data', 'empty'], /there is no configuration: write .* or name one with --config FILE/],
  ])('%j', (args, message) => {
    file('bad.yaml', 'version: 1\nbufer: {}\n');
    file('good.yaml', 'version: 1\n');
    file('policy.yaml', policyText);

    const { code, out, err } = call(args);

    expect(err).toMatch(message);
    expect({ code, out, lines: err.trimEnd().split('\n').length }).toEqual({ code: 2, out: '', lines: 1 });
  });
});

test('every command explains itself, and the version is that of the package', () => {
  const shipped: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const { code, out } = call(['--help']);

  expect(code).toBe(0);
  for (const name of ['run', 'enroll', 'validate', 'status', 'tap', 'test', 'trim', 'buffer', 'doctor', 'discover', 'completion']) {
    expect(out).toContain(`  ${name} `.trimEnd());
    expect(call([name, '--help'])).toMatchObject({ code: 0, out: expect.stringContaining(`atalaia-agent ${name}`), err: '' });
  }
  expect(shipped).toMatchObject({ version: call(['--version']).out.trim() });
  // One process each, one after the other.
}, 120_000);

test('validate says what a right document holds', () => {
  const { code, out } = call(['validate', file('policy.yaml', policyText)]);

  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    ok: true,
    kind: 'policy',
    sources: [{ id: 'ids' }, { id: 'web' }],
    policyHash: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

test('trim prints what would be shipped, byte for byte, and what each field saves', () => {
  const lines = [
    '{"event_type":"stats"}',
    '{"event_type":"alert", "payload":"xyz","flow":{"start":"t","age":1}}',
    'not json \xff\0',
    '{"payload":1}',
  ];
  const input = Buffer.from(`${lines.join('\n')}\r\n${'z'.repeat(1_100_000)}\nlast, without an end`, 'latin1');

  const { code, out, err } = call(['trim', '--policy', file('policy.yaml', policyText), '--source', 'ids'], input);

  const shipped = ['{"event_type":"alert","flow":{"age":1}}', 'not json \xff\0', '{}', 'z'.repeat(1024 * 1024), 'last, without an end', ''];
  expect(code).toBe(0);
  expect(out === shipped.join('\n')).toBe(true);
  expect(err).toMatch(/lines 6 read, 1 filtered, 5 shipped/);
  expect(err).toMatch(/3 lines were not in the format/);
  expect(err).toMatch(/bytes in +2 lines {2}drop payload\n +12 bytes in +1 lines {2}drop flow.start/);
});

test('trim joins the lines of one record first, as the source says', () => {
  const policy = `kind: Policy
version: 1
sources: [{ id: app, type: file, paths: ["/var/log/app.log"], multiline: { start: '^\\d' } }]
filter: [{ drop: { where: { "text|contains": "at b" } } }]
`;

  const { out, err } = call(['trim', '--policy', file('policy.yaml', policy)], Buffer.from('1 fine\n at a\n2 odd\n at b\n3 last\n half'));

  expect(out).toBe('1 fine\n at a\n3 last\n half\n');
  expect(err).toMatch(/lines 3 read, 1 filtered, 2 shipped/);
});

test('trim tells what every operation does and why lines were dropped', () => {
  const key = file('key', 'k'.repeat(32));
  chmodSync(key, 0o600);
  const policy = `kind: Policy
version: 1
sources: [{ id: fw, type: file, paths: ["/var/log/fw.log"] }]
filter:
  - collapse: { within: 1h, by: [SRC, DPT] }
  - limit: { by: [SRC], lines: 2, per: 1h }
trim:
  - { source: fw, format: key-value, keep: [SRC, DPT, USER, MSG], mask: { fields: [USER] }, shorten: { fields: [MSG], bytes: 4 } }
  - { source: fw, format: key-value, pseudonymise: { fields: [SRC], keyFile: ${key} } }
`;
  const lines = [1, 1, 2, 3].map((port) => `SRC=192.0.2.7 DPT=${port} USER=a MSG=abcdef TTL=9\n`);

  const { code, out, err } = call(['trim', '--policy', file('policy.yaml', policy)], Buffer.from(lines.join('')));

  const pseudonym = createHmac('sha256', 'k'.repeat(32)).update('192.0.2.7').digest('hex').slice(0, 16);
  expect(code).toBe(0);
  expect(out).toBe([1, 2].map((port) => `SRC=${pseudonym} DPT=${port} USER=*** MSG=abcd\n`).join(''));
  expect(err).toMatch(/lines 4 read, 1 collapsed, 1 limited, 2 shipped/);
  expect(err).toMatch(
    /24 bytes in +4 lines {2}keep SRC, DPT, USER, MSG\n +8 bytes .*shorten MSG\n +-8 bytes .*mask USER\n +-28 .*pseudonymise SRC/,
  );
});

test('status of a folder without an agent ends with 1 and says how to start one', () => {
  const { code, err } = call(['status', '--data', folder]);

  expect(code).toBe(1);
  expect(err).toMatch(/no agent runs on .*; start one with `atalaia-agent run`/);
});

/** An enrolment as a hub would have given it, for a hub that is not there. */
async function enrolled(data: string): Promise<void> {
  mkdirSync(data, { recursive: true });
  await ownKey(data);
  const key = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const own = readFileSync(join(data, 'identity', 'agent.key'), 'utf8');
  const publicKey = await crypto.subtle.importKey(
    'spki',
    new Uint8Array(createPublicKey(createPrivateKey(own)).export({ format: 'der', type: 'spki' })),
    { name: 'ECDSA', namedCurve: 'P-256' },
    true,
    ['verify'],
  );
  const dates = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 86_400_000) };
  const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' };
  const made = await x509.X509CertificateGenerator.create({
    subject: 'CN=agent',
    issuer: 'CN=hub',
    publicKey,
    signingKey: key.privateKey,
    signingAlgorithm,
    ...dates,
  });
  await storeEnrolment(data, { hub: 'wss://127.0.0.1:1', certificate: made.toString('pem'), authority: made.toString('pem'), pins: [] });
}

describe('an agent whose hub cannot be reached', () => {
  const running: ChildProcess[] = [];
  afterAll(() => running.forEach((child) => child.kill('SIGKILL')));

  function start(args: readonly string[]): { child: ChildProcess; log: () => string; ended: Promise<number | null> } {
    const child = spawn(process.execPath, [program, 'run', ...args], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    running.push(child);
    let log = '';
    child.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()));
    return { child, log: () => log, ended: new Promise((resolve) => child.once('exit', (code) => resolve(code))) };
  }

  async function untilStatus(
    data: string,
    fact: (status: Record<string, never>) => boolean,
    log: () => string,
  ): Promise<Record<string, never>> {
    for (let attempt = 0; attempt < 400; attempt++) {
      const status = await askLocal(data, { program: 'agent', ask: 'status' }).catch(() => undefined);
      // Our own process answered: its shape is what the expectations look at.
      if (status !== undefined && fact(status as Record<string, never>)) return status as Record<string, never>;
      await delay(50);
    }
    throw new Error(`not seen; log: ${log()}`);
  }

  test('buffers calmly, tells its state, stops cleanly and goes on where it was', async () => {
    const data = join(folder, 'data');
    const log = join(folder, 'app.log');
    await enrolled(data);
    const policy = `{ kind: Policy, version: 1, sources: [{ id: app, type: file, paths: ["${log}"], startAt: start }] }`;
    const config = file('agent.yaml', `version: 1\nfence: { paths: ["${folder}/**"] }\npolicy: ${policy}\n`);
    const buffered = (count: number) => (status: Record<string, never>) => JSON.stringify(status['lanes']).includes(`"lines":${count}}`);
    appendFileSync(log, 'secret one\nsecret two\n');

    const first = start(['--config', config, '--data', data]);
    const status = await untilStatus(data, buffered(2), first.log);
    const second = call(['run', '--config', config, '--data', data]);
    const inspected = call(['buffer', 'inspect', '--data', data]);
    const refused = call(['tap', '--stage', 'read', '--data', data]);
    const tap = spawn(process.execPath, [program, 'tap', '--source', 'app', '--where', 'tapped', '--count', '1', '--data', data], {
      cwd: folder,
    });
    running.push(tap);
    let tapped = '';
    tap.stdout.on('data', (chunk: Buffer) => (tapped += chunk.toString()));
    const tapEnded = new Promise((resolve) => tap.once('exit', resolve));
    for (let i = 0; i < 200 && !first.log().includes('tap opened'); i++) await delay(50);
    appendFileSync(log, 'not this\ntapped \x1b]0;owned\x07\n');
    await tapEnded;
    first.child.kill('SIGTERM');
    const code = await first.ended;
    const offline = call(['buffer', 'inspect', '--data', data, '--config', config]);
    appendFileSync(log, 'secret three\n');
    const again = start(['--config', config, '--data', data]);
    const later = await untilStatus(data, (told) => JSON.stringify(told['lanes']).includes('"lines":5}'), again.log);
    again.child.kill('SIGINT');

    expect(code).toBe(0);
    expect(await again.ended).toBe(0);
    expect(status).toMatchObject({ read: { lines: 2 }, lanes: [{ lane: 'normal', batches: 1, committed: { sequence: 0 } }], lagBytes: 0 });
    expect(status).toMatchObject({
      sources: [{ sourceId: 'app', linesRead: 2, problem: '' }],
      positions: [{ path: log, offset: 22, lineNumber: 2 }],
    });
    expect(later).toMatchObject({ read: { lines: 1 }, positions: [{ offset: 62, lineNumber: 5 }] });
    expect(second).toMatchObject({ code: 1, err: expect.stringMatching(/in use|already|another/i) });
    for (const [{ code: answer, out }, batches] of [
      [inspected, 1],
      [offline, 2],
    ] as const)
      expect([answer, JSON.parse(out)]).toMatchObject([0, { lane: 'normal', batches }]);
    expect(tapped).toBe('tapped \\x1b]0;owned\\x07\n');
    expect(refused).toMatchObject({ code: 1, err: expect.stringMatching(/control.tap of this agent is trimmed; set it to all/) });
    expect(first.log()).toMatch(/"agent started".*"uplink: .*could not connect.*"agent stopped"/s);
    expect(first.log() + again.log()).not.toContain('secret');
  }, 60_000);

  test('seals what waits and keeps the originals: killed, neither shows a line without the key, and with it both are whole', async () => {
    const data = join(folder, 'sealed');
    await enrolled(data);
    const key = file('buffer.key', '5e'.repeat(32));
    chmodSync(key, 0o600);
    const log = join(folder, 'sealed.log');
    const source = `{ id: app, type: file, paths: ["${log}"], startAt: start, originals: { keep: 1h, maxBytes: 1MiB } }`;
    const policy = `{ kind: Policy, version: 1, sources: [${source}], trim: [{ source: app, format: json, drop: [password] }] }`;
    const configText = (buffer: string): string => `version: 1\nbuffer: ${buffer}\nfence: { paths: ["${folder}/**"] }\npolicy: ${policy}\n`;
    const config = file('sealed.yaml', configText(`{ encryption: { keyFile: ${key} } }`));
    const places = ['--data', data, '--config', config];
    const lines = ['{"user":"ana","password":"hunter2"}', '{"user":"bob","password":"hunter3"}'];
    appendFileSync(log, `${lines.join('\n')}\n`);

    const agent = start(places);
    await untilStatus(
      data,
      (status) => JSON.stringify([status['lanes'], status['originals']]).match(/"lines":2}.*"linesKept":2/) !== null,
      agent.log,
    );
    const running = call(['buffer', 'export', '--format', 'raw', ...places]);
    agent.child.kill('SIGKILL');
    await agent.ended;
    const stopped = call(['buffer', 'export', '--format', 'raw', ...places]);
    const originals = call(['originals', '--source', 'app', '--format', 'raw', ...places]);
    const onDisk = readdirSync(data, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const written = onDisk.map(({ parentPath, name }) => readFileSync(join(parentPath, name)).toString('latin1')).join('');
    const keyless = call(['run', '--data', data, '--config', file('keyless.yaml', configText('{}'))]);

    for (const { code, out } of [running, stopped]) expect([code, out]).toEqual([0, '{"user":"ana"}\n{"user":"bob"}\n']);
    expect([originals.code, originals.out]).toEqual([0, `${lines.join('\n')}\n`]);
    for (const secret of ['hunter', '"user"', 'sealed.log']) expect(written).not.toContain(secret);
    expect([keyless.code, keyless.err]).toEqual([2, expect.stringMatching(/is sealed with key [0-9a-f]{16}, which was not given/)]);
  }, 60_000);

  test('takes a changed policy on SIGHUP, and keeps the one in force when the new one is not good', async () => {
    const data = join(folder, 'reloaded');
    await enrolled(data);
    const write = (sources: string): string =>
      file(
        'reloaded.yaml',
        `version: 1\nfence: { paths: ["${folder}/**"] }\npolicy: { kind: Policy, version: 1, sources: [${sources}] }\n`,
      );
    const sourceOf = (id: string): string => `{ id: ${id}, type: file, paths: ["${join(folder, id)}.log"], startAt: start }`;
    const has = (count: number) => (status: Record<string, never>) =>
      JSON.stringify(status['sources']).split('sourceId').length === count + 1;
    const config = write(sourceOf('one'));
    const agent = start(['--config', config, '--data', data]);
    await untilStatus(data, has(1), agent.log);

    write(`${sourceOf('one')}, ${sourceOf('two')}`);
    agent.child.kill('SIGHUP');
    await untilStatus(data, has(2), agent.log);
    write('{ id: three }');
    agent.child.kill('SIGHUP');
    const kept = await untilStatus(data, () => agent.log().includes('the earlier one stays in force'), agent.log);
    agent.child.kill('SIGTERM');

    expect(kept['sources']).toMatchObject([{ sourceId: 'one' }, { sourceId: 'two' }]);
    expect(await agent.ended).toBe(0);
  }, 60_000);
});
