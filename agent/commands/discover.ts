// `atalaia-agent discover`: looks at a host and writes a proposed policy, with comments that say why.
import { writeFile } from 'node:fs/promises';
import { statSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { policySchema } from '../../config/policy/policy.ts';
import { parseYaml } from '../../config/load-yaml.ts';
import { agentConfigSchema } from '../../config/agent-config.ts';
import { parseDuration } from '../../config/quantities.ts';
import { AtalaiaError, errorCode, UsageError } from '../../proto/runtime/errors.ts';
import { HostRoot } from './discover/host-root.ts';
import { packageUser } from './discover/may-read.ts';
import { propose, type Proposal } from './discover/proposal.ts';
import { tellObjects } from './discover/tell-objects.ts';
import { watchSources } from './discover/watch-sources.ts';
import { writePolicy } from './discover/write-policy.ts';
import { readOptions, text, write, writeJson, type Command, type CommandIo, type Read } from './read-options.ts';

const usage = 'discover';
const watchMs = { min: 1_000, max: 3_600_000 };

export const discover: Command = {
  summary: 'discover                              a proposed policy for what this host writes',
  help: `atalaia-agent ${usage} [--output FILE] [--form policy|config] [--watch TIME] [--root FOLDER] [--user NAME] [--json]

Looks at what runs and at the configurations of syslog daemons, journald, Suricata, Zeek, auditd, nginx, Apache, Postfix and
others, and prints a policy: every source with its size and rate, why it is proposed, whether the agent's user can read it and
what to do if not, what might be trimmed, and what was seen and left out. No line is collected twice: where two places hold the
same, one is chosen. Changes nothing, and runs nothing but systemctl and journalctl. As root it sees most.

  --output FILE   write it there instead; a file that is there already is left alone
  --form policy|config   a policy (for a hub, or under \`policy:\`), or a whole agent.yaml
  --watch TIME    look twice, this long apart (such as 30s), for rates of now; else they are those of each file's own times
  --root FOLDER   look at a host below a folder: an image, a container, a backup
  --user NAME     whose rights to reckon with; else ${packageUser}, the package's
  --json          one JSON object per source and per thing left out
`,
  async run(args, io) {
    const options = readOptions(
      args,
      { output: string, form: string, watch: string, root: string, user: string, json: { type: 'boolean' } },
      usage,
    );
    if (options.positionals.length > 0) throw new UsageError(`takes options only; usage: ${usage} --help`);
    const form = formOf(options);
    const host = new HostRoot(rootOf(options, io));
    let proposal = propose(host, { userName: text(options, 'user') ?? packageUser, nowMs: Date.now() });
    const ms = watchOf(options);
    if (ms !== undefined) proposal = await watchSources(host, proposal, { ms, wait: (time) => delay(time) });
    const output = text(options, 'output');
    if (options.values.json === true) for (const one of tellObjects(proposal)) await writeJson(io.output, one);
    else if (output === undefined) await write(io.output, checked(proposal, host, form));
    else await writeNew(output, checked(proposal, host, form));
    return 0;
  },
};

const string = { type: 'string' } as const;

function formOf(options: Read): 'policy' | 'config' {
  const form = text(options, 'form') ?? 'policy';
  if (form === 'policy' || form === 'config') return form;
  throw new UsageError(`--form is policy or config, not ${JSON.stringify(form.slice(0, 40))}`);
}

function rootOf(options: Read, { workingFolder }: CommandIo): string {
  const named = text(options, 'root') ?? '/';
  const root = resolve(workingFolder, named);
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) throw new UsageError(`--root: ${root} is not a folder`);
  return root;
}

function watchOf(options: Read): number | undefined {
  const named = text(options, 'watch');
  if (named === undefined) return undefined;
  const ms = parseDuration(named);
  if (ms === undefined || ms < watchMs.min || ms > watchMs.max) throw new UsageError('--watch is a time from 1s to 1h, such as 30s');
  return ms;
}

/** What is handed out is what a running agent takes: a proposal that is not is our fault. */
function checked(proposal: Proposal, host: HostRoot, form: 'policy' | 'config'): string {
  const written = writePolicy(proposal, { host: hostOf(host), at: `${new Date().toISOString().slice(0, 16)}Z` }, form);
  parseYaml(written, form === 'policy' ? policySchema : agentConfigSchema, 'the proposal');
  return written;
}

function hostOf(host: HostRoot): string {
  const name = host.isThisHost ? hostname() : host.text('/etc/hostname')?.trim() || host.root;
  const system = /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(host.text('/etc/os-release') ?? '')?.[1];
  return system === undefined ? name : `${name}, ${system}`;
}

async function writeNew(path: string, written: string): Promise<void> {
  try {
    await writeFile(path, written, { flag: 'wx', mode: 0o644 });
  } catch (cause) {
    const says =
      errorCode(cause) === 'EEXIST'
        ? 'is there already; name another file, or take it away first'
        : `cannot be written (${errorCode(cause) ?? String(cause)})`;
    throw new AtalaiaError('OUTPUT_NOT_WRITTEN', `${path} ${says}`, { cause });
  }
}
