// atalaia-hub: the commands of the hub. Exit 0: answered, problems included; 1: the answer is no, or the world failed;
// 2: wrong call or wrong configuration (the commands are also the contract of conformance runs).
import { systemClock } from '../proto/runtime/clock.ts';
import { errorCode, UsageError } from '../proto/runtime/errors.ts';
import { runAgents, runSearch, runStatus, runToken, runWebhook } from './commands/ask-hub.ts';
import { runDecode } from './commands/decode.ts';
import { runRules } from './commands/rules.ts';
import { runHelp, runRun } from './commands/run.ts';
import { version } from './commands/version.ts';

const help = `atalaia-hub COMMAND

  run [--config FILE] [--data FOLDER] [--console HOST:PORT] [--agents HOST:PORT]
                                          the hub itself; run --help says more
  token create [--note TEXT] [--for 1h]   a one-time token for a new agent, on standard output
  webhook create --url URL [--name TEXT] [--level high] [--allow-private]
                                          a receiver of alerts; its secret, shown this once, on standard output
  agents                                  every agent that ever enrolled, one JSON object per line
  status                                  what the running hub does, as one JSON object
  search 'QUERY' [--since 24h] [--limit 100] [--format jsonl|csv|table]
                                          word, "a phrase", field:value, * in values, and or not, parentheses
  decode [--source-type T] < lines        the normalised event of each line, one JSON object per line
  decode --jsonl < objects                the same for {"id","line","source_type"?} objects
  rules check DIR                         which rules load, and why the others do not
  rules match --rules DIR [--logsource product=…,category=…,service=…] [--decode] < events.jsonl
  rules replay --rules DIR < events.jsonl correlations too, on event time
  rules test DIR                          the tests beside the rules
  help                                    this text

token, webhook, agents, status and search ask the hub that runs on the data folder (--data) as its own user.
Answers go to standard output, complaints to standard error.
Exit 0: answered. 1: the answer is no, or something failed. 2: wrong call or wrong configuration.
`;

async function run(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  const io = { input: process.stdin, output: process.stdout, errors: process.stderr, nowMs: () => systemClock.nowMs() };
  switch (command) {
    case 'run':
      return rest.includes('--help') ? tell(runHelp) : await runRun(rest, io);
    case 'token':
      return await runToken(rest, io);
    case 'webhook':
      return await runWebhook(rest, io);
    case 'agents':
      return await runAgents(rest, io);
    case 'status':
      return await runStatus(rest, io);
    case 'search':
      return await runSearch(rest, io);
    case 'decode':
      return await runDecode(rest, io);
    case 'rules':
      return await runRules(rest, io);
    case 'help':
    case '--help':
      return tell(help);
    case '--version':
      return tell(`${version}\n`);
    case undefined:
    default:
      throw new UsageError(
        command === undefined
          ? 'a command is missing; try: help'
          : `there is no command ${JSON.stringify(command.slice(0, 40))}; try: help`,
      );
  }
}

function tell(text: string): number {
  process.stdout.write(text);
  return 0;
}

// A reader that has seen enough (`| head`) is not a failure.
process.stdout.on('error', (error) => process.exit(errorCode(error) === 'EPIPE' ? 0 : 1));

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`atalaia-hub: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
