// The engine's process: chDB with one writer connection and separate readers on the same folder (DESIGN.md 4).
// Promises: statements of one lane run in the order given, lanes beside each other; readers cannot change or read
// anything but the tables; while intake is behind they get a share of the machine only; it dies at once when the channel to the hub closes, whatever it is doing, so that no insert
// outlives the hub that asked for it. Signals of a terminal or a service manager are the hub's business.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Session } from 'chdb';
import { systemClock } from '../../../proto/runtime/clock.ts';
import { ticks } from '../../../proto/runtime/ticks.ts';
import type { EngineLane, FromEngine, ReaderLimits, ToEngine } from './messages.ts';
import { takeOver } from './pid-file.ts';
import { SearchGate } from './search-gate.ts';
import { removeTornMutations } from './torn-mutations.ts';
import { WholeParts, writtenParts, type WrittenPart } from './whole-parts.ts';

const [folder = '', readersText = '1', limitsText = '{}'] = process.argv.slice(2);
// Our own parent wrote it; it is checked by what the engine makes of it.
const limits = JSON.parse(limitsText) as ReaderLimits;
interface Lane {
  session: Session;
  last: Promise<void>;
  readonly settings: readonly string[];
}
const lanes = new Map<EngineLane | 'gate' | 'parts', Lane>();
const wholeParts = new WholeParts();
/** Merges are nobody's statement: what they wrote is looked at this often. */
const examineMs = 2_000;
const gate = new SearchGate({ clock: systemClock, cores: availableParallelism(), hold: holdReaders });
/** A statement stands still, block of rows by block of rows, while one of a lower number runs; inserts have none and never do. */
const priority = { gate: 1, search: 2 };

process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('SIGHUP', () => undefined);
process.on('disconnect', die);
process.on('message', (message: ToEngine) => receive(message));
await open();
if (!process.connected) die();

async function open(): Promise<void> {
  try {
    await takeOver(folder, systemClock);
    removeTornMutations(join(folder, 'engine'));
    const common = 'SET output_format_json_quote_64bit_integers = 0';
    for (const lane of ['writer', 'control'] as const) addLane(lane, [common]);
    addLane('gate', [`SET priority = ${priority.gate}`]);
    addLane('parts', [common]);
    for (let reader = 0; reader < Number(readersText); reader++) addLane(reader, [common, ...readerSettings(limits)]);
    void examineMerges();
    send({ is: 'ready' });
  } catch (error) {
    send({ is: 'refused', reason: reasonOf(error) });
  }
}

function addLane(lane: EngineLane | 'gate' | 'parts', settings: readonly string[]): void {
  lanes.set(lane, { session: connect(settings), last: Promise.resolve(), settings });
}

function connect(settings: readonly string[]): Session {
  const session = new Session(join(folder, 'engine'));
  for (const statement of settings) session.query(statement);
  return session;
}

// readonly comes last: from then on no statement can change a setting.
function readerSettings({ secondsMax, rowsMax, memoryBytesMax, resultBytesMax }: ReaderLimits): string[] {
  return [
    'SET max_threads = 1',
    `SET max_execution_time = ${secondsMax}, timeout_overflow_mode = 'break'`,
    `SET max_rows_to_read = ${rowsMax}, read_overflow_mode = 'break'`,
    `SET max_memory_usage = ${memoryBytesMax}`,
    `SET max_result_bytes = ${resultBytesMax}, result_overflow_mode = 'throw'`,
    `SET priority = ${priority.search}, low_priority_query_wait_time_ms = 1000`,
    'SET readonly = 1',
  ];
}

function receive(message: ToEngine): void {
  if (message.is === 'stop') die();
  else if (message.is === 'cancel') void cancel(message.id);
  else if (message.is === 'pace') gate.pace(message.isBehind);
  else {
    const lane = lanes.get(message.lane);
    if (!lane) return send({ is: 'failed', id: message.id, engineCode: 0, reason: `no lane ${message.lane}` });
    const { id, statement } = message;
    const isSearch = typeof message.lane === 'number';
    lane.last = lane.last.then(() => run(lane, id, { statement, isSearch }));
  }
}

async function run(lane: Lane, id: number, { statement, isSearch }: { statement: string; isSearch: boolean }): Promise<void> {
  const leave = isSearch ? gate.enter() : () => 0;
  try {
    const result = await lane.session.queryAsync(`${mark(id)} ${statement}`, { format: 'JSON' });
    if (isChange(statement)) await examineParts();
    send({ is: 'answer', id, text: result.text(), heldMs: leave() });
  } catch (error) {
    leave();
    renew(lane);
    send({ is: 'failed', id, engineCode: codeOf(error), reason: reasonOf(error) });
  }
}

function isChange(statement: string): boolean {
  return /^\s*(?:INSERT|ALTER)\b/.test(statement);
}

/** Says nothing of a statement whose rows are not on the disk: ends the process instead. */
async function examineParts(): Promise<void> {
  const parts = lanes.get('parts');
  if (!parts) return;
  const answer = await parts.session.queryAsync(writtenParts, { format: 'JSON' });
  // The engine's own answer to the statement above.
  const { data } = JSON.parse(answer.text()) as { readonly data: readonly WrittenPart[] };
  const torn = wholeParts.findTorn(data);
  if (torn === undefined) return;
  process.stderr.write(`the engine counts on a part that is not whole on the disk, and is ended: ${torn}\n`);
  die();
}

async function examineMerges(): Promise<void> {
  const { signal } = new AbortController();
  for await (const _ of ticks(examineMs, { clock: systemClock, signal })) await examineParts().catch(() => undefined);
}

/** While this statement runs no search goes on to its next block of rows. */
async function holdReaders(ms: number): Promise<void> {
  await lanes.get('gate')?.session.queryAsync(`SELECT sleep(${(ms / 1_000).toFixed(3)})`, { format: 'JSON' });
}

/**
 * chDB 3.4 keeps what a failed statement had begun to answer and puts it before the connection's next answer: one
 * person's rows before another's. So a connection that saw a failure is not used again.
 */
function renew(lane: Lane): void {
  try {
    lane.session.close();
    lane.session = connect(lane.settings);
  } catch {
    die(); // Without a clean connection nothing may be answered; the hub starts a new engine.
  }
}

async function cancel(id: number): Promise<void> {
  const control = lanes.get('control');
  if (!control) return;
  try {
    await control.session.queryAsync(`KILL QUERY WHERE startsWith(query, '${mark(id)}') ASYNC`);
  } catch {
    // The hub ends this process when a cancelled search does not stop in time.
  }
}

function mark(id: number): string {
  return `/* statement ${id} */`;
}

function codeOf(error: unknown): number {
  return error instanceof Error && 'clickhouseCode' in error ? Number(error.clickhouseCode) || 0 : 0;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 1_000) : String(error);
}

function send(message: FromEngine): void {
  // A channel that closed under us ends the process by 'disconnect'; the answer has nobody to go to.
  process.send?.(message, undefined, undefined, () => undefined);
}

/** No clean shutdown: it could wait for a running statement, and the store must survive a kill anyway. */
function die(): void {
  process.kill(process.pid, 'SIGKILL');
}
