// agent.peers: the agent and other collectors on the same file, one after the other in one run, nothing filtered or trimmed.
// Each sends to a receiver on loopback that acknowledges in its own way; measured from the start of the process until the
// receiver has the last line. What each promises is in its notes: the figures mean little without that.
// rsyslog runs where Debian's package is installed; other collectors with --peer 'COMMAND {file} {port}' (README.md).
import { spawnSync } from 'node:child_process';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeTestCertificates } from '../../proto/framing/testing/test-certificates.ts';
import { askLocal } from '../../proto/runtime/local-socket.ts';
import { agentConfigOf } from './agent-config.ts';
import { agentKinds, enrolled, runAgent } from './agent-program.ts';
import { writeInput, type InputFile } from './input-file.ts';
import { peerCommand, peerName } from './peers/peer-command.ts';
import { startPeer, sumOf, type PeerFigures } from './peers/peer-process.ts';
import { relpReceiver, relpSender, tlsSender } from './peers/rsyslog-configs.ts';
import { openReceiver } from './peers/run-receiver.ts';
import { openSink } from './run-sink.ts';
import { rounded, type BenchWish, type Scenario, type ScenarioResult } from './scenario.ts';
import { inScratchFolder } from './scratch-folder.ts';

export const peerScenarios: readonly Scenario[] = [{ name: 'agent.peers', run: comparePeers }];

/** One acknowledgement a message takes its time. */
const relpMsMax = 60_000;

interface Place {
  readonly folder: string;
  readonly input: InputFile;
}

async function comparePeers(wish: BenchWish): Promise<readonly ScenarioResult[]> {
  return inScratchFolder(wish.folder, async (folder) => {
    wish.tell(`agent.peers: writing ${wish.megabytes} MB of input …`);
    const logs = join(folder, 'logs');
    await mkdir(logs);
    const place = { folder, input: await writeInput(join(logs, 'eve.json'), wish, wish.megabytes) };
    const results: ScenarioResult[] = [];
    const measure = async (name: string, run: () => Promise<ScenarioResult>): Promise<void> => {
      wish.tell(`agent.peers: ${name} …`);
      results.push(await run());
    };
    await measure('atalaia', () => measureAgent(place, logs));
    await keepCertificates(folder);
    if (await hasRsyslog(folder)) {
      await measure('rsyslog over TLS', () => measureRsyslogTls(place));
      await measure('rsyslog over RELP', () => measureRsyslogRelp(place));
    } else {
      wish.tell('agent.peers: rsyslog is left out: no rsyslogd with omrelp here (Debian: rsyslog, rsyslog-openssl, rsyslog-relp)');
    }
    for (const command of wish.peers) await measure(command, () => measureCommand(place, command));
    return results;
  });
}

async function measureAgent({ folder, input }: Place, logs: string): Promise<ScenarioResult> {
  const sink = await openSink(join(folder, 'hub'));
  const isBuilt = agentKinds().some((kind) => kind.isBuilt);
  const home = await enrolled(folder, { isBuilt, hub: sink.url, token: sink.token(), config: agentConfigOf({ logs }) });
  const agent = runAgent(home);
  try {
    const tookMs = (await sink.committed(input.lines, agent.ended)) - agent.startedMs;
    const wireBytes = await bytesSentBy(home.data);
    const promise = 'fsynced buffer before the position moves; mutual TLS; acknowledged once the hub has fsynced; each line once; zstd';
    return resultOf(`agent.peers.atalaia${isBuilt ? '' : '.source'}`, input, { tookMs, wireBytes, promise, ...sumOf([agent.pid]) });
  } finally {
    await agent.stop();
    await sink.close();
  }
}

async function measureRsyslogTls({ folder, input }: Place): Promise<ScenarioResult> {
  const receiver = await openReceiver(folder);
  const config = tlsSender({ folder, input: input.path, port: receiver.port });
  const peer = await startRsyslog(folder, 'tls', config);
  try {
    const tookMs = (await receiver.received(input.lines, peer.ended)) - peer.startedMs;
    const promise = 'disk queue, not synced; mutual TLS; nothing acknowledges: what the kernel took counts as sent';
    return resultOf('agent.peers.rsyslog-tls', input, { tookMs, wireBytes: receiver.wireBytes(), promise, ...peer.figures() });
  } finally {
    await peer.stop();
    await receiver.close();
  }
}

async function measureRsyslogRelp({ folder, input }: Place): Promise<ScenarioResult> {
  const port = await freePort();
  const output = join(folder, 'relp-received.log');
  const receiver = await startRsyslog(folder, 'relp-receiver', relpReceiver({ folder, port }, output));
  const peer = await startRsyslog(folder, 'relp', relpSender({ folder, input: input.path, port }));
  try {
    const bytes = await grownTo(
      output,
      { bytes: input.bytes, untilMs: Date.now() + relpMsMax },
      AbortSignal.any([peer.ended, receiver.ended]),
    );
    const part = { ...input, bytes, lines: Math.round((input.lines * bytes) / input.bytes) };
    const tookMs = Date.now() - peer.startedMs;
    const promise =
      'disk queue, not synced; mutual TLS; each message acknowledged once the other rsyslog has passed it on, not synced' +
      (bytes < input.bytes ? `; ended after ${relpMsMax / 1_000} s with ${Math.round(bytes / 1e6)} MB` : '');
    return resultOf('agent.peers.rsyslog-relp', part, { tookMs, promise, ...peer.figures() });
  } finally {
    await peer.stop();
    await receiver.stop();
  }
}

async function measureCommand({ folder, input }: Place, command: string): Promise<ScenarioResult> {
  const { isTls, line } = await peerCommand(command, { file: input.path, folder });
  const receiver = await openReceiver(isTls ? folder : undefined);
  const peer = startPeer('/bin/sh', ['-c', `exec ${await line(receiver.port)}`]);
  try {
    const tookMs = (await receiver.received(input.lines, peer.ended)) - peer.startedMs;
    const told = {
      tookMs,
      wireBytes: receiver.wireBytes(),
      promise: `as its own configuration says: ${withoutFolders(command)}`,
      ...peer.figures(),
    };
    return resultOf(`agent.peers.${peerName(command)}`, input, told);
  } finally {
    await peer.stop();
    await receiver.close();
  }
}

interface Told extends PeerFigures {
  readonly tookMs: number;
  readonly wireBytes?: number;
  readonly promise: string;
}

function resultOf(
  scenario: string,
  input: InputFile,
  { tookMs, wireBytes, promise, cpuSeconds, peakRssMb, writtenMb }: Told,
): ScenarioResult {
  const share = (bytes: number): string => `${rounded(bytes / input.bytes)} bytes`;
  const wire = wireBytes === undefined ? '' : `${share(wireBytes)} on the wire and `;
  return {
    scenario,
    mb_per_s: rounded(input.bytes / 1_000 / tookMs),
    events_per_s: Math.round((input.lines / tookMs) * 1_000),
    cpu_s_per_gb: rounded((cpuSeconds / input.bytes) * 1e9),
    cpu_us_per_event: rounded((cpuSeconds / input.lines) * 1e6),
    rss_mb: Math.round(peakRssMb),
    notes: `${promise}; ${wire}${share(writtenMb * 1e6)} to the disk for each byte read`,
  };
}

async function startRsyslog(folder: string, name: string, config: string): Promise<ReturnType<typeof startPeer>> {
  // imfile keeps there how far it has read: nothing of an earlier run may stay.
  if (!name.endsWith('receiver')) await rm(join(folder, 'spool'), { recursive: true, force: true });
  for (const each of ['spool', 'received']) await mkdir(join(folder, each), { recursive: true });
  const file = join(folder, `${name}.conf`);
  await writeFile(file, config);
  return startPeer('rsyslogd', ['-n', '-f', file, '-i', join(folder, `${name}.pid`)]);
}

/** With all modules that are wanted: a module that is absent fails the check of a configuration. */
async function hasRsyslog(folder: string): Promise<boolean> {
  const file = join(folder, 'check.conf');
  await writeFile(file, 'module(load="omrelp")\n*.* /dev/null\n');
  return spawnSync('rsyslogd', ['-N1', '-f', file]).status === 0;
}

async function keepCertificates(folder: string): Promise<void> {
  const { ca, server, client } = await makeTestCertificates({ type: 'ip', value: '127.0.0.1' });
  const files = { 'ca.pem': ca, 'server.pem': server.cert, 'server.key': server.key, 'client.pem': client.cert, 'client.key': client.key };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text, { mode: 0o600 });
}

async function bytesSentBy(data: string): Promise<number> {
  const status = await askLocal(data, { program: 'agent', ask: 'status', wish: undefined });
  const found = /"bytesSent":(\d+)/.exec(JSON.stringify(status));
  return Number(found?.[1] ?? Number.NaN);
}

/** Bytes that the file has when it is as long as wanted, or when the time is over. */
async function grownTo(
  path: string,
  { bytes, untilMs }: { readonly bytes: number; readonly untilMs: number },
  signal: AbortSignal,
): Promise<number> {
  for (;;) {
    signal.throwIfAborted();
    const { size } = await stat(path).catch(() => ({ size: 0 }));
    if (size >= bytes || Date.now() > untilMs) return size;
    await delay(20);
  }
}

/** Results are kept and compared: where programs lie on one machine is no part of them. */
function withoutFolders(command: string): string {
  return command.replaceAll(/(?<=^|[\s=])\/(?:[^\s/]+\/)+/g, '');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === 'object' && address ? address.port : 0;
}
