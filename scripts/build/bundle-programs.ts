// Bundles programs for Node 26: each entry one ES module that holds everything it needs, but the packages named external.
// Promises: the same sources give the same bytes, wherever the checkout lies; the process must stand at the top of the project,
// for the bundler reads package.json and tsconfig.json of the folder it is called in.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import { build as bundle } from 'tsup';

export interface Bundling {
  /** Name of the file to be, without `.js`, to the source file from the top of the project. */
  readonly entries: Readonly<Record<string, string>>;
  readonly outFolder: string;
  /** Packages that are not bundled: they bring native code. */
  readonly external: readonly string[];
  readonly plugins?: readonly Plugin[];
  /** Leaves metafile-esm.json beside the bundles: what went into them. */
  readonly metafile?: boolean;
}

const root = join(import.meta.dirname, '..', '..');
/** Bundled CommonJS asks for Node's own modules by `require`, which an ES module does not have. */
const requireForBundled = `import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);`;
/** The bundler runs CommonJS where it is imported, after all ES modules; the certificates' library needs this polyfill before. */
const reflectFirst: Plugin = {
  name: 'reflect-metadata as an ES module',
  setup(build) {
    build.onLoad({ filter: /\/reflect-metadata\/Reflect\.js$/ }, async ({ path }) => ({
      contents: `${await readFile(path, 'utf8')}\nexport {};\n`,
    }));
  },
};

export async function bundlePrograms({ entries, outFolder, external, plugins = [], metafile = false }: Bundling): Promise<void> {
  await bundle({
    config: false,
    silent: true,
    entry: Object.fromEntries(Object.entries(entries).map(([name, source]) => [name, join(root, source)])),
    outDir: outFolder,
    format: 'esm',
    target: 'node26',
    platform: 'node',
    // Each program is one file: an agent is installed without what only the hub needs, and modules run in their order.
    splitting: false,
    dts: false,
    removeNodeProtocol: false,
    // The text of a program stays in memory, at two bytes a character where a single one, in a comment, is not ASCII. Names stay as
    // they are, and lines short, for stack traces.
    esbuildOptions: (told) => void Object.assign(told, { minifyWhitespace: true, lineLimit: 160 }),
    noExternal: [new RegExp(`^(?!(?:${external.map((name) => RegExp.escape(name)).join('|')})$)`)],
    external: [...external],
    esbuildPlugins: [reflectFirst, ...plugins],
    banner: { js: requireForBundled },
    outExtension: () => ({ js: '.js' }),
    metafile,
  });
}
