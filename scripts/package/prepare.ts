// Makes the parts that packages are put together from: the bundle, its completions and manual pages (asked of the bundle
// itself), terms, and for each architecture its Node and LevelDB addon.
import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentParts } from './agent-files.ts';
import { addonName, bundleAgent } from './bundle-agent.ts';
import { carriedPackages, copyrightText } from './copyright.ts';
import { fetchNode } from './fetch-node.ts';
import { agentPage, configPage, type HelpText } from './man-pages.ts';
import { ownArchitecture, targets, type Target } from './target.ts';

export interface PrepareWish {
  readonly root: string;
  /** A folder of its own. */
  readonly scratch: string;
  readonly epoch: number;
  readonly version: string;
}

export interface Prepared {
  partsFor(target: Target): Promise<AgentParts>;
}

export async function preparePackages({ root, scratch, epoch, version }: PrepareWish): Promise<Prepared> {
  const levelFolder = join(root, 'node_modules', 'classic-level');
  const own = targets.find(({ debian }) => debian === ownArchitecture);
  if (!own) throw new Error(`packages are built on ${targets.map(({ debian }) => debian).join(' or ')}, not on ${ownArchitecture}`);
  const folder = join(scratch, 'bundle');
  await mkdir(folder);
  const { files, packages } = await bundleAgent(folder);
  // The bundle runs here once, to say its words, so it needs an addon and a type for `.js`.
  await copyFile(join(levelFolder, own.addon), join(folder, addonName));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n');
  const say = (...args: readonly string[]): string =>
    execFileSync(process.execPath, [join(folder, 'agent.js'), ...args], { encoding: 'utf8' });
  const config = await readFile(join(root, 'config', 'agent.yaml'), 'utf8');
  const source = { version, epoch };
  const manPages = { 'atalaia-agent.8': agentPage(helpTexts(say), source), 'agent.yaml.5': configPage(config, source) };
  const completions = { bash: say('completion', 'bash'), zsh: say('completion', 'zsh'), fish: say('completion', 'fish') };
  const carried = await carriedPackages(packages, join(root, 'node_modules'));
  return {
    partsFor: async (target) => {
      const node = await fetchNode(target.nodePackage, { root, folder: scratch });
      const ofNode = { name: 'node', version: node.version, license: 'MIT and others', text: node.license };
      return {
        bundle: { folder, files },
        node: node.program,
        addon: { from: join(levelFolder, target.addon), name: addonName },
        config,
        copyright: copyrightText([...carried, ofNode]),
        completions,
        manPages,
      };
    },
  };
}

/** The help of every command that the list of commands names. */
function helpTexts(say: (...args: readonly string[]) => string): HelpText[] {
  const names = [...say('help').matchAll(/^ {2}([a-z]+) /gm)].map(([, name = '']) => name);
  return names.filter((name) => name !== 'help').map((name) => ({ name, help: say(name, '--help') }));
}
