// The options of a command, read strictly: what is not known is a wrong call (exit 2), answered with the usage.
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UsageError } from '../../proto/runtime/errors.ts';

export interface CommandIo {
  readonly input: AsyncIterable<Uint8Array | string>;
  readonly output: NodeJS.WritableStream;
  readonly errors: NodeJS.WritableStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingFolder: string;
}

export interface Command {
  /** One line for the list of commands. */
  readonly summary: string;
  /** The whole --help. */
  readonly help: string;
  /** Returns the exit code. */
  readonly run: (args: readonly string[], io: CommandIo) => Promise<number>;
}

type Options = NonNullable<ParseArgsConfig['options']>;

export interface Read {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];
}

export function readOptions(args: readonly string[], options: Options, usage: string): Read {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    const single = Object.entries(values).map(([name, value]) => [name, Array.isArray(value) ? undefined : value] as const);
    return { values: Object.fromEntries(single), positionals };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}; usage: ${usage}`, { cause: error });
  }
}

export function text({ values }: Read, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

/** Writes one JSON line and waits until it was taken. */
export function writeJson(output: NodeJS.WritableStream, value: unknown): Promise<void> {
  return write(output, `${JSON.stringify(value)}\n`);
}

export function write(output: NodeJS.WritableStream, chunk: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    output.write(chunk, (error?: Error | null) => (error ? reject(error) : resolve()));
  });
}
