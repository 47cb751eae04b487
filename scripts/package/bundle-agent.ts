// The agent as one file, with LevelDB's addon beside it instead of the packages that would look for it, and the list of
// packages that went into it. Promises: neither chDB nor anything else of the hub is inside, or the build fails.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import * as z from 'zod';
import { entries } from '../../proto/runtime/entries.ts';
import { bundlePrograms } from '../build/bundle-programs.ts';

export const addonName = 'classic-level.node';

/** LevelDB's JavaScript asks for its addon here; in the package there is one, of the right architecture, beside the program.
 * By another name `require` is left alone by the bundler, which would look for the file now. */
const addonBeside: Plugin = {
  name: 'LevelDB addon beside the program',
  setup(build) {
    build.onLoad({ filter: /\/classic-level\/binding\.js$/ }, () => ({
      contents: `const fromHere = require;\nmodule.exports = fromHere('./${addonName}');\n`,
    }));
  },
};

export interface BundledAgent {
  /** Files to install beside each other; the program is agent.js. */
  readonly files: readonly string[];
  /** Packages of npm that are part of them. */
  readonly packages: readonly string[];
}

const metafileSchema = z.looseObject({ inputs: z.record(z.string(), z.unknown()) });

export async function bundleAgent(outFolder: string): Promise<BundledAgent> {
  const workers = Object.entries(entries).filter(([, source]) => source.startsWith('agent/'));
  const names = ['agent', ...workers.map(([name]) => name)];
  await bundlePrograms({
    entries: { agent: 'agent/main.ts', ...Object.fromEntries(workers) },
    outFolder,
    external: ['chdb'],
    plugins: [addonBeside],
    metafile: true,
  });
  const metafile = join(outFolder, 'metafile-esm.json');
  const inputs = Object.keys(metafileSchema.parse(JSON.parse(await readFile(metafile, 'utf8'))).inputs);
  await rm(metafile);
  const foreign = inputs.find((input) => input.startsWith('hub/'));
  if (foreign !== undefined) throw new Error(`the agent's bundle holds ${foreign}, which belongs to the hub alone`);
  const packages = inputs.flatMap((input) => /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []);
  return { files: names.map((name) => `${name}.js`), packages: [...new Set(packages)].sort() };
}
