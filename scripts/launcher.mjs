#!/usr/bin/env node
// The front door of a built program: copied to dist/agent.js and dist/hub.js, it starts agent-main.js or hub-main.js that
// lies beside it. Plain JavaScript on purpose: it must run on any Node from 20 on.
// Promises: on Node 26 the program runs in this process; on an older one in the project's own Node 26, with the same
// arguments, streams, exit code or signal. Each signal arrives once: the program leads its own process group, so a Ctrl-C of
// the terminal does not reach it beside the one passed on. It ends at once when its launcher is killed.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const neededMajor = 26;
const mark = 'ATALAIA_LAUNCHED';
const here = fileURLToPath(import.meta.url);
const isLaunched = process.env[mark] === '1';
delete process.env[mark];
// An agent is to be small. Left alone, glibc keeps freed batches for later, some 40 MB of them; with a fixed threshold they
// go back to the system at once. It reads these when a process begins, so the process begins once more, with the same pid.
// Batches hardly touch V8's young heap, which would grow to 48 MB all the same: one megabyte is as fast.
const sparingFlags = basename(here) === 'agent.js' ? ['--max-semi-space-size=1'] : [];
const sparing = basename(here) === 'agent.js' ? { MALLOC_MMAP_THRESHOLD_: '262144', MALLOC_ARENA_MAX: '2' } : {};

if (Number(process.versions.node.split('.')[0]) >= neededMajor) {
  if (isLaunched) endWithLauncher();
  else if (mustBeginAgain())
    process.execve(process.execPath, [process.execPath, ...sparingFlags, ...process.execArgv, ...process.argv.slice(1)], {
      ...process.env,
      ...sparing,
    });
  await import(pathToFileURL(join(dirname(here), `${basename(here, '.js')}-main.js`)).href);
} else {
  const node = isLaunched ? undefined : findOwnNode();
  if (node === undefined) {
    console.error(
      `Atalaia runs on Node ${neededMajor}; this is ${process.version}, and the project's own was not found (node_modules/.bin/node). ` +
        `Install the dependencies beside dist/ with npm install, or start this with Node ${neededMajor}.`,
    );
    process.exit(1);
  }
  runIn(node);
}

/** Whoever set one of the variables knows better; a channel to a parent would not survive. */
function mustBeginAgain() {
  const names = Object.keys(sparing);
  const isSet = names.some((name) => process.env[name] !== undefined);
  return names.length > 0 && !isSet && process.platform === 'linux' && process.channel === undefined && 'execve' in process;
}

/** The nearest node_modules/.bin/node from here upwards: beside dist/ in a checkout, further up when installed as a package. */
function findOwnNode() {
  for (let folder = dirname(here); ; folder = dirname(folder)) {
    const node = join(folder, 'node_modules', '.bin', 'node');
    if (existsSync(node)) return node;
    if (folder === dirname(folder)) return undefined;
  }
}

function runIn(node) {
  const child = spawn(node, [...sparingFlags, ...process.execArgv, here, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    detached: true,
    env: { ...sparing, ...process.env, [mark]: '1' },
  });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const passOn = (signal) => child.kill(signal);
  for (const signal of signals) process.on(signal, passOn);
  child.on('error', (error) => {
    console.error(`${node} does not start: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    for (const name of signals) process.off(name, passOn);
    if (signal === null) process.exit(code);
    process.kill(process.pid, signal);
  });
}

/** The channel to the launcher closes when that dies, however it dies; nothing else travels on it. */
function endWithLauncher() {
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel?.unref();
}
