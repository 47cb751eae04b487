// Builds the pages into a folder: one script, one style sheet, one icon, each named by its hash, and the page that names
// them; each also compressed once, so that the server never compresses. Promises: nothing outside this folder and the
// three libraries gets in; the same sources give the same names. Run it with esbuild's own service; no watcher stays.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));

export interface WebBuilt {
  /** Bytes of everything a first load fetches, as a browser with brotli gets it. */
  readonly firstLoadBytes: number;
}

export async function buildWeb(outFolder: string): Promise<WebBuilt> {
  const assets = join(outFolder, 'assets');
  await rm(outFolder, { recursive: true, force: true });
  await mkdir(assets, { recursive: true });
  const script = await bundle('main.tsx');
  const styles = await bundle('styles/all.css');
  const icon = await readFile(join(here, 'icon.svg'));
  const names = {
    SCRIPT: await writeAsset(assets, 'console', { text: script, ending: 'js' }),
    STYLES: await writeAsset(assets, 'console', { text: styles, ending: 'css' }),
    ICON: await writeAsset(assets, 'icon', { text: icon, ending: 'svg' }),
  };
  const template = await readFile(join(here, 'index.html'), 'utf8');
  const page = Buffer.from(template.replaceAll(/%(SCRIPT|STYLES|ICON)%/g, (_, name: keyof typeof names) => names[name]));
  await writeCompressed(join(outFolder, 'index.html'), page);
  return { firstLoadBytes: [script, styles, icon, page].reduce((sum, text) => sum + brotli(text).length, 0) };
}

async function bundle(entry: string): Promise<Buffer> {
  const built = await build({
    entryPoints: [join(here, entry)],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: ['es2022', 'chrome111', 'firefox114', 'safari16.4'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'silent',
  });
  const [file] = built.outputFiles;
  if (!file) throw new Error(`esbuild made nothing of ${entry}`);
  return Buffer.from(file.contents);
}

async function writeAsset(folder: string, name: string, file: { readonly text: Buffer; readonly ending: string }): Promise<string> {
  const hash = createHash('sha256').update(file.text).digest('hex').slice(0, 8).toUpperCase();
  const full = `${name}-${hash}.${file.ending}`;
  await writeCompressed(join(folder, full), file.text);
  return full;
}

async function writeCompressed(path: string, text: Buffer): Promise<void> {
  await writeFile(path, text);
  await writeFile(`${path}.br`, brotli(text));
  await writeFile(`${path}.gz`, gzipSync(text, { level: 9 }));
}

function brotli(text: Buffer): Buffer {
  return brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: text.length } });
}
