// A program that writes app.log, and the rotations that are done to it, on a real folder.
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { FollowedFolder } from './followed-folder.ts';

export class LogFolder {
  readonly app: FollowedFolder;
  readonly written: string[] = [];
  readonly lineOf: (i: number) => string;

  constructor(app: FollowedFolder, lineOf: (i: number) => string) {
    this.app = app;
    this.lineOf = lineOf;
  }

  path(name: string): string {
    return this.app.path(name);
  }

  /** More lines at the end of the live file. */
  write(count: number): void {
    const lines = Array.from({ length: count }, (_, i) => this.lineOf(this.written.length + i));
    this.written.push(...lines);
    appendFileSync(this.path('app.log'), lines.map((line) => `${line}\n`).join(''));
  }

  moveIfThere(from: string, to: string): void {
    if (existsSync(this.path(from))) renameSync(this.path(from), this.path(to));
  }

  rename(depth = 12): void {
    for (let i = depth - 1; i >= 1; i--) this.moveIfThere(`app.log.${i}`, `app.log.${i + 1}`);
    renameSync(this.path('app.log'), this.path('app.log.1'));
  }

  compress(name: string, how: 'gz' | 'zst'): void {
    const content = readFileSync(this.path(name));
    writeFileSync(this.path(`${name}.${how}`), how === 'gz' ? gzipSync(content) : zstdCompressSync(content));
    rmSync(this.path(name));
  }

  copy(): void {
    copyFileSync(this.path('app.log'), this.path('app.log.1'));
  }

  copyAndTruncate(): void {
    this.copy();
    truncateSync(this.path('app.log'));
  }

  /** The file system decides; where it does not give the number again, the file is written over in place, which is as good. */
  reuseInode(): void {
    const path = this.path('app.log');
    const { ino } = statSync(path);
    rmSync(path);
    mkdirSync(this.path('elsewhere'));
    for (let i = 0; i < 200; i++) {
      const other = this.path(`elsewhere/${i}`);
      writeFileSync(other, '');
      if (statSync(other).ino !== ino) continue;
      renameSync(other, path);
      return;
    }
    writeFileSync(path, '');
  }
}
