// The agent's own standard input, line by line: `journalctl -f | atalaia-agent run`.
// Promises: not read is not lost: the pipe is the back-pressure, and what was begun when reading stops (a new policy) is put
// back for whoever reads next. At the end of the input the source stays, empty, and says so.
import type { StdinSource } from '../../config/policy/sources/sources.ts';
import { limits } from '../../proto/delivery.ts';
import { SyslogFraming } from '../../proto/framing/syslog-framing.ts';
import type { Clock, Random } from '../../proto/runtime/clock.ts';
import type { InputLog } from './input-log.ts';
import { LiveInput, type Intake } from './live-input.ts';

export interface StdinInputOptions {
  readonly source: StdinSource;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: InputLog;
  /** Another stream for tests. */
  readonly stream?: NodeJS.ReadableStream;
}

export function stdinInput({ source, clock, random, log, stream = process.stdin }: StdinInputOptions): LiveInput {
  const receive = (intake: Intake, signal: AbortSignal): Promise<void> => receiveStream(stream, intake, signal);
  return new LiveInput({ source, path: 'stdin', clock, random, log, receive });
}

function receiveStream(stream: NodeJS.ReadableStream, { lines, streams, problems }: Intake, signal: AbortSignal): Promise<void> {
  const framing = new SyslogFraming({ messageBytesMax: limits.lineBytesMax, octetCounting: false }, (bytes, start, end, isCut) =>
    lines.add(streams.own(), bytes.subarray(start, end), isCut),
  );
  return new Promise((resolve) => {
    const onData = (chunk: Buffer): void => framing.take(chunk);
    const stop = (): void => {
      stream.off('data', onData).off('end', onEnd).off('error', onError);
      signal.removeEventListener('abort', onAbort);
      lines.detach(stream);
      resolve();
    };
    const onAbort = (): void => {
      stream.pause();
      stop();
      const begun = framing.takeBack();
      if (begun.length > 0) stream.unshift(begun);
    };
    const onEnd = (): void => {
      framing.end(true);
      problems.set('end', 'standard input has ended: nothing more comes from it');
      stop();
    };
    const onError = (error: Error): void => {
      framing.end(false);
      problems.set('end', `standard input cannot be read (${error.message}): nothing more comes from it`);
      stop();
    };
    if (signal.aborted) {
      resolve();
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    stream.on('data', onData).on('end', onEnd).on('error', onError);
    lines.attach(stream);
    stream.resume();
  });
}
