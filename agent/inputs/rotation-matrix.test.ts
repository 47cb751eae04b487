// Every way of rotation × where the reader stands × how the globs name it, on real files: each line exactly once.
import { truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FollowedFolder } from './testing/followed-folder.ts';
import { LogFolder } from './testing/log-folder.ts';

/** Longer than 64 bytes each; short ones are a case of their own. */
const long = (i: number): string => `2026-11-24T10:00:00Z web1 app[811]: request ${String(i).padStart(6, '0')} was answered in good time`;
const short = (i: number): string => String(i);

interface Case {
  readonly name: string;
  readonly lineOf?: (i: number) => string;
  /** Lines that stand in the file before, unread when the reader lags. */
  readonly unread: number;
  readonly rotate: (log: LogFolder) => void;
}

const cases: readonly Case[] = [
  {
    name: 'renamed, and a new file in its place',
    unread: 50,
    rotate(log) {
      log.rename();
      log.write(30);
    },
  },
  {
    name: 'copied and truncated',
    unread: 50,
    rotate(log) {
      log.copyAndTruncate();
      log.write(30);
    },
  },
  {
    // What was unread of the old bytes is nowhere any more: so all was read.
    name: 'truncated and written again',
    unread: 0,
    rotate(log) {
      truncateSync(log.path('app.log'));
      log.write(200);
    },
  },
  {
    name: 'deleted, and another file with the same inode in its place',
    unread: 0,
    rotate(log) {
      log.reuseInode();
      log.write(200);
    },
  },
  {
    name: 'renamed while shorter than a fingerprint',
    lineOf: short,
    unread: 3,
    rotate(log) {
      log.rename();
      log.write(2);
    },
  },
  {
    name: 'rotated twice while the reader is behind',
    unread: 50,
    rotate(log) {
      log.rename();
      log.write(30);
      log.rename();
      log.write(20);
    },
  },
  {
    name: 'renamed and compressed with gzip at once',
    unread: 50,
    rotate(log) {
      log.rename();
      log.compress('app.log.1', 'gz');
      log.write(30);
    },
  },
  {
    name: 'renamed and compressed with zstd at once',
    unread: 50,
    rotate(log) {
      log.rename();
      log.compress('app.log.1', 'zst');
      log.write(30);
    },
  },
  {
    name: 'renamed ten times',
    unread: 50,
    rotate(log) {
      for (let turn = 0; turn < 10; turn++) {
        log.rename();
        log.write(10 + turn);
      }
    },
  },
  {
    name: 'renamed ten times, the older ones compressed',
    unread: 50,
    rotate(log) {
      for (let turn = 0; turn < 10; turn++) {
        for (let i = 12; i >= 2; i--) log.moveIfThere(`app.log.${i}.gz`, `app.log.${i + 1}.gz`);
        if (turn > 0) log.compress('app.log.1', 'gz');
        log.moveIfThere('app.log.1.gz', 'app.log.2.gz');
        log.rename();
        log.write(10 + turn);
      }
    },
  },
];

/** Where the reader stands when rotation comes, with so many more lines written. */
const readers = {
  async 'is up to date'(log: LogFolder, unread: number) {
    log.write(unread);
    await log.app.untilLines(log.written.length);
  },
  async 'is held up by a full buffer'(log: LogFolder, unread: number) {
    log.app.isHeld = true;
    log.write(1);
    await log.app.until(() => log.app.lines.length === log.written.length, 'the line at which it is held');
    log.write(unread);
  },
  async 'was stopped'(log: LogFolder, unread: number) {
    await log.app.stop();
    log.write(unread);
  },
  async 'was killed before it was durable'(log: LogFolder, unread: number) {
    log.write(unread);
    await log.app.untilLines(log.written.length);
    await log.app.kill();
  },
} as const;

const names = ['is up to date', 'is held up by a full buffer', 'was stopped', 'was killed before it was durable'] as const;
const table = cases.flatMap((one) =>
  names.flatMap((reader) =>
    ['app.log', 'app.log*'].map((glob) => ({ ...one, title: `${one.name}; the reader ${reader} (glob ${glob})`, reader, glob })),
  ),
);

const byText = (a: string, b: string): number => a.localeCompare(b);

describe.concurrent('every line of a rotated log is read exactly once', () => {
  test.each(table)('$title', async ({ lineOf = long, unread, rotate, reader, glob }) => {
    const app = new FollowedFolder();
    try {
      const log = new LogFolder(app, lineOf);
      log.write(5);
      app.start([glob]);
      await app.untilLines(5);
      app.makeDurable();
      await readers[reader](log, unread);

      rotate(log);
      // Long enough for every look that the held reader's input takes meanwhile.
      if (app.isHeld) await app.pass(5_000);
      app.isHeld = false;
      if (!app.isRunning) app.start([glob]);

      await app.until(() => app.lines.length >= log.written.length, `${log.written.length} lines`);
      // The time in which a file that looked new, or a copy, would be read a second time; the last time after a restart.
      await app.pass(12_000);
      expect(app.texts().sort(byText)).toEqual([...log.written].sort(byText));
      await app.stop();
      app.start([glob]);
      await app.pass(8_000);
      expect(app.lines).toHaveLength(log.written.length);
    } finally {
      await app.remove();
    }
  });
});

test('a copy that was seen while it was still empty is known as a copy once it is written, and not read again', async () => {
  const app = new FollowedFolder();
  try {
    const log = new LogFolder(app, long);
    log.write(40);
    app.start(['app.log*']);
    await app.untilLines(40);
    writeFileSync(log.path('app.log.1'), '');
    // Once this is read the empty file was looked at.
    writeFileSync(log.path('app.log-beside'), 'beside\n');
    await app.untilLines(41);
    log.copyAndTruncate();
    log.write(5);

    await app.untilLines(46);
    await app.pass(3_000);
    expect(app.texts().sort()).toEqual([...log.written, 'beside']);
  } finally {
    await app.remove();
  }
});

test('what was written after a truncation, and renamed while nobody looked, is read though the copy is deleted', async () => {
  const app = new FollowedFolder();
  try {
    const log = new LogFolder(app, long);
    log.write(40);
    app.start(['app.log']);
    await app.untilLines(40);
    await app.stop();
    truncateSync(log.path('app.log'));
    log.write(1);
    log.rename();
    log.write(5);
    app.start(['app.log']);

    await app.untilLines(46);
    await app.pass(3_000);
    expect(app.texts().sort()).toEqual(log.written);
  } finally {
    await app.remove();
  }
});

test('a compressed generation of one short line, read out of its .gz, is not read again under its next number', async () => {
  const app = new FollowedFolder();
  try {
    const log = new LogFolder(app, short);
    log.write(1);
    log.rename();
    log.compress('app.log.1', 'gz');
    app.start(['app.log*']);
    await app.untilLines(1);
    await app.stop();
    log.moveIfThere('app.log.1.gz', 'app.log.2.gz');
    log.write(1);
    app.start(['app.log*']);

    await app.untilLines(2);
    await app.pass(3_000);
    expect(app.texts().sort()).toEqual(log.written);
  } finally {
    await app.remove();
  }
});

test('a second generation that holds the same short line is read too', async () => {
  const app = new FollowedFolder();
  try {
    const log = new LogFolder(app, short);
    const generation = (date: string): void => {
      writeFileSync(log.path(`app.log-${date}`), 'started\n');
      log.compress(`app.log-${date}`, 'gz');
    };
    generation('20261124');
    app.start(['app.log*']);
    await app.untilLines(1);
    await app.stop();
    generation('20261125');
    app.start(['app.log*']);

    expect(await app.untilLines(2)).toEqual(['started', 'started']);
  } finally {
    await app.remove();
  }
});
