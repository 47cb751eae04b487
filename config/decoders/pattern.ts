// The pattern language of decoder files: literal text, captures `<target:kind>` and optional groups `[...]`.
// `\[ \] \< \> \\` stand for themselves. A target is a field name, `@timestamp`, `_name` (only for this decoder's own
// `fields`), or `_` (thrown away). Patterns must match the whole text; `<_:rest>` takes what may follow.
//
// Promises: a pattern compiles to a flat list that a scanner walks once from left to right. The one exception, `widest`,
// may be tried at four places at most. So the time is linear in the text whatever an attacker writes.

const captureKinds = ['text', 'word', 'name', 'long', 'float', 'ip', 'host', 'hex', 'quoted', 'rest', 'widest'] as const;
export type CaptureKind = (typeof captureKinds)[number];

export type Element =
  | { readonly is: 'literal'; readonly text: string }
  | { readonly is: 'capture'; readonly target: string; readonly kind: CaptureKind }
  | { readonly is: 'optional'; readonly of: readonly Element[] };

export type ParsedPattern = { readonly ok: true; readonly elements: readonly Element[] } | { readonly ok: false; readonly reason: string };

const patternLimits = { charsMax: 1_024, capturesMax: 48, depthMax: 3 } as const;

interface Cursor {
  readonly text: string;
  at: number;
  captures: number;
  widest: number;
}

export function parsePattern(text: string): ParsedPattern {
  if (text.length > patternLimits.charsMax) return { ok: false, reason: `is longer than ${patternLimits.charsMax} characters` };
  const cursor: Cursor = { text, at: 0, captures: 0, widest: 0 };
  try {
    const elements = parseSequence(cursor, 0);
    checkNeighbours(elements);
    if (elements.length === 0) return { ok: false, reason: 'is empty' };
    return { ok: true, elements };
  } catch (error) {
    if (error instanceof PatternError) return { ok: false, reason: error.message };
    throw error;
  }
}

class PatternError extends Error {}

function parseSequence(cursor: Cursor, depth: number): Element[] {
  const elements: Element[] = [];
  let literal = '';
  const flush = (): void => {
    if (literal !== '') elements.push({ is: 'literal', text: literal });
    literal = '';
  };
  while (cursor.at < cursor.text.length) {
    const char = cursor.text.charAt(cursor.at);
    if (char === '\\') {
      literal += cursor.text.charAt(cursor.at + 1);
      cursor.at += 2;
    } else if (char === '<') {
      flush();
      elements.push(parseCapture(cursor));
    } else if (char === '[') {
      flush();
      if (depth >= patternLimits.depthMax) throw new PatternError(`has optional groups more than ${patternLimits.depthMax} deep`);
      cursor.at++;
      elements.push({ is: 'optional', of: parseSequence(cursor, depth + 1) });
      if (cursor.text.charAt(cursor.at) !== ']')
        throw new PatternError('opens a group with [ that is never closed; write \\[ for the character');
      cursor.at++;
    } else if (char === ']') {
      if (depth === 0) throw new PatternError('closes a group with ] that was never opened; write \\] for the character');
      break;
    } else {
      literal += char;
      cursor.at++;
    }
  }
  flush();
  return elements;
}

function parseCapture(cursor: Cursor): Element {
  const end = cursor.text.indexOf('>', cursor.at);
  if (end < 0) throw new PatternError('opens a capture with < that is never closed; write \\< for the character');
  const inner = cursor.text.slice(cursor.at + 1, end);
  cursor.at = end + 1;
  const colon = inner.lastIndexOf(':');
  const target = colon < 0 ? inner : inner.slice(0, colon);
  const named = colon < 0 ? 'text' : inner.slice(colon + 1);
  const kind = captureKinds.find((known) => known === named);
  if (!kind) throw new PatternError(`has a capture <${inner}> of no known kind; the kinds are ${captureKinds.join(', ')}`);
  if (!/^(@timestamp|_[a-z0-9_]*|[a-z][a-z0-9_]*(\.[A-Za-z0-9_]+)+|message)$/.test(target))
    throw new PatternError(`has a capture <${inner}> whose target is no field name`);
  if (++cursor.captures > patternLimits.capturesMax) throw new PatternError(`has more than ${patternLimits.capturesMax} captures`);
  if (kind === 'widest' && ++cursor.widest > 1)
    throw new PatternError('has two widest captures; one is the limit, to keep matching linear');
  return { is: 'capture', target, kind };
}

/** Two captures that meet cannot tell where one ends and the other begins. */
function checkNeighbours(elements: readonly Element[]): void {
  for (const [at, element] of elements.entries()) {
    if (element.is === 'optional') checkNeighbours(element.of);
    const next = elements[at + 1];
    if (element.is !== 'capture' || !next) continue;
    if (element.kind === 'rest') throw new PatternError('goes on after a rest capture, which takes everything');
    if ((element.kind === 'text' || element.kind === 'widest') && next.is === 'capture')
      throw new PatternError(`has <${element.target}> directly before another capture; put a literal between them`);
    if (element.kind === 'widest' && next.is !== 'literal') throw new PatternError('needs a literal after its widest capture');
    if (element.kind === 'text' && next.is === 'optional' && next.of[0]?.is !== 'literal')
      throw new PatternError(`has <${element.target}> before a group that does not begin with a literal`);
  }
}

/** Targets that a pattern writes or names, groups included. */
export function captureTargets(elements: readonly Element[]): string[] {
  return elements.flatMap((element) =>
    element.is === 'optional' ? captureTargets(element.of) : element.is === 'capture' && element.target !== '_' ? [element.target] : [],
  );
}
