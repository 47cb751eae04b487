// The local fence: which files may be read, whatever a policy says. Checked on the real path, so that a symbolic link
// cannot lead outside; nothing from afar loosens it (DESIGN.md 8).
import { parseGlob } from './glob-pattern.ts';

export type FileFence = (realPath: string) => boolean;

export function fenceOf(globs: readonly string[]): FileFence {
  const patterns = globs.flatMap(parseGlob);
  return (realPath) => patterns.some((pattern) => pattern.matches(realPath));
}
