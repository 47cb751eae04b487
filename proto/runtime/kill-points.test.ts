import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { parseKillPoint } from './kill-points.ts';

const module = new URL('kill-points.ts', import.meta.url).href;
const passThreeTimes = `const { killPoint } = await import('${module}');
for (let pass = 1; pass <= 3; pass++) { console.log(pass); killPoint('agent.after-send'); }`;

function run(killPoint: string): { signal: string | null; printed: string } {
  const { signal, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', passThreeTimes], {
    env: { ...process.env, ATALAIA_KILL_POINT: killPoint },
  });
  return { signal, printed: stdout.toString() };
}

test('the process dies by SIGKILL at the pass that was asked for', () => {
  expect(run('agent.after-send:2')).toEqual({ signal: 'SIGKILL', printed: '1\n2\n' });
});

test('a kill point of another name is passed', () => {
  expect(run('hub.before-ack')).toEqual({ signal: null, printed: '1\n2\n3\n' });
});

test('a kill point that does not exist is refused, naming those that do', () => {
  expect(() => parseKillPoint('agent.after-lunch')).toThrow(/agent\.after-lunch.*hub\.before-ack/s);
  expect(() => parseKillPoint('hub.before-ack:0')).toThrow(/ATALAIA_KILL_POINT/);
  expect(parseKillPoint('')).toBeUndefined();
});
