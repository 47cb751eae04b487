// The parts of the agent that both forms of the package hold, each at its place below a prefix.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PackageFile } from './package-files.ts';

export interface AgentParts {
  /** Folder with the bundle, and its files. */
  readonly bundle: { readonly folder: string; readonly files: readonly string[] };
  readonly node: string;
  readonly addon: { readonly from: string; readonly name: string };
  /** The configuration that is shipped. */
  readonly config: string;
  readonly copyright: string;
  /** Shell to its completion. */
  readonly completions: Readonly<Record<'bash' | 'zsh' | 'fish', string>>;
  /** Compressed where the form asks for it. */
  readonly manPages: Readonly<Record<'atalaia-agent.8' | 'agent.yaml.5', string>>;
}

export const shippedFiles = join(import.meta.dirname, 'files');

export function shipped(name: string): string {
  return readFileSync(join(shippedFiles, name), 'utf8');
}

/** Program, launcher and completions; `prefix` is empty or `usr/`. */
export function programFiles(prefix: string, { bundle, node, addon, completions }: AgentParts): PackageFile[] {
  const lib = `${prefix}lib/atalaia-agent`;
  return [
    { path: `${prefix}bin/atalaia-agent`, content: { bytes: shipped('atalaia-agent.sh') }, isProgram: true },
    { path: `${lib}/node`, content: { copyOf: node }, isProgram: true },
    ...bundle.files.map((name) => ({ path: `${lib}/${name}`, content: { copyOf: join(bundle.folder, name) } })),
    { path: `${lib}/${addon.name}`, content: { copyOf: addon.from } },
    // So that `.js` means ES module.
    { path: `${lib}/package.json`, content: { bytes: '{ "type": "module" }\n' } },
    { path: `${prefix}share/bash-completion/completions/atalaia-agent`, content: { bytes: completions.bash } },
    { path: `${prefix}share/zsh/vendor-completions/_atalaia-agent`, content: { bytes: completions.zsh } },
    { path: `${prefix}share/fish/vendor_completions.d/atalaia-agent.fish`, content: { bytes: completions.fish } },
  ];
}

export function unitFile(binFolder: string): string {
  return shipped('atalaia-agent.service').replaceAll('@bin@', binFolder);
}

export const dropIns = ['read-every-file.conf', 'low-ports.conf', 'kernel-log.conf', 'other-folders.conf', 'buffer-key.conf'] as const;

/** Alerts about the agent, with their tests. */
export const prometheusAlerts = ['prometheus-alerts.yml', 'prometheus-alerts.test.yml'] as const;
