// A real journal: entries in journald's export format through systemd-journal-remote, which writes the files that
// journalctl reads. The agent finds a journalctl in its PATH that looks into this journal instead of the host's.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import type { JournalTools } from './sources.ts';
import type { WrittenLines } from './written-lines.ts';

export class JournalWriter {
  /** To be first in the agent's PATH. */
  readonly programs: string;
  readonly #child: ChildProcessByStdio<Writable, null, null>;
  readonly #bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').replaceAll('-', '').trim();
  #entries = 0;

  constructor(folder: string, { journalctl, writer }: JournalTools) {
    const journal = join(folder, 'journal');
    this.programs = join(folder, 'programs');
    for (const part of [journal, this.programs]) mkdirSync(part, { mode: 0o700 });
    const script = join(this.programs, 'journalctl');
    writeFileSync(script, `#!/bin/sh\nexec ${journalctl} --directory='${journal}' "$@"\n`);
    chmodSync(script, 0o700);
    this.#child = spawn(writer, ['--output', join(journal, 'crash.journal'), '-'], { stdio: ['pipe', 'ignore', 'ignore'] });
  }

  write(written: WrittenLines): void {
    const padding = written.padding();
    const { text, timeMs } = written.note('journal', 'journal', (_, token) => `${token} ${padding}`);
    const fields = [
      `__REALTIME_TIMESTAMP=${timeMs}000`,
      `__MONOTONIC_TIMESTAMP=${++this.#entries}`,
      `_BOOT_ID=${this.#bootId}`,
      '_HOSTNAME=crash1',
      'SYSLOG_IDENTIFIER=crashd',
      'PRIORITY=6',
      `MESSAGE=${text}`,
    ];
    this.#child.stdin.write(`${fields.join('\n')}\n\n`);
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    if (this.#child.exitCode === null && this.#child.signalCode === null) await new Promise((resolve) => this.#child.once('exit', resolve));
  }
}

/** The message of an entry as journalctl prints it in JSON. */
export function messageOf(raw: string): string {
  try {
    const entry: unknown = JSON.parse(raw);
    const message: unknown = typeof entry === 'object' && entry !== null ? Reflect.get(entry, 'MESSAGE') : undefined;
    return typeof message === 'string' ? message : raw;
  } catch {
    return raw;
  }
}
