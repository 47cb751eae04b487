// The command line of the bench.
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import type { BenchWish } from './scenario.ts';

export const usage = `npm run bench -- agent|hub|search|decode|detect|all|SCENARIO … [options]

  --json FILE         one JSON object per scenario
  --record            keep the results in scripts/bench/results, with date, machine, Node and commit
  --mb N              input of agent.plain, agent.trim*, agent.many-files and agent.peers (1000)
  --backlog-mb N      buffer of agent.backlog (1000)
  --gb N              the same in GB
  --peer COMMAND      another collector for agent.peers: reads {file}, sends its lines to TCP port {port} (TLS: {tls-port}) of
                      127.0.0.1; {config:PATH} is that file with the same words filled in; may be repeated
  --events N          events of hub and search (1500000)
  --seconds N         length of agent.syslog-udp and -tcp, hub.latency and search.beside-intake (30)
  --agents N          load-generating agents (8)
  --seed N            of the generated lines (1)
  --corpus FILE       lines to use instead of generated ones; may be repeated
  --rules DIR         Sigma rules to load beside the shipped ones
  --folder DIR        where data folders are made (the system's temporary folder); a RAM disk would make fsync free
`;

const options = {
  json: { type: 'string' },
  record: { type: 'boolean', default: false },
  mb: { type: 'string', default: '1000' },
  'backlog-mb': { type: 'string', default: '1000' },
  gb: { type: 'string' },
  peer: { type: 'string', multiple: true },
  events: { type: 'string', default: '1500000' },
  seconds: { type: 'string', default: '30' },
  agents: { type: 'string', default: '8' },
  seed: { type: 'string', default: '1' },
  corpus: { type: 'string', multiple: true },
  rules: { type: 'string' },
  folder: { type: 'string', default: tmpdir() },
  help: { type: 'boolean', default: false },
} as const;

export type Asked =
  | { readonly ok: false; readonly reason: string; readonly isHelp: boolean }
  | {
      readonly ok: true;
      readonly names: readonly string[];
      readonly json: string | undefined;
      readonly isRecorded: boolean;
      readonly wish: BenchWish;
    };

export function readWish(args: readonly string[]): Asked {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    if (values.help) return { ok: false, reason: 'measures agent and hub on this machine', isHelp: true };
    if (positionals.length === 0) return { ok: false, reason: 'say what to measure', isHelp: false };
    return {
      ok: true,
      names: positionals,
      json: values.json,
      isRecorded: values.record,
      wish: {
        megabytes: count(values.mb, '--mb'),
        backlogMegabytes: values.gb === undefined ? count(values['backlog-mb'], '--backlog-mb') : count(values.gb, '--gb') * 1_000,
        peers: values.peer ?? [],
        events: count(values.events, '--events'),
        seconds: count(values.seconds, '--seconds'),
        agents: count(values.agents, '--agents'),
        seed: count(values.seed, '--seed'),
        corpus: values.corpus ?? [],
        rules: values.rules,
        folder: values.folder,
        tell: (text) => process.stderr.write(`${text}\n`),
      },
    };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error), isHelp: false };
  }
}

function count(text: string, option: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${option} ${text}: expected a whole number from 1 on`);
  return value;
}
