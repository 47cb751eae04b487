// The kernel's log as a device: one read, one record, without ever waiting.
// Promises: never blocks the thread; a read takes microseconds, because what is read lies in the kernel's memory.
import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { kernelLogPath } from './kernel-problem.ts';
import { AtalaiaError, errorCode } from '../../proto/runtime/errors.ts';

export type KernelRead =
  /** A record of so many bytes is in the buffer. */
  | { readonly is: 'record'; readonly byteLength: number }
  | { readonly is: 'nothing' }
  /** Records that were next are gone; the read after this one gives the oldest that is left. */
  | { readonly is: 'overwritten' };

export interface KernelDevice {
  /** Throws with a code when the device cannot be read any more. */
  read(into: Buffer): KernelRead;
  close(): void;
}

export interface KernelLog {
  /** Opens at the oldest record there is. Throws with a code. */
  open(): KernelDevice;
  /** Throws with a code. */
  bootId(): string;
  /** The kernel's clock now, in microseconds. */
  nowUs(): number;
}

/** More than the kernel ever gives at once. */
export const recordBytesMax = 32 * 1024;
const nothing: KernelRead = { is: 'nothing' };
const overwritten: KernelRead = { is: 'overwritten' };

export const systemKernelLog: KernelLog = {
  open: () => openDevice(kernelLogPath),
  bootId: () => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim(),
  nowUs: () => Number(process.hrtime.bigint() / 1_000n),
};

function openDevice(path: string): KernelDevice {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if (!fstatSync(descriptor).isCharacterDevice()) {
    closeSync(descriptor);
    throw new AtalaiaError('ENODEV', `${path} is no device`, { isRetryable: true });
  }
  return { read: (into) => readRecord(descriptor, into), close: () => closeSync(descriptor) };
}

function readRecord(descriptor: number, into: Buffer): KernelRead {
  try {
    const byteLength = readSync(descriptor, into, 0, into.length, null);
    return byteLength > 0 ? { is: 'record', byteLength } : nothing;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EAGAIN') return nothing;
    if (code === 'EPIPE') return overwritten;
    throw error;
  }
}
