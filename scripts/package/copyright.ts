// The copyright file: our own terms, then those of everything that the package carries, word for word.
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as z from 'zod';

const manifestSchema = z.looseObject({ version: z.string(), license: z.string().default('see its own text') });

export interface Carried {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly text: string;
}

const ours = `Atalaia: log collector and SOC hub.

Copyright 2026 the Atalaia authors

Licensed under the Apache License, Version 2.0. On Debian systems its text is in /usr/share/common-licenses/Apache-2.0.

The package carries other people's work, each under its own terms, which follow: packages of npm that are part of
/usr/lib/atalaia-agent/agent.js, LevelDB in /usr/lib/atalaia-agent/classic-level.node, and Node with what is built into it in
/usr/lib/atalaia-agent/node.
`;

/** Throws when a package says nothing about its terms: then it must not be shipped. */
export async function carriedPackages(names: readonly string[], nodeModules: string): Promise<Carried[]> {
  return Promise.all(names.map((name) => carried(name, join(nodeModules, name))));
}

async function carried(name: string, folder: string): Promise<Carried> {
  const { version, license } = manifestSchema.parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')));
  // Deeper too: LevelDB and Snappy lie inside the package that wraps them.
  const all = await readdir(folder, { recursive: true });
  const files = all.filter((file) => /^(?:licen[cs]e|copying|notice)[^/]*$/i.test(basename(file)) && !file.includes('node_modules')).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  if (texts.length === 0 && license === 'see its own text') throw new Error(`${name} says nothing about its licence; it cannot be shipped`);
  return { name, version, license, text: texts.join('\n\n') };
}

export function copyrightText(packages: readonly Carried[]): string {
  const parts = packages.map(({ name, version, license, text }) => {
    const title = `${name} ${version} (${license})`;
    return `${title}\n${'-'.repeat(title.length)}\n\n${text.trim() || `The package brings no text of its own beyond its name: ${license}.`}\n`;
  });
  return [ours, ...parts].join('\n').replaceAll('\r\n', '\n');
}
