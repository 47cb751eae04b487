// Builds what is installed: `npm run build`, into dist/ or `--out FOLDER`. Programs, worker and child as one bundle each, the
// launchers that run under any Node from 20 on, the console's pages, and decoders, rules and example
// configurations at the places where config/shipped.ts and loadDecoders look.
// Promises: everything in the folder is from this build. Not bundled: chdb and level, which bring native code; they are
// looked for in node_modules beside or above the folder.
import { chmod, copyFile, cp, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { extname, isAbsolute, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { buildWeb } from '../hub/console/web/build.ts';
import { entries } from '../proto/runtime/entries.ts';
import { bundlePrograms } from './build/bundle-programs.ts';

const root = join(import.meta.dirname, '..');
const withNativeCode = ['chdb', 'level'];
const programs = { agent: 'agent/main.ts', hub: 'hub/main.ts' } as const;

async function bundleBoth(outFolder: string): Promise<void> {
  const mains = Object.entries(programs).map(([name, main]) => [`${name}-main`, main] as const);
  await bundlePrograms({ entries: { ...Object.fromEntries(mains), ...entries }, outFolder, external: withNativeCode });
}

/** So that `.js` means ES module wherever the folder is carried. */
async function writeLaunchers(outFolder: string): Promise<void> {
  await writeFile(join(outFolder, 'package.json'), '{ "type": "module" }\n');
  for (const name of Object.keys(programs)) {
    const launcher = join(outFolder, `${name}.js`);
    await copyFile(join(root, 'scripts', 'launcher.mjs'), launcher);
    await chmod(launcher, 0o755);
  }
}

async function copyShipped(outFolder: string): Promise<void> {
  const isShipped = (path: string): boolean => extname(path) === '.yml' || extname(path) === '';
  for (const folder of ['decoders', 'rules'])
    await cp(join(root, 'config', folder), join(outFolder, folder), { recursive: true, filter: isShipped });
  for (const name of ['agent.yaml', 'hub.yaml']) await copyFile(join(root, 'config', name), join(outFolder, name));
}

interface Part {
  readonly files: number;
  readonly bytes: number;
}

/** What lies directly in the folder is told by file, what lies deeper by folder. */
async function measureParts(outFolder: string): Promise<ReadonlyMap<string, Part>> {
  const parts = new Map<string, Part>();
  for (const entry of await readdir(outFolder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const [top = '', ...deeper] = relative(outFolder, path).split('/');
    const name = deeper.length > 0 ? `${top}/` : top;
    const { files, bytes } = parts.get(name) ?? { files: 0, bytes: 0 };
    parts.set(name, { files: files + 1, bytes: bytes + (await stat(path)).size });
  }
  return new Map([...parts].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** An earlier build is replaced; any other folder with something in it is somebody's. */
async function makeRoom(outFolder: string): Promise<void> {
  const present: string[] = await readdir(outFolder).catch(() => []);
  const isOurs = outFolder === join(root, 'dist') || present.length === 0 || present.includes('hub-main.js');
  if (!isOurs) throw new Error(`${outFolder} holds something that is not an earlier build; name an empty folder with --out`);
  await rm(outFolder, { recursive: true, force: true });
  await mkdir(outFolder, { recursive: true });
}

async function build(outFolder: string): Promise<void> {
  await makeRoom(outFolder);
  const steps: readonly (readonly [name: string, run: () => Promise<unknown>])[] = [
    ['programs', () => bundleBoth(outFolder)],
    ['launchers', () => writeLaunchers(outFolder)],
    ['pages', () => buildWeb(join(outFolder, 'web'))],
    ['decoders, rules, configurations', () => copyShipped(outFolder)],
  ];
  for (const [name, run] of steps) {
    const startedMs = performance.now();
    await run();
    console.log(`${name}: ${Math.round(performance.now() - startedMs)} ms`);
  }
  let total = 0;
  for (const [name, { files, bytes }] of await measureParts(outFolder)) {
    total += bytes;
    console.log(`${kib(bytes)}  ${name}${files > 1 ? ` (${files} files)` : ''}`);
  }
  console.log(`${kib(total)}  in ${relative(process.cwd(), outFolder) || '.'}`);
}

function kib(bytes: number): string {
  return `${(bytes / 1_024).toFixed(1).padStart(9)} KiB`;
}

const { out } = parseArgs({ options: { out: { type: 'string', default: 'dist' } } }).values;
const outFolder = isAbsolute(out) ? out : join(process.cwd(), out);
// The bundler reads package.json and tsconfig.json of the folder it is called in.
process.chdir(root);
await build(outFolder);
