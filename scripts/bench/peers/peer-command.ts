// The command line of a collector that somebody names with --peer, and the configuration it is to run with.
// Words in braces are filled in, in both: {file} what to read from its start, {folder} a place to write to, {port} where to
// send over TCP, {tls-port} the same over mutual TLS, for which {folder} holds ca.pem, client.pem and client.key.
// {config:PATH} in a command is a filled-in copy of that file. Anything else in braces is the collector's own.
import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

export interface PeerPlace {
  readonly file: string;
  readonly folder: string;
}

export interface PeerCommand {
  /** Whether it sends over TLS: its receiver is then one that speaks it. */
  readonly isTls: boolean;
  /** What the shell is given. */
  readonly line: (port: number) => Promise<string>;
}

const configWord = /\{config:([^}]+)\}/g;

export async function peerCommand(command: string, place: PeerPlace): Promise<PeerCommand> {
  const paths = [...command.matchAll(configWord)].flatMap(([, path]) => path ?? []);
  const configs = new Map<string, string>();
  for (const path of paths) configs.set(path, await readFile(path, 'utf8'));
  const isTls = [command, ...configs.values()].some((text) => text.includes('{tls-port}'));
  return {
    isTls,
    line: async (port) => {
      const fill = (text: string): string => filled(text, { ...place, port: String(port), 'tls-port': String(port) });
      for (const [path, text] of configs) await writeFile(copyOf(path, place), fill(text));
      return fill(command.replaceAll(configWord, (_, path: string) => copyOf(path, place)));
    },
  };
}

/** How its results are called: its program's own name. */
export function peerName(command: string): string {
  const program = command.split(/\s+/).find((word) => word !== '' && word !== 'env' && !word.startsWith('-') && !word.includes('='));
  return basename(program ?? 'peer');
}

function copyOf(path: string, { folder }: PeerPlace): string {
  return join(folder, `peer-${basename(path)}`);
}

function filled(text: string, words: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{([a-z-]+)\}/g, (whole, word: string) => words[word] ?? whole);
}
