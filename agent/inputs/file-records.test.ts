import { appendFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FollowedFolder } from './testing/followed-folder.ts';

let app: FollowedFolder;
beforeEach(() => {
  app = new FollowedFolder();
});
afterEach(() => app.remove());

const multiline = { start: '^\\d', timeout: 5_000, maxLines: 1_000, maxBytes: 256 * 1024 };
const append = (text: string): void => appendFileSync(app.path('app.log'), text);

describe('lines that belong together are one line', () => {
  test('a stack trace is one line, with the offset of its first', async () => {
    append('1 failed\n  at a\n  at b\n2 fine\n3 fine\n');
    app.start(['app.log'], { multiline });

    expect(await app.untilLines(3)).toEqual(['1 failed\n  at a\n  at b', '2 fine', '3 fine']);
    expect(app.lines.map(({ offset }) => offset)).toEqual([0, 23, 30]);
  });

  test('the last record is handed out after silence, and not before', async () => {
    append('1 failed\n  at a\n');
    app.start(['app.log'], { multiline });
    await app.pass(2_000);
    expect(app.texts()).toEqual([]);
    append('  at b\n');

    expect(await app.untilLines(1)).toEqual(['1 failed\n  at a\n  at b']);
  });

  test('a reader killed in the middle of a record reads it again from its start, once', async () => {
    append('1 a\n b\n2 c\n d\n');
    app.start(['app.log'], { multiline: { ...multiline, timeout: 3_600_000 } });
    await app.until(() => app.lines.length === 1, 'the first record');
    app.makeDurable();
    await app.pass(2_000);
    await app.kill();

    append(' e\n3 f\n');
    app.start(['app.log'], { multiline });

    expect(await app.untilLines(3)).toEqual(['1 a\n b', '2 c\n d\n e', '3 f']);
  });

  test('a record that ended with its file is whole, half line and all', async () => {
    append('1 a\n b\n c');
    app.start(['app.log'], { multiline: { ...multiline, timeout: 3_600_000 } });
    await app.pass(1_000);
    renameSync(app.path('app.log'), app.path('app.log.1'));
    append('2 d\n3 e\n');

    expect((await app.untilLines(2)).sort()).toEqual(['1 a\n b\n c', '2 d']);
  });

  test('records far larger than a chunk come whole, and beyond the limit in marked parts that leave nothing out', async () => {
    const line = ` ${'x'.repeat(9_999)}\n`;
    const large = `1\n${line.repeat(40)}`;
    const huge = `2\n${line.repeat(120)}`;
    append(`${large}${huge}3 end\n4\n`);
    app.start(['app.log'], { multiline: { ...multiline, maxBytes: 512 * 1024 } });

    await app.untilLines(6);

    expect(app.lines[0]).toMatchObject({ text: large.slice(0, -1), isCut: false });
    expect(app.lines.slice(1, 4).map(({ isCut }) => isCut)).toEqual([true, true, false]);
    expect(
      app.lines
        .slice(1, 4)
        .map(({ text }) => `${text}\n`)
        .join(''),
    ).toBe(huge);
    expect(app.lines.at(-1)?.text).toBe('4');
  });
});

describe('files in other encodings', () => {
  test('UTF-16 goes on in the middle after a restart, half characters and half lines included', async () => {
    const bytes = Buffer.from('\ufefferste Größe\r\nzweite 𝄞 Zeile\r\ndritte\r\n', 'utf16le');
    writeFileSync(app.path('app.log'), bytes.subarray(0, 61));
    app.start(['app.log'], { encoding: 'utf-16' });
    await app.untilLines(1);
    await app.stop();

    appendFileSync(app.path('app.log'), bytes.subarray(61));
    app.start(['app.log'], { encoding: 'utf-16' });

    await app.untilLines(3);
    const utf8 = app.texts().map((text) => Buffer.from(text, 'latin1').toString());
    expect(utf8).toEqual(['erste Größe', 'zweite 𝄞 Zeile', 'dritte']);
    expect(app.lines.map(({ offset }) => offset)).toEqual([0, 28, 62]);
  });

  test('a UTF-16 file taken up at its end begins at a whole unit of its unfinished line', async () => {
    const bytes = Buffer.from('old\nunfinished', 'utf16le').swap16();
    writeFileSync(app.path('app.log'), Buffer.concat([bytes, Buffer.from([0])]));
    app.start(['app.log'], { encoding: 'utf-16be', startAt: 'end' });
    await app.until(() => app.told.length > 0, 'the file being followed');
    await app.pass(1_000);

    truncateSync(app.path('app.log'), bytes.length);
    appendFileSync(app.path('app.log'), Buffer.from(' line\n', 'utf16le').swap16());

    expect(await app.untilLines(1)).toEqual(['unfinished line']);
  });

  test('latin-1 lines are exact over restarts', async () => {
    const line = (i: number): string => `${i} Gr\xfc\xdfe aus K\xf6ln ${'\xe4'.repeat(30)}`;
    const write = (from: number): void =>
      appendFileSync(app.path('app.log'), Buffer.from(Array.from({ length: 50 }, (_, i) => `${line(from + i)}\n`).join(''), 'latin1'));
    write(0);
    app.start(['app.log'], { encoding: 'latin-1' });
    await app.untilLines(50);
    await app.stop();
    write(50);
    app.start(['app.log'], { encoding: 'latin-1' });

    await app.untilLines(100);
    expect(app.texts().map((text) => Buffer.from(text, 'latin1').toString())).toEqual(Array.from({ length: 100 }, (_, i) => line(i)));
  });

  test('a UTF-16 file of a source that expects bytes is told with the remedy and not read', async () => {
    writeFileSync(app.path('windows.log'), Buffer.from('\ufeffline\n', 'utf16le'));
    append('good\n');
    app.start(['*.log']);

    expect(await app.untilLines(1)).toEqual(['good']);
    expect(app.warnings).toEqual([expect.stringMatching(/windows\.log.*mark of UTF-16; say `encoding: utf-16`/)]);
  });
});
