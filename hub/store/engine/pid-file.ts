// One engine per folder: the child writes down who it is and first ends whoever was there (DELIVERY.md 20).
// Promises: when it returns, no earlier child of this folder runs. A process that merely has the same number now is left
// alone: it counts as ours only if its command line names this folder.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AtalaiaError } from '../../../proto/runtime/errors.ts';
import type { Clock } from '../../../proto/runtime/clock.ts';

const waitMsMax = 10_000;
const pollMs = 20;

export async function takeOver(folder: string, clock: Clock): Promise<void> {
  const file = join(folder, 'engine.pid');
  const old = numberIn(file);
  if (old !== undefined && old !== process.pid) await endOld(old, folder, clock);
  writeFileSync(file, `${process.pid}\n`, { mode: 0o600 });
}

async function endOld(pid: number, folder: string, clock: Clock): Promise<void> {
  const deadline = clock.monotonicMs() + waitMsMax;
  while (commandLine(pid).includes(folder)) {
    if (clock.monotonicMs() > deadline) {
      throw new AtalaiaError(
        'STORE_HELD',
        `an earlier engine (process ${pid}) still holds ${folder} and does not end; end it and start again`,
      );
    }
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      return; // Gone between the look and the signal.
    }
    await clock.sleep(pollMs);
  }
}

function numberIn(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8').trim());
    return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Empty when there is no such process, or when it is dead and only not yet collected. */
function commandLine(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
