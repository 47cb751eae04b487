// atalaia-hub: the commands that need no running hub so far. Exit 0: answered, problems included; 1: the answer is no, or
// the world failed; 2: wrong call (DESIGN: commands are also the contract of conformance runs).
import { systemClock } from '../proto/runtime/clock.ts';
import { errorCode, UsageError } from '../proto/runtime/errors.ts';
import { runDecode } from './commands/decode.ts';
import { runRules } from './commands/rules.ts';

const help = `atalaia-hub COMMAND

  decode [--source-type T] < lines        the normalised event of each line, one JSON object per line
  decode --jsonl < objects                the same for {"id","line","source_type"?} objects
  rules check DIR                         which rules load, and why the others do not
  rules match --rules DIR [--logsource product=…,category=…,service=…] [--decode] < events.jsonl
  rules replay --rules DIR < events.jsonl correlations too, on event time
  rules test DIR                          the tests beside the rules
  help                                    this text

Answers go to standard output, complaints to standard error.
Exit 0: answered. 1: the answer is no, or something failed. 2: wrong call.
`;

async function run(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  const io = { input: process.stdin, output: process.stdout, errors: process.stderr, nowMs: () => systemClock.nowMs() };
  switch (command) {
    case 'decode':
      return await runDecode(rest, io);
    case 'rules':
      return await runRules(rest, io);
    case 'help':
    case '--help':
      process.stdout.write(help);
      return 0;
    case undefined:
    default:
      throw new UsageError(
        command === undefined
          ? 'a command is missing; try: help'
          : `there is no command ${JSON.stringify(command.slice(0, 40))}; try: help`,
      );
  }
}

// A reader that has seen enough (`| head`) is not a failure.
process.stdout.on('error', (error) => process.exit(errorCode(error) === 'EPIPE' ? 0 : 1));

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`atalaia-hub: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
