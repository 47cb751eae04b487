import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../proto/runtime/clock.ts';
import { listenFenceOf } from './listen-fence.ts';
import { socketInput } from './socket-input.ts';
import { hastyClock } from './testing/followed-folder.ts';
import { LiveReading, sourceOf } from './testing/live-reading.ts';

let folder: string;
let path: string;
const readings: LiveReading[] = [];
const sockets: Socket[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'socket-'));
  path = join(folder, 'eve.sock');
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const reading of readings.splice(0)) await reading.stop();
  rmSync(folder, { recursive: true });
});

function listening(written: Record<string, unknown> = {}, { fence = [`${folder}/*`], clock = systemClock } = {}): LiveReading {
  const source = sourceOf('socket', { path, ...written });
  const reading = new LiveReading((around) => socketInput({ source, fence: listenFenceOf(fence), ...around }), clock);
  readings.push(reading);
  return reading;
}

async function connected(reading: LiveReading): Promise<Socket> {
  await reading.until(() => reading.infos.some(({ text }) => text === 'listening'), 'listening');
  const socket = connect(path).on('error', () => undefined);
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

test('lines of several writers come whole, each in its order, whatever they begin with', async () => {
  const reading = listening();
  const [one, two] = [await connected(reading), await connected(reading)];

  one.write('{"n":1}\n{"n":');
  two.write('12 <13>not counted\n');
  one.write('2}\n');
  await reading.untilLines(3);

  expect(reading.texts.filter((text) => text.startsWith('{'))).toEqual(['{"n":1}', '{"n":2}']);
  expect(reading.texts).toContain('12 <13>not counted');
  expect(new Set(reading.lines.map((line) => line.path))).toEqual(new Set([path]));
});

test('the socket is open to whom the policy says, and gone when the source is', async () => {
  const reading = listening({ mode: '0620', group: '0' });
  await connected(reading);

  const { mode, gid } = statSync(path);
  await reading.stop();

  expect([(mode & 0o777).toString(8), gid]).toEqual(['620', 0]);
  expect(existsSync(path)).toBe(false);
});

test('a socket that nobody listens on any more is replaced', async () => {
  const left = `const s = require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', left]);
  expect(statSync(path).isSocket()).toBe(true);
  const reading = listening();

  (await connected(reading)).write('heard\n');

  await reading.untilLines(1);
});

test('a socket that another program listens on is left alone, and had when that is gone', async () => {
  const other = createServer().listen(path);
  await once(other, 'listening');
  const reading = listening({}, { clock: hastyClock() });

  await reading.untilTold(/another program listens on .*eve\.sock; choose another path; trying again/);
  other.close();
  (await connected(reading)).write('heard\n');

  await reading.untilLines(1);
});

test.each([
  ['a file', /is there and is no socket; move it away/, () => writeFileSync(path, 'precious')],
  ['a folder', /is there and is no socket/, () => mkdirSync(path)],
  ['a link, even to a socket', /is there and is no socket/, () => symlinkSync(join(folder, 'other.sock'), path)],
])('what is no socket is never taken away: %s', async (_, told, make) => {
  make();
  const reading = listening();

  await reading.untilTold(told);

  expect(existsSync(path) || reading.warnings.length > 0).toBe(true);
});

test('outside the fence nothing is made, also not by way of a link', async () => {
  const inside = join(folder, 'inside');
  const outside = mkdtempSync(join(tmpdir(), 'outside-'));
  symlinkSync(outside, inside);
  const reading = listening({ path: join(inside, 'eve.sock') });

  await reading.untilTold(/the local fence does not allow .*outside-\w+\/eve\.sock; add it to fence\.listen/);

  expect(existsSync(join(outside, 'eve.sock'))).toBe(false);
  rmSync(outside, { recursive: true });
});

test('a folder that is not there and a group that is not known are told with the remedy', async () => {
  const noFolder = listening({ path: join(folder, 'absent', 'eve.sock') });
  const noGroup = listening({ group: 'no-such-group' });

  await noFolder.untilTold(/the folder .*absent cannot be used \(ENOENT\); make it/);
  await noGroup.untilTold(/there is no group no-such-group in \/etc\/group; write its number/);

  expect(existsSync(path)).toBe(false);
});
