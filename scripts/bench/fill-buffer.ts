// A backlog in an agent's buffer, written by the agent's own buffer code: a few sealed batches, over and over.
// Promises: the folder is as an agent would have left it that read for hours without a hub. The content repeats, which
// neither the buffer nor the uplink looks at; its bytes are those of real batches.
import { loadAgentConfig } from '../../config/agent-config.ts';
import { Sealer } from '../../agent/buffer/sealer.ts';
import { openBuffers } from '../../agent/open-buffers.ts';
import type { SealedBody } from '../../agent/ports.ts';
import { systemClock as clock, systemRandom as random } from '../../proto/runtime/clock.ts';
import type { AgentHome } from './agent-program.ts';
import { blockOf } from './line-blocks.ts';
import type { BenchWish } from './scenario.ts';
import { streamOf } from './stream/mixed-stream.ts';

export interface Backlog {
  readonly bytes: number;
  readonly lines: number;
  readonly batches: number;
}

const linesSealed = 60_000;
const linesABlock = 300;

export async function fillBuffer(home: AgentHome, wish: Pick<BenchWish, 'seed' | 'backlogMegabytes'>): Promise<Backlog> {
  const bodies = await sealedBodies(wish.seed);
  const buffers = await openBuffers(loadAgentConfig(home.config), { dataFolder: home.data, clock, random });
  const lane = buffers.get('normal');
  if (!lane) throw new Error('the agent has no lane to fill');
  const never = new AbortController().signal;
  let [bytes, lines, batches] = [0, 0, 0];
  while (bytes < wish.backlogMegabytes * 1_000_000) {
    const body = bodies[batches % bodies.length];
    if (!body) throw new Error('nothing was sealed');
    await lane.append(body, never);
    bytes += body.body.length;
    lines += body.lineCount;
    batches++;
  }
  for (const buffer of buffers.values()) await buffer.close();
  return { bytes, lines, batches };
}

async function sealedBodies(seed: number): Promise<readonly SealedBody[]> {
  const stream = { sourceId: 'eve', streamId: 'backlog', file: undefined, path: '', typeHint: '', timeZone: '', labels: {} };
  const sealer = new Sealer({ policyHash: new Uint8Array(32), level: 1 }, []);
  const sealings: Promise<readonly SealedBody[]>[] = [];
  const lines = streamOf('suricata', { seed, startMs: Date.now(), stepMs: 1 });
  let at = { offset: 0, lineNumber: 0 };
  for (let done = 0; done < linesSealed; done += linesABlock) {
    const taken = Array.from({ length: linesABlock }, () => lines.next().value ?? '');
    const { block, kept } = blockOf(taken, { stream, readAtMs: Date.now(), ...at });
    sealings.push(...sealer.add(block, kept));
    at = { offset: block.endOffset, lineNumber: block.endLineNumber };
  }
  sealings.push(...sealer.seal());
  const sealed = await Promise.all(sealings);
  return sealed.flat();
}
