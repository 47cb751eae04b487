// Path globs: `*` and `?` within one name, `[a-z]` sets, `{a,b}` choices, `**` any number of folders.
// Promises: a pattern is parsed once; matching is linear (no backtracking across names); names that begin with a dot are
// matched only where the pattern says the dot. `**` does not follow symbolic links to folders, so that loops end.

export interface GlobPattern {
  readonly text: string;
  /** One per folder level; `**` is undefined. */
  readonly parts: readonly (RegExp | undefined)[];
  matches(path: string): boolean;
}

const choicesMax = 64;

/** The patterns that a text stands for: one, or one per choice in braces. */
export function parseGlob(text: string): GlobPattern[] {
  return expandBraces(text).slice(0, choicesMax).map(parseOne);
}

function expandBraces(text: string): string[] {
  const match = /^(.*?)\{([^{}]*)\}(.*)$/s.exec(text);
  if (!match) return [text];
  const [, before = '', choices = '', behind = ''] = match;
  return choices
    .split(',')
    .flatMap((choice) => expandBraces(`${before}${choice}${behind}`))
    .slice(0, choicesMax);
}

function parseOne(text: string): GlobPattern {
  const parts = text
    .split('/')
    .filter((part) => part !== '')
    .map((part) => (part === '**' ? undefined : namePattern(part)));
  return {
    text,
    parts,
    matches: (path) =>
      matchParts(
        parts,
        path.split('/').filter((name) => name !== ''),
      ),
  };
}

function matchParts(parts: readonly (RegExp | undefined)[], names: readonly string[]): boolean {
  // Positions in `parts` that the names so far may have led to: linear in names × parts, whatever the pattern.
  let places = new Set(closure(parts, [0]));
  for (const name of names) {
    const next: number[] = [];
    for (const place of places) {
      if (place >= parts.length) continue;
      const part = parts[place];
      if (part === undefined) {
        if (!name.startsWith('.')) next.push(place);
      } else if (part.test(name)) next.push(place + 1);
    }
    places = new Set(closure(parts, next));
  }
  return places.has(parts.length);
}

function closure(parts: readonly (RegExp | undefined)[], places: readonly number[]): number[] {
  return places.flatMap((place) => {
    const all = [place];
    for (let next = place; next < parts.length && parts[next] === undefined;) all.push(++next);
    return all;
  });
}

function namePattern(part: string): RegExp {
  let pattern = /^[*?[]/.test(part) ? '(?!\\.)' : '';
  for (let i = 0; i < part.length; i++) {
    const c = part.charAt(i);
    if (c === '*') {
      while (part[i + 1] === '*') i++;
      pattern += '[^/]*';
    } else if (c === '?') pattern += '[^/]';
    else if (c === '[') {
      const close = part.indexOf(']', i + 2);
      if (close < 0) pattern += '\\[';
      else {
        pattern += set(part.slice(i + 1, close));
        i = close;
      }
    } else pattern += c.replace(/[.*+?^${}()|[\]\\]/, '\\$&');
  }
  return new RegExp(`^${pattern}$`, 's');
}

function set(body: string): string {
  const isNot = body.startsWith('!') || body.startsWith('^');
  return `[${isNot ? '^' : ''}${(isNot ? body.slice(1) : body).replace(/[\\\]^]/g, '\\$&')}]`;
}
