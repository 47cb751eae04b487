// Opens a path for following, or says why it must not be: outside the fence, not a file, compressed in a way we cannot
// read, another encoding than the source says, no permission.
// Promises: nothing but a file is ever opened (opening a device or a FIFO may do something), opening never blocks and never
// follows a link that was swapped in after the check; every refusal says what to do.
import { constants } from 'node:fs';
import { open, realpath, stat, statfs, type FileHandle } from 'node:fs/promises';
import { errorCode } from '../../proto/runtime/errors.ts';
import type { FileFence } from './file-fence.ts';
import { proofBytesMax, readAt } from './file-proof.ts';
import { nameBeforeCompression } from './find-rotated.ts';
import { PlainFile, type FollowedBytes } from './followed-bytes.ts';
import { claimedLength, InflatedFile, type Compression } from './inflated-file.ts';

export interface OpenedFile {
  readonly is: 'open';
  /** What the file holds; of a compressed one, inflated. */
  readonly bytes: FollowedBytes;
  readonly device: number;
  readonly inode: number;
  /** On disk. */
  readonly size: number;
  readonly changedMs: number;
  /** The first bytes of what it holds, up to as many as a fingerprint covers. */
  readonly head: Buffer;
  readonly compression: Compression | undefined;
  /** How many bytes a compressed file says it holds, where it says so. */
  readonly claimedBytes: number | undefined;
}

export type Opened = OpenedFile | { readonly is: 'absent' } | { readonly is: 'refused'; readonly reason: string };

export async function openFile(path: string, fence: FileFence): Promise<Opened> {
  let handle: FileHandle | undefined;
  try {
    const real = await realpath(path);
    if (!fence(real)) return refused(`${real} is outside the local fence; add it to \`fence.paths\` of agent.yaml if it may be read`);
    const before = await stat(real);
    if (!before.isFile()) return refused(kindReason(before));
    handle = await open(real, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    const there = await handle.stat();
    if (!there.isFile()) return refused(kindReason(there));
    const kind = await fileSystemKind(real, there.dev);
    if (kind === 'kernel') return refused('a file that the kernel makes up, which cannot be followed; exclude it');
    const opened = await inspect(handle, { path: real, size: there.size, changedMs: there.mtimeMs, isLocal: kind === 'local' });
    if (typeof opened === 'string') return refused(opened);
    if (!opened) return { is: 'absent' };
    handle = undefined;
    return { is: 'open', device: there.dev, inode: there.ino, size: there.size, changedMs: there.mtimeMs, ...opened };
  } catch (error) {
    return refusalOf(error);
  } finally {
    await handle?.close().catch(() => undefined);
  }
}

interface OnDisk {
  readonly path: string;
  readonly size: number;
  readonly changedMs: number;
  readonly isLocal: boolean;
}

async function inspect(
  handle: FileHandle,
  { path, size, changedMs, isLocal }: OnDisk,
): Promise<Pick<OpenedFile, 'bytes' | 'head' | 'compression' | 'claimedBytes'> | string | undefined> {
  const head = await readAt(handle, 0, proofBytesMax);
  const found = compressions.find(({ magic }) => head.subarray(0, magic.length).equals(magic));
  // Just begun: what it will be cannot be seen yet.
  if (!found && head.length < magicBytesMax && nameBeforeCompression(path) !== path) return undefined;
  if (!found) return { bytes: new PlainFile(handle, isLocal), head, compression: undefined, claimedBytes: undefined };
  const { compression } = found;
  if (compression === undefined)
    return `compressed (${found.name}), which is not read; let rotation use gzip or zstd, or exclude such names`;
  const bytes = new InflatedFile(handle, { compression, changedMs });
  const claimedBytes = compression === 'gzip' ? await claimedLength(handle, size) : undefined;
  return { bytes, head: await readAt(bytes, 0, proofBytesMax), compression, claimedBytes };
}

const magicBytesMax = 5;
const compressions: readonly { readonly name: string; readonly magic: Buffer; readonly compression?: Compression }[] = [
  { name: 'gzip', magic: Buffer.from([0x1f, 0x8b, 0x08]), compression: 'gzip' },
  { name: 'zstd', magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), compression: 'zstd' },
  { name: 'xz', magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a]) },
  { name: 'bzip2', magic: Buffer.from('BZh') },
];

function refused(reason: string): Opened {
  return { is: 'refused', reason };
}

function refusalOf(error: unknown): Opened {
  const code = errorCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR' ? { is: 'absent' } : refused(accessProblem(code ?? String(error)));
}

/** What an error on a file means and what to do about it. */
export function accessProblem(code: string): string {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return `permission denied; let the agent's user (uid ${process.getuid?.() ?? '?'}) read it, for example through the group adm`;
    case 'ELOOP':
      return 'a loop of symbolic links; correct the link or exclude it';
    case 'EMFILE':
    case 'ENFILE':
      return 'too many open files; raise the limit (LimitNOFILE) or narrow the globs';
    case 'ENXIO':
      return 'a socket, not a file; exclude it';
    case 'ESTALE':
      return 'the network file system has another file here now (ESTALE); it is opened again, and goes on where it stopped if it is the same';
    case 'EIO':
    case 'ETIMEDOUT':
    case 'EHOSTDOWN':
      return `the disk or the server behind it fails (${code}); look at the kernel's log; it is tried again`;
    default:
      return `cannot be read (${code}); it is tried again`;
  }
}

function kindReason(stat: { isDirectory(): boolean; isFIFO(): boolean; isSocket(): boolean }): string {
  if (stat.isDirectory()) return 'a folder, not a file; name the files in it, for example with /*.log';
  if (stat.isFIFO()) return 'a FIFO, not a file; exclude it';
  return stat.isSocket() ? 'a socket, not a file; exclude it' : 'a device, not a file; exclude it';
}

type FileSystemKind = 'local' | 'remote' | 'kernel';

/** NFS, SMB (three numbers), FUSE, Ceph, AFS. */
const remoteTypes = new Set([0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x65735546, 0x00c36400, 0x5346414f]);
/** proc, sysfs, both cgroups, debugfs, tracefs: their files say no size, and each reading may be another. */
const kernelTypes = new Set([0x9fa0, 0x62656572, 0x27e0eb, 0x63677270, 0x64626720, 0x74726163]);
const kinds = new Map<number, FileSystemKind>();

async function fileSystemKind(path: string, device: number): Promise<FileSystemKind> {
  const known = kinds.get(device);
  if (known) return known;
  const { type } = await statfs(path);
  const kind = remoteTypes.has(type) ? 'remote' : kernelTypes.has(type) ? 'kernel' : 'local';
  kinds.set(device, kind);
  return kind;
}
