// A hub that takes, journals with fsync, acknowledges and forgets: what an agent is measured against. Its own process.
// Made of the real rooms (authority, roster, tokens, agents' port, gateway, journal); what is missing is everything behind
// the journal, so that the agent and not the hub is what a figure speaks of. Tells its parent what is committed.
// Started by fork: `sink-hub.ts FOLDER`, ends when the parent disconnects.
import { once } from 'node:events';
import { join } from 'node:path';
import { attachRelay } from '../../hub/gateway/attach-relay.ts';
import { Gateway } from '../../hub/gateway/gateway.ts';
import { createAgentsServer, peerOf } from '../../hub/fleet/agents-port.ts';
import { openAuthority } from '../../hub/fleet/authority.ts';
import { Roster } from '../../hub/fleet/roster.ts';
import { TokenDesk } from '../../hub/fleet/tokens.ts';
import { LevelJournal } from '../../hub/journal/level-journal.ts';
import type { Journal } from '../../hub/ports.ts';
import { openLevelState } from '../../hub/state/open-level-state.ts';
import { levelDisk } from '../../proto/durable/level-disk.ts';
import { systemClock as clock, systemRandom as random } from '../../proto/runtime/clock.ts';

/** What the parent hears. */
export type SinkWord =
  | { readonly is: 'ready'; readonly port: number; readonly tokens: readonly string[] }
  | {
      readonly is: 'committed';
      readonly lines: number;
      readonly batches: number;
      readonly atMs: number;
      /** When the first batch of all had come, whole. */
      readonly firstMs: number;
    };

const tokensMade = 16;
const tellIntervalMs = 5;

const [folder] = process.argv.slice(2);
if (folder === undefined || process.send === undefined) throw new Error('sink-hub is started by the bench, with a folder');
const stop = new AbortController();
process.on('disconnect', () => stop.abort());
process.on('SIGINT', () => undefined);

let firstMs = 0;
const quiet = { debug: () => undefined, info: () => undefined, warn: say, error: say };
const state = await openLevelState({ folder: join(folder, 'state') });
const authority = await openAuthority({ folder: join(folder, 'authority'), clock, random, agentLifeMs: 86_400_000 });
const roster = await Roster.open(state, clock);
const tokens = new TokenDesk({ state, clock, random, fingerprint: authority.fingerprint });
const journal = await LevelJournal.open({ disk: levelDisk(), folder: join(folder, 'journal'), clock });
const identity = await authority.serverIdentity(['localhost', '127.0.0.1']);
const server = createAgentsServer({ authority, identity, roster, tokens, clock, log: quiet, renewalGraceMs: 0 });
const ids = { hubId: random.bytes(16), incarnation: random.bytes(16) };
const gateway = new Gateway({ journal: forgetting(journal), clock, log: quiet, ...ids, credit: () => 1 });
attachRelay(server, { peerOf: (request) => peerOf(request, roster), gateway, log: quiet, signal: stop.signal });
server.listen(0, '127.0.0.1');
await once(server, 'listening');

const made = await Promise.all(Array.from({ length: tokensMade }, () => tokens.create({ by: 'bench' })));
const address = server.address();
tell({ is: 'ready', port: typeof address === 'object' && address ? address.port : 0, tokens: made.map(({ token }) => token) });
const telling = tellCommitted();
await gateway.run(stop.signal);
await telling;
await journal.close();
await state.close();
process.exit(0);

/** Frees what was written as soon as it is durable, as if it were stored at once. */
function forgetting(real: LevelJournal): Journal {
  return {
    append: async (entries) => {
      firstMs ||= entries[0]?.receivedAtMs ?? 0;
      const appended = await real.append(entries);
      if (appended.write > 0) await real.free(appended.write);
      return appended;
    },
    read: (from, signal) => real.read(from, signal),
    free: (upTo) => real.free(upTo),
    laneMarks: (agentId) => real.laneMarks(agentId),
    streamMarks: (agentId) => real.streamMarks(agentId),
    beginEpoch: (agentId, lane, epoch) => real.beginEpoch(agentId, lane, epoch),
    status: () => real.status(),
    close: () => real.close(),
  };
}

async function tellCommitted(): Promise<void> {
  let told = 0;
  while (!stop.signal.aborted) {
    const agents = gateway.agents();
    const batches = agents.reduce((sum, agent) => sum + agent.batches, 0);
    const lines = agents.reduce((sum, agent) => sum + agent.lines, 0);
    if (batches > told) tell({ is: 'committed', lines, batches, atMs: Date.now(), firstMs });
    told = batches;
    await clock.sleep(tellIntervalMs, stop.signal).catch(() => undefined);
  }
}

function tell(word: SinkWord): void {
  if (process.connected) process.send?.(word);
}

function say(fields: object, text: string): void {
  process.stderr.write(`sink hub: ${text} ${JSON.stringify(fields)}\n`);
}
