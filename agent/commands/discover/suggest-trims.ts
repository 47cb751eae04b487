// Which bulky fields a sample of JSON lines has, and how much of it they take.

export interface BulkyField {
  readonly path: string;
  /** Of all bytes of the sample, 0 to 1. */
  readonly share: number;
}

const shareMin = 0.005;

export function bulkyFields(lines: readonly string[], paths: readonly string[]): readonly BulkyField[] {
  const bytes = new Map<string, number>();
  let all = 0;
  for (const line of lines) {
    all += Buffer.byteLength(line) + 1;
    const value = parsed(line);
    for (const path of paths) {
      const found = at(value, path.split('.'));
      if (found !== undefined) bytes.set(path, (bytes.get(path) ?? 0) + Buffer.byteLength(JSON.stringify(found)) + path.length + 4);
    }
  }
  return [...bytes]
    .map(([path, taken]) => ({ path, share: taken / all }))
    .filter(({ share }) => share >= shareMin)
    .sort((a, b) => b.share - a.share);
}

/** Share of lines, by bytes, whose field has a value. */
export function shareOf(lines: readonly string[], field: string, value: string): number {
  const all = lines.reduce((sum, line) => sum + line.length, 0);
  const some = lines.reduce((sum, line) => sum + (at(parsed(line), [field]) === value ? line.length : 0), 0);
  return all === 0 ? 0 : some / all;
}

function at(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) return value;
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? at(Reflect.get(value, name), rest) : undefined;
}

function parsed(line: string): unknown {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
