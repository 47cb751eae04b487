// A Sigma value with wildcards as a test over bytes. Promises: nothing is decoded or allocated for patterns of ASCII letters
// with `*` only, which are searched piece by piece; `?` and other letters go to a regular expression in linear time.
import { RE2JS } from 're2js';
import type { ValueTest } from './value-sight.ts';
import { regexTest } from './regex-test.ts';
import { type LiteralSearch, searchLiteral } from './search-literal.ts';
import type { Part } from './split-wildcards.ts';

const patternCharsMax = 16_384;

/** The test, or why the pattern is refused. */
export function globTest(parts: readonly Part[], cased: boolean): ValueTest | string {
  const literals = parts.flatMap((part) => (part.is === 'literal' ? [part.text] : []));
  const isPlain = parts.every(({ is }, i) => is !== 'one' && (is !== parts[i - 1]?.is || is === 'any'));
  // oxlint-disable-next-line no-control-regex -- every ASCII character is meant, control characters too
  const isBytes = cased || literals.every((text) => /^[\u0000-\u007f]*$/.test(text));
  if (isPlain && (isBytes || literals.length <= 1)) return piecewise(parts, cased);
  const pattern = parts.map((part) => (part.is === 'literal' ? RE2JS.quote(part.text) : part.is === 'any' ? '.*' : '.')).join('');
  return regexTest(`^${pattern}$`, cased ? 's' : 'is', patternCharsMax);
}

function piecewise(parts: readonly Part[], cased: boolean): ValueTest {
  const pieces = parts.flatMap((part) => (part.is === 'literal' ? [searchLiteral(part.text, { cased })] : []));
  const isOpenFirst = parts[0]?.is === 'any';
  const isOpenLast = parts.at(-1)?.is === 'any';
  const [first, ...rest] = pieces;
  if (first === undefined) {
    const takesAny = parts.length > 0;
    return (_bytes, start, end, isNull) => !isNull && (takesAny || start === end);
  }
  if (rest.length > 0) return inOrder(pieces, { isOpenFirst, isOpenLast });
  if (isOpenFirst) return isOpenLast ? by('contains', first) : by('endsWith', first);
  return isOpenLast ? by('startsWith', first) : by('equals', first);
}

function by(how: 'contains' | 'startsWith' | 'endsWith' | 'equals', search: LiteralSearch): ValueTest {
  if (how === 'contains') return (bytes, start, end, isNull) => !isNull && search.contains(bytes, start, end);
  if (how === 'startsWith') return (bytes, start, end, isNull) => !isNull && search.startsWith(bytes, start, end);
  if (how === 'endsWith') return (bytes, start, end, isNull) => !isNull && search.endsWith(bytes, start, end);
  return (bytes, start, end, isNull) => !isNull && search.equals(bytes, start, end);
}

/** The leftmost place of each piece behind the one before leaves most room for those that follow. */
function inOrder(pieces: readonly LiteralSearch[], open: { readonly isOpenFirst: boolean; readonly isOpenLast: boolean }): ValueTest {
  const last = pieces.length - 1;
  return (bytes, start, end, isNull) => {
    if (isNull) return false;
    let at = start;
    for (let p = 0; p <= last; p++) {
      const piece = pieces[p];
      if (piece === undefined) return false;
      if (p === 0 && !open.isOpenFirst) {
        if (!piece.startsWith(bytes, at, end)) return false;
        at += piece.length;
      } else if (p === last && !open.isOpenLast) return piece.endsWith(bytes, at, end);
      else {
        const found = piece.indexIn(bytes, at, end);
        if (found < 0) return false;
        at = found + piece.length;
      }
    }
    return true;
  };
}
