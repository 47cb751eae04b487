// Lines in the kernel's own log, written as a program writes them: /dev/kmsg.
// The log is the machine's: every agent on it reads what anybody writes there. So that sites beside each other do not get
// each other's lines, each has a mark, and its agent's policy drops what does not carry it.
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { WrittenLines } from './written-lines.ts';

const device = '/dev/kmsg';
const limitFile = '/proc/sys/kernel/printk_devkmsg';
/** Facility user, severity informational: no console shows it. */
const priority = '<14>';

export class KernelWriter {
  readonly #mark: string;
  readonly #descriptor: number;

  private constructor(mark: string, descriptor: number) {
    this.#mark = mark;
    this.#descriptor = descriptor;
  }

  /** Or why nothing can be written there, with the remedy. */
  static open(mark: string): KernelWriter | string {
    try {
      if (readFileSync(limitFile, 'utf8').trim() !== 'on')
        return 'kernel log: skipped, the kernel takes only a few lines of programs (sysctl -w kernel.printk_devkmsg=on)';
      return new KernelWriter(mark, openSync(device, 'w'));
    } catch (error) {
      return `kernel log: skipped, ${device} cannot be written (${error instanceof Error ? error.message : String(error)}); run it as root`;
    }
  }

  write(written: WrittenLines): void {
    const padding = written.padding();
    const { text } = written.note('kmsg', 'kmsg', (_, token) => `${this.#mark} ${token} ${padding}`);
    writeSync(this.#descriptor, `${priority}${text}\n`);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** The text of a record as the agent sends it: behind the structured data of RFC 5424. */
export function kernelTextOf(raw: string): string {
  const end = raw.indexOf('] ');
  return end < 0 ? raw : raw.slice(end + 2);
}
