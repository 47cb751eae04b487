// Lines that a command prints: run at an interval, or followed for as long as it runs and started again when it ends.
// Promises: only a command that the local fence names is run, exactly as it stands there; runs never overlap; one that fails
// is told with its own first words and tried again calmly. The lines of one run are in order; there is no position, so that
// an interval's output is collected whole each time.
import type { ExecSource } from '../../config/policy/sources/sources.ts';
import type { Clock, Random } from '../../proto/runtime/clock.ts';
import type { CommandFence } from './command-fence.ts';
import type { InputLog } from './input-log.ts';
import { LiveInput, type Intake } from './live-input.ts';
import { runCommand } from './run-command.ts';

export interface ExecInputOptions {
  readonly source: ExecSource;
  readonly fence: CommandFence;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: InputLog;
}

const retryMinMs = 1_000;
const retryMaxMs = 60_000;

export function execInput({ source, fence, clock, random, log }: ExecInputOptions): LiveInput {
  const [program = ''] = source.command;
  return new LiveInput({
    source,
    path: program,
    clock,
    random,
    log,
    receive: async (intake, signal) => {
      if (fence(source.command)) await runAgainAndAgain(source, intake, signal);
      else {
        const told = `the local fence does not allow this command; add it as it stands to fence.commands of this host's agent.yaml`;
        intake.problems.set('fence', `${program} is not run: ${told}`);
      }
    },
  });
}

async function runAgainAndAgain(source: ExecSource, { lines, streams, problems, clock }: Intake, signal: AbortSignal): Promise<void> {
  const { command, every, timeout, maxOutputBytes, stderr } = source;
  const [program = ''] = command;
  let retryMs = retryMinMs;
  while (!signal.aborted) {
    const begunMs = clock.monotonicMs();
    const reason = await runCommand({
      command,
      lines,
      clock,
      timeoutMs: every === undefined ? undefined : timeout,
      outputBytesMax: every === undefined ? undefined : maxOutputBytes,
      output: () => streams.own(),
      complaints: stderr === 'collect' ? () => streams.of(`${program} stderr`) : undefined,
      signal,
    });
    if (signal.aborted) return;
    const tookMs = clock.monotonicMs() - begunMs;
    if (every === undefined) {
      problems.set('run', `${program} ${reason || 'ended'}; it is started again`);
      retryMs = tookMs >= retryMaxMs ? retryMinMs : Math.min(retryMs * 2, retryMaxMs);
    } else if (reason === '') problems.clear('run');
    else problems.set('run', `${program} ${reason}`);
    await clock.sleep(every === undefined ? retryMs : Math.max(0, every - tookMs), signal).catch(() => undefined);
  }
}
