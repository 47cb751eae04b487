// Failed logins at a real sshd, by the two ways in which hosts keep them.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { FollowedFolder } from './testing/followed-folder.ts';
import { journalInput } from './testing/journal-reading.ts';
import { missingFor, RealSshd } from './testing/real-sshd.ts';

let sshd: RealSshd | undefined;
afterEach(() => sshd?.stop());

const failure = /Failed password for invalid user (\w+) from 127\.0\.0\.1 port \d+ ssh2/;
const users = ['lighthouse', 'harbour', 'lighthouse'];
const usersIn = (texts: readonly string[]): string[] => texts.flatMap((text) => failure.exec(text)?.[1] ?? []);

const skipped = (missing: string): string => (missing === '' ? '' : ` (skipped; it wants ${missing})`);

const withRsyslogd = missingFor('rsyslogd');
test.skipIf(withRsyslogd !== '')(
  `logins that fail at a real sshd are lines of its auth.log, each once${skipped(withRsyslogd)}`,
  async () => {
    sshd = await RealSshd.start('rsyslogd');
    const app = new FollowedFolder();
    try {
      app.start([], { paths: [join(sshd.folder, 'auth.log')], fence: `${sshd.folder}/**` });
      await app.until(() => app.texts().some((text) => text.includes('Server listening')), 'sshd');

      for (const user of users) await sshd.guess(user);
      await app.until(() => usersIn(app.texts()).length >= users.length, 'the failures');
      await app.pass(2_000);

      expect(usersIn(app.texts())).toEqual(users);
      for (const text of app.texts()) expect(text).toMatch(/^\S+ [\d ]\d? ?\S* ?\S+ sshd\[\d+\]: |^\S+T\S+ \S+ sshd\[\d+\]: /);
    } finally {
      await app.remove();
    }
  },
  30_000,
);

const withJournald = missingFor('journald');
test.skipIf(withJournald !== '')(
  `logins that fail at a real sshd are entries of the journal, each once${skipped(withJournald)}`,
  async () => {
    sshd = await RealSshd.start('journald');
    const { folder } = sshd;
    const program = join(folder, 'journalctl');
    writeFileSync(program, `#!/bin/sh\nexec journalctl --directory='${folder}/run/log/journal' "$@"\n`);
    chmodSync(program, 0o700);
    const stop = new AbortController();
    const texts: string[] = [];
    let guesses: Promise<void> | undefined;
    const guessAll = async (): Promise<void> => {
      for (const user of users) await sshd?.guess(user);
    };

    for await (const block of journalInput(program).read([], AbortSignal.any([stop.signal, AbortSignal.timeout(25_000)]))) {
      for (let i = 0; i < block.count; i++) texts.push(block.bytes.toString('utf8', block.starts[i], block.ends[i]));
      if (texts.some((text) => text.includes('Server listening'))) guesses ??= guessAll();
      if (usersIn(texts).length >= users.length) stop.abort();
    }
    await guesses;

    expect(usersIn(texts)).toEqual(users);
    const entries = texts.filter((text) => failure.test(text)).map((text): unknown => JSON.parse(text));
    for (const entry of entries) expect(entry).toMatchObject({ SYSLOG_IDENTIFIER: 'sshd', SYSLOG_FACILITY: '4', _UID: '0' });
  },
  30_000,
);
