// Rule files of a folder, in an order that does not depend on the file system. Test files beside the rules are left out.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../../proto/runtime/errors.ts';
import type { RuleSource } from '../../work.ts';

const filesMax = 50_000;

export function readRuleFiles(folder: string, isWanted: (file: string) => boolean = isRuleFile): RuleSource[] {
  let names: string[];
  try {
    names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(isWanted).sort();
  } catch (error) {
    throw new UsageError(`rules: reading the folder ${folder} failed; name a folder with Sigma rules (*.yml)`, { cause: error });
  }
  if (names.length > filesMax) throw new UsageError(`rules: ${folder} holds more than ${filesMax} files; name a smaller folder`);
  return names.map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }));
}

function isRuleFile(file: string): boolean {
  return /\.ya?ml$/.test(file) && !isTestFile(file);
}

export function isTestFile(file: string): boolean {
  return /\.test\.ya?ml$/.test(file);
}
