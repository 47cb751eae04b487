// A command called as main.ts calls it, with its output kept.
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Command } from '../read-options.ts';

export interface Called {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What the command throws is passed on. */
export async function called(command: Command, args: readonly string[], input = ''): Promise<Called> {
  const [output, errors] = [new PassThrough(), new PassThrough()];
  const told = Promise.all([text(output), text(errors)]);
  try {
    const code = await command.run(args, { input: PassThrough.from([input]), output, errors, environment: {}, workingFolder: '/' });
    output.end();
    errors.end();
    const [out, err] = await told;
    return { code, out, err };
  } finally {
    output.end();
    errors.end();
  }
}
