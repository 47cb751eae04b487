// The manager's socket is one that Node cannot open either, so these look at what is handed to `systemd-notify`; that it
// arrives is seen under a real systemd by `npm run package -- --check`.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { serviceManager } from './service-manager.ts';

const folder = mkdtempSync(join(tmpdir(), 'atalaia-notify-'));
afterEach(() => rmSync(join(folder, 'sent'), { force: true }));

/** In place of systemd-notify: writes down what it was asked to send and where. */
function recorder(exitCode: number): string {
  const path = join(folder, 'systemd-notify');
  writeFileSync(path, `#!/bin/sh\nprintf '%s\\n' "$NOTIFY_SOCKET" "$@" >> ${join(folder, 'sent')}\nexit ${exitCode}\n`);
  chmodSync(path, 0o755);
  return `${folder}:/usr/bin:/bin`;
}

const neverFails = (error: Error): never => {
  throw error;
};

test('a service that no manager started tells nobody and is not watched', async () => {
  const manager = serviceManager({ PATH: '/nowhere', WATCHDOG_USEC: '1000000' }, neverFails);

  await manager.tell('READY=1');

  expect(manager.watchdogMs).toBeUndefined();
});

test('what is told arrives as assignments, one message, line ends taken out', async () => {
  const manager = serviceManager({ PATH: recorder(0), NOTIFY_SOCKET: '/run/systemd/notify' }, neverFails);

  await manager.tell('READY=1', 'STATUS=all\nis well');

  expect(readFileSync(join(folder, 'sent'), 'utf8')).toBe('/run/systemd/notify\nREADY=1\nSTATUS=all is well\n');
});

test('a message that cannot be sent is told and does not stop the program', async () => {
  const failures: Error[] = [];
  const failing = serviceManager({ PATH: recorder(1), NOTIFY_SOCKET: '/x' }, (error) => failures.push(error));
  const absent = serviceManager({ PATH: '/nowhere', NOTIFY_SOCKET: '/x' }, (error) => failures.push(error));

  await failing.tell('READY=1');
  await absent.tell('READY=1');

  expect(failures).toHaveLength(2);
});

test.each([
  [{ WATCHDOG_USEC: '90000000' }, 90_000],
  [{ WATCHDOG_USEC: '90000000', WATCHDOG_PID: String(process.pid) }, 90_000],
  [{ WATCHDOG_USEC: '90000000', WATCHDOG_PID: '1' }, undefined],
  [{ WATCHDOG_USEC: 'soon' }, undefined],
  [{ WATCHDOG_USEC: '0' }, undefined],
  [{}, undefined],
])('the watchdog of %j is %j ms', (environment, watchdogMs) => {
  expect(serviceManager({ NOTIFY_SOCKET: '/x', ...environment }, neverFails).watchdogMs).toBe(watchdogMs);
});
