// The words that a command takes, read from the help that people read: what shells complete is what --help says.
// Promises: sub-commands and options of the usage and of the lines that explain an option; an option that the help does
// not name is not completed, one that it names is.
import type { Command } from './read-options.ts';

export interface OptionWords {
  readonly name: string;
  /** What stands for its value; empty for a switch. */
  readonly value: string;
  readonly says: string;
}

export interface CommandWords {
  readonly name: string;
  readonly says: string;
  /** `inspect` of `buffer inspect`. */
  readonly verbs: readonly string[];
  readonly options: readonly OptionWords[];
  readonly takesFile: boolean;
}

export function wordsOf(name: string, { summary, help }: Command): CommandWords {
  const usages = help.split('\n').filter((line) => line.startsWith('atalaia-agent '));
  const verbs = usages.flatMap((usage) => /^atalaia-agent \S+ ([a-z]+(?:\|[a-z]+)*)(?: |$)/.exec(usage)?.[1]?.split('|') ?? []);
  const options = new Map<string, OptionWords>();
  for (const match of help.matchAll(/(--[a-z][a-z-]*)(?:[ =]([A-Z]+(?:\|\S+?)?|[a-z]+(?:\|[a-z]+)+)(?=[\]\s,;:]|$))?/gm))
    addOption(options, { name: match[1] ?? '', value: match[2] ?? '', says: '' });
  for (const match of help.matchAll(/^ {2}(--[a-z][a-z-]*)(?: \S+)? {2,}(\S.*)$/gm))
    addOption(options, { name: match[1] ?? '', value: '', says: match[2] ?? '' });
  options.delete('--help');
  return {
    name,
    says: /\s{2,}(\S.*)$/.exec(summary)?.[1] ?? '',
    verbs: [...new Set(verbs)],
    options: [...options.values()],
    takesFile: usages.some((usage) => / (?:FILE|FOLDER|DIR)\b/.test(usage.replaceAll(/\[[^\]]*\]|--\S+ \S+/g, ''))),
  };
}

/** Whatever of it was not known yet. */
function addOption(options: Map<string, OptionWords>, found: OptionWords): void {
  const known = options.get(found.name);
  options.set(found.name, { name: found.name, value: known?.value || found.value, says: known?.says || found.says });
}

/** Its value is a path. */
export function isPath({ value }: OptionWords): boolean {
  return /^(?:FILE|FOLDER|DIR|F|SOCKET)(?:\||$)/.test(value);
}

/** The values to choose from, where the help lists them. */
export function choicesOf({ value }: OptionWords): readonly string[] {
  return /^[a-z]+(?:\|[a-z]+)+$/.test(value) ? value.split('|') : [];
}
