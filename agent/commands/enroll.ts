// `atalaia-agent enroll`: makes this host known to a hub with a one-time token, which never stands in the arguments.
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { UsageError } from '../../proto/runtime/errors.ts';
import { enrol } from '../control/enrol.ts';
import { becomeOwner } from './become-owner.ts';
import { hubWay } from '../uplink/hub-way.ts';
import { configPath, findDataFolder, findHub, hubHelp, hubOptions } from './find-config.ts';
import { readOptions, text, writeJson, type Command, type CommandIo } from './read-options.ts';

const usage = 'enroll --hub wss://HOST:PORT --token-file FILE|- [--pin] [--other-hub NAME]';
const tokenBytesMax = 4_096;

export const enroll: Command = {
  summary: 'enroll --hub URL --token-file F|-     make this host known to a hub',
  help: `atalaia-agent ${usage}

Makes a key on this host, has the hub sign it, and stores both in the data folder. The token comes from
\`atalaia-hub token create\`; it is read from a file, from standard input (-) or from ATALAIA_TOKEN, never from the
arguments, where every user of this host could see it. Doing it again with the same token changes nothing.
Started by root it writes as the owner of the data folder, the service's own user. Each of \`otherHubs\` has an enrolment of its
own; the agent takes it up at its next start. It goes through \`proxy\` of the
configuration and checks its \`pin\`, where there are any.

  --hub URL         the hub's agents' port, such as wss://hub.example.org:7443
  --token-file F    a file that holds the token, or - for standard input
  --pin             note the key that the hub shows now: from then on this agent accepts no other, even one that the hub's
                    authority has signed. \`pin\` of the configuration goes before it
${hubHelp}
`,
  async run(args, io) {
    const options = readOptions(
      args,
      { ...hubOptions, hub: { type: 'string' }, 'token-file': { type: 'string' }, pin: { type: 'boolean' } },
      usage,
    );
    const hub = text(options, 'hub');
    if (hub === undefined) throw new UsageError(`--hub is missing; usage: ${usage}`);
    const token = await readToken(text(options, 'token-file'), io);
    const meant = findHub(options, io);
    const config = configPath(options, io) === undefined ? undefined : meant.config();
    const dataFolder = meant.folder;
    // Made by root it would be root's.
    becomeOwner(findDataFolder(options, io));
    await mkdir(dataFolder, { recursive: true, mode: 0o700 });
    const way = hubWay({ proxy: config?.proxy, pins: () => config?.pin ?? [], environment: io.environment });
    const notesPin = options.values.pin === true;
    const { agentId, expiresMs, pins } = await enrol({ hub, token, dataFolder, way, notesPin, signal: AbortSignal.timeout(60_000) });
    const expires = new Date(expiresMs).toISOString();
    await writeJson(io.output, { enrolled: true, agentId, hub, expires, data: dataFolder, ...(notesPin ? { pins } : {}) });
    return 0;
  },
};

async function readToken(file: string | undefined, { environment, input }: CommandIo): Promise<string> {
  if (file === '-') return bounded(await readAll(input), 'standard input');
  if (file !== undefined) return bounded(readFile(file), file);
  if (environment.ATALAIA_TOKEN) return bounded(environment.ATALAIA_TOKEN, 'ATALAIA_TOKEN');
  throw new UsageError(`--token-file is missing; usage: ${usage}`);
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${path}: cannot read the token; check the path and its permissions`, { cause: error });
  }
}

async function readAll(input: AsyncIterable<Uint8Array | string>): Promise<string> {
  let all = '';
  for await (const chunk of input) {
    all += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    if (all.length > tokenBytesMax) break;
  }
  return all;
}

function bounded(token: string, from: string): string {
  if (token.length > tokenBytesMax) throw new UsageError(`${from}: longer than a token; give the file that holds the token alone`);
  if (token.trim() === '') throw new UsageError(`${from}: holds no token`);
  return token.trim();
}
