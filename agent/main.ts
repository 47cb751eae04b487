// atalaia-agent: the commands of the agent.
// Exit 0: answered. 1: the answer is no, or the world failed. 2: wrong call or wrong configuration. Answers go to standard
// output, complaints to standard error as one message.
import { errorCode, UsageError } from '../proto/runtime/errors.ts';
import { nearest } from '../config/explain-issue.ts';
import { buffer } from './commands/buffer.ts';
import { completionOf } from './commands/completion.ts';
import { discover } from './commands/discover.ts';
import { doctor } from './commands/doctor.ts';
import { enroll } from './commands/enroll.ts';
import { originals } from './commands/originals.ts';
import type { Command, CommandIo } from './commands/read-options.ts';
import { run } from './commands/run.ts';
import { status } from './commands/status.ts';
import { tap } from './commands/tap.ts';
import { test } from './commands/test.ts';
import { trim } from './commands/trim.ts';
import { validate } from './commands/validate.ts';
import { version } from './commands/version.ts';

const commands: ReadonlyMap<string, Command> = new Map([
  ['run', run],
  ['enroll', enroll],
  ['discover', discover],
  ['validate', validate],
  ['status', status],
  ['tap', tap],
  ['test', test],
  ['trim', trim],
  ['buffer', buffer],
  ['originals', originals],
  ['doctor', doctor],
  ['completion', completionOf(() => commands)],
]);

const help = `atalaia-agent COMMAND

${[...commands.values()].map(({ summary }) => `  ${summary}`).join('\n')}
  help [COMMAND]                        this text, or that of a command (as COMMAND --help)

Answers go to standard output, complaints to standard error.
Exit 0: answered. 1: the answer is no, or something failed. 2: wrong call or wrong configuration.
`;

async function main(args: readonly string[], io: CommandIo): Promise<number> {
  const [name, ...rest] = args;
  if (name === '--version') {
    io.output.write(`${version}\n`);
    return 0;
  }
  if (name === 'help' || name === '--help' || name === '-h') {
    io.output.write(rest[0] === undefined ? help : commandNamed(rest[0]).help);
    return 0;
  }
  if (name === undefined) throw new UsageError('a command is missing; try: atalaia-agent help');
  const command = commandNamed(name);
  if (rest.includes('--help') || rest.includes('-h')) {
    io.output.write(command.help);
    return 0;
  }
  return command.run(rest, io);
}

function commandNamed(name: string): Command {
  const command = commands.get(name);
  if (command) return command;
  const near = nearest(name, [...commands.keys()]);
  throw new UsageError(
    `there is no command ${JSON.stringify(name.slice(0, 40))}; ${near ? `did you mean ${near}?` : 'try: atalaia-agent help'}`,
  );
}

// A reader that has seen enough (`| head`) is not a failure.
process.stdout.on('error', (error) => process.exit(errorCode(error) === 'EPIPE' ? 0 : 1));

try {
  const { stdin: input, stdout: output, stderr: errors, env: environment } = process;
  process.exitCode = await main(process.argv.slice(2), { input, output, errors, environment, workingFolder: process.cwd() });
} catch (error) {
  process.stderr.write(`atalaia-agent: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
