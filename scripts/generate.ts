// Makes proto/generated from the schemas in proto/: `node scripts/generate.ts`, or with `--check` only says whether what
// is there is what the schemas give (exit 1 when stale). The generated code is the reference that the hand-written
// encoders and decoders are tested against.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const tools = join(root, 'node_modules', 'protobufjs-cli', 'bin');
const schemas = ['relay'] as const;
const jsOptions = '-t static-module -w es6 --force-number --no-service --no-delimited --no-typeurl --no-convert --no-verify';

/** Schema names whose generated code is not what the schema gives. */
export async function staleSchemas(): Promise<string[]> {
  const stale: string[] = [];
  for (const name of schemas) {
    for (const file of await generate(name)) {
      const present = await readFile(join(root, file.path), 'utf8').catch(() => '');
      if (present !== file.text && !stale.includes(name)) stale.push(name);
    }
  }
  return stale;
}

async function generate(name: string): Promise<readonly { readonly path: string; readonly text: string }[]> {
  const folder = await mkdtemp(join(tmpdir(), 'atalaia-generate-'));
  try {
    const js = join(folder, `${name}.js`);
    const dts = join(folder, `${name}.d.ts`);
    const schema = join('proto', `${name}.proto`);
    const options = [...jsOptions.split(' '), '--dependency', 'protobufjs/minimal.js', '-o', js, schema];
    await run(process.execPath, [join(tools, 'pbjs'), ...options], { cwd: root });
    await run(process.execPath, [join(tools, 'pbts'), '-o', dts, js], { cwd: root });
    return [
      { path: join('proto', 'generated', `${name}.js`), text: await readFile(js, 'utf8') },
      { path: join('proto', 'generated', `${name}.d.ts`), text: await readFile(dts, 'utf8') },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<number> {
  if (process.argv.includes('--check')) {
    const stale = await staleSchemas();
    for (const name of stale) process.stderr.write(`proto/generated/${name}.* is stale: run \`node scripts/generate.ts\`\n`);
    return stale.length === 0 ? 0 : 1;
  }
  for (const name of schemas) for (const file of await generate(name)) await writeFile(join(root, file.path), file.text);
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main();
