// `npm run demo`: an attack played through a real agent into a real hub, in a folder of its own, with a receiver of
// webhooks beside it. Says what became of it and where to look, and stays up until Ctrl-C; with --once it ends then, with
// exit 0 only when everything that was expected has happened.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connectReceiver } from './demo/connect-receiver.ts';
import { countAlerts, readOutcome, type Outcome } from './demo/outcome.ts';
import { Narrator } from './demo/narrator.ts';
import type { Receiver } from './demo/receiver.ts';
import { castOf, sources, story, type Scene, type SourceName } from './demo/story.ts';
import { storyBegin, tellScenes } from './demo/tell-scenes.ts';
import { startLocalSite, type LocalSite } from './programs/local-site.ts';
import { hubStatus } from './programs/site.ts';
import { freePort } from './start/free-port.ts';
import { openProgramLog } from './start/program-log.ts';

const help = `npm run demo [-- OPTIONS]

Plays an attack through a real agent into a real hub and shows what they make of it.

  --data FOLDER   everything that is kept (.atalaia-demo of this checkout); a second run goes on with it and tells the story
                  again with another attacker. Nothing is removed without --fresh
  --fresh         removes what an earlier demo left in the folder, first
  --port N        the console's port on 127.0.0.1 (7490, or the next that is free)
  --seconds N     how long the telling takes (20)
  --once          ends when the story is told: exit 0 only when everything that was expected has happened

Ctrl-C stops everything.
`;

const outcomeMsMax = 60_000;
const lookMs = 500;
const marker = 'demo.txt';

interface Options {
  readonly folder: string;
  readonly port: string | undefined;
  readonly tellMs: number;
  readonly isFresh: boolean;
  readonly isOnce: boolean;
}

function readOptions(): Options | undefined {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({ options: { data: text, port: text, seconds: text, fresh: flag, once: flag, help: flag }, strict: true });
  if (values.help) return undefined;
  const seconds = Number(values.seconds ?? 20);
  if (!(seconds >= 1 && seconds <= 720)) throw new Error(`--seconds ${values.seconds}: expected a number from 1 to 720`);
  const folder = resolve(values.data ?? join(import.meta.dirname, '..', '.atalaia-demo'));
  return { folder, port: values.port, tellMs: seconds * 1_000, isFresh: values.fresh, isOnce: values.once };
}

/** Ours is what an earlier demo marked, or what is not there yet: anything else is somebody's. */
async function openFolder({ folder, isFresh }: Options): Promise<void> {
  if ((await hubStatus(join(folder, 'hub'))) !== undefined)
    throw new Error(`a hub runs in ${folder} already; stop it, or name another folder with --data`);
  const isOurs = existsSync(join(folder, marker));
  if (isFresh && existsSync(folder)) {
    if (!isOurs) throw new Error(`--fresh: ${folder} was not made by the demo; remove it yourself if it is meant`);
    rmSync(folder, { recursive: true });
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const what = 'Made by npm run demo: the logs of its story and the data of its hub and agent. npm run demo -- --fresh removes it.\n';
  if (!existsSync(join(folder, marker))) writeFileSync(join(folder, marker), what, { flag: 'wx' });
}

async function demo(options: Options, signal: AbortSignal): Promise<boolean> {
  const { folder, port, isOnce } = options;
  await openFolder(options);
  const narrator = new Narrator((text) => console.log(text));
  narrator.begin(folder);
  const consolePort = await freePort(port, 7_490, '--port');
  const files = filesIn(folder);
  const logs = { hub: openProgramLog(folder, 'hub'), agent: openProgramLog(folder, 'agent') };
  const site = await startLocalSite({
    folder,
    files: sources.map((id) => ({ id, path: files[id] })),
    console: `127.0.0.1:${consolePort}`,
    onLog: (program, line) => logs[program](line),
  });
  let receiver: Receiver | undefined;
  try {
    receiver = await connectReceiver(folder, site.hubData);
    narrator.ready(site.status.console, receiver.url);
    const outcome = await play({ site, receiver, narrator, files }, options, signal);
    if (!isOnce) {
      narrator.staying();
      await untilStopped(site, signal);
    }
    return outcome.missing.length === 0;
  } finally {
    await site.stop();
    await receiver?.close();
    narrator.stopped(folder);
  }
}

interface Stage {
  readonly site: LocalSite;
  readonly receiver: Receiver;
  readonly narrator: Narrator;
  readonly files: Readonly<Record<SourceName, string>>;
}

async function play({ site, receiver, narrator, files }: Stage, { tellMs }: Options, signal: AbortSignal): Promise<Outcome> {
  const nowMs = Date.now();
  const cast = castOf(nowMs);
  const scenes = story(cast);
  const beginMs = storyBegin(nowMs, tellMs);
  const expected = scenes.flatMap((scene) => scene.expected);
  const before = await countAlerts(site.hubData);
  const look = async (): Promise<Outcome> => {
    const outcome = await readOutcome({ hubData: site.hubData, before, expected, messages: receiver.messages });
    narrator.follow(outcome);
    return outcome;
  };
  const onScene = (scene: Scene, at: number): void => narrator.scene(scene, at + 1);
  const told = await tellScenes({ scenes, files, beginMs, tellMs, onScene, onPause: everyNow(look), signal });
  narrator.told(told);
  const outcome = await untilComplete(look, signal);
  narrator.end(outcome, { console: site.status.console, attacker: cast.attacker, firstPassword: firstPassword(site) });
  return outcome;
}

function filesIn(folder: string): Record<SourceName, string> {
  const logs = join(folder, 'logs');
  return {
    'web1-access': join(logs, 'web1', 'nginx', 'access.log'),
    'gw-firewall': join(logs, 'gw', 'kern.log'),
    'web1-auth': join(logs, 'web1', 'auth.log'),
    'ids-eve': join(logs, 'ids', 'eve.json'),
  };
}

/** The hub is asked twice a second, however often the telling pauses. */
function everyNow(look: () => Promise<unknown>): () => Promise<void> {
  let lastMs = 0;
  return async () => {
    if (performance.now() - lastMs < lookMs) return;
    lastMs = performance.now();
    await look();
  };
}

async function untilComplete(look: () => Promise<Outcome>, signal: AbortSignal): Promise<Outcome> {
  const untilMs = performance.now() + outcomeMsMax;
  for (;;) {
    const outcome = await look();
    if (outcome.missing.length === 0 || performance.now() > untilMs) return outcome;
    await delay(lookMs / 2, undefined, { signal });
  }
}

/** Undefined when it was changed and its file removed: then it is known. A terminal is told it, others where it is. */
function firstPassword({ firstPasswordFile }: LocalSite): string | undefined {
  if (!existsSync(firstPasswordFile)) return undefined;
  return process.stdout.isTTY
    ? `${readFileSync(firstPasswordFile, 'utf8').trim()} (also in ${firstPasswordFile}, until you remove it)`
    : `in ${firstPasswordFile}`;
}

async function untilStopped({ hub, agent }: LocalSite, signal: AbortSignal): Promise<void> {
  const asked = new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }));
  const ended = [hub, agent].map(async (program) => {
    const { code, signal: by } = await program.exited;
    throw new Error(`the ${program.name} ended by itself (${by ?? `exit ${code}`}):\n${program.tail}`);
  });
  for (const one of ended) one.catch(() => undefined);
  await Promise.race([asked, ...ended]);
}

async function run(): Promise<number> {
  let options: Options | undefined;
  try {
    options = readOptions();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
    return 2;
  }
  if (!options) {
    console.log(help);
    return 0;
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort());
  try {
    return (await demo(options, stop.signal)) ? 0 : 1;
  } catch (error) {
    if (stop.signal.aborted) return 130;
    console.error(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

process.exitCode = await run();
