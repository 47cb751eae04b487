// A program's log into a file of the data folder; what a person must act on also comes to the terminal.
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';

export function openProgramLog(folder: string, name: 'hub' | 'agent'): (line: string) => void {
  const file = createWriteStream(join(folder, `${name}.log`), { flags: 'a', mode: 0o600 });
  return (line) => {
    file.write(`${line}\n`);
    const told = urgent(line);
    if (told !== undefined) console.error(`${name}: ${told}`);
  };
}

function urgent(line: string): string | undefined {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    // Not the program's own log: Node itself says something.
    return line.trim() === '' ? undefined : line;
  }
  if (typeof entry !== 'object' || entry === null || !('level' in entry) || entry.level !== 'error') return undefined;
  return 'msg' in entry ? String(entry.msg) : line;
}
