// Text to documents of YAML, under limits that are looked at before the library composes and resolves them.
// Promises: the time is in proportion to the text, whatever it holds. The library alone needs minutes for 32 KiB of `{`, whose
// keys are maps in maps; seconds for a map of 100,000 keys, each compared with all others; and a stack that overflows.
// It does not limit the length of a text, nor aliases: whoever makes values of a document says `maxAliasCount`.
import { Composer, CST, isMap, isScalar, Lexer, LineCounter, Parser, visit, YAMLParseError, type Document } from 'yaml';

export const yamlLimits = {
  /** Collections in collections. Policies and rules need a dozen. */
  nestingMax: 64,
  /** Of all maps and lists of a text: a megabyte of short words. */
  entriesMax: 100_000,
  /** What the language itself allows a key that stands on its line. */
  keyCharsMax: 1_024,
} as const;

export interface ComposeOptions {
  /** Faults that can be guessed around are none. */
  readonly strict?: boolean;
  /** A key that comes twice in a map is an error of the document. */
  readonly uniqueKeys?: boolean;
  readonly version?: '1.1' | '1.2';
}

export type ComposedYaml =
  | { readonly is: 'composed'; readonly documents: readonly Document.Parsed[]; readonly lines: LineCounter }
  /** Line and column count from 1; `reason` says the remedy too. */
  | { readonly is: 'refused'; readonly line: number; readonly column: number; readonly reason: string };

/** At least one document, if an empty one; each with the errors that it has (`errors`, in the order of the text). */
export function composeYaml(text: string, { strict = true, uniqueKeys = true, version = '1.2' }: ComposeOptions = {}): ComposedYaml {
  const lines = new LineCounter();
  const { tokens, excess } = readTokens(text, lines);
  if (excess) {
    const { line, col } = lines.linePos(excess.offset);
    return { is: 'refused', line, column: col, reason: excess.reason };
  }
  const options = { strict, version, uniqueKeys: false, prettyErrors: false, logLevel: 'silent' } as const;
  const documents = [...new Composer(options).compose(tokens, true, text.length)];
  if (uniqueKeys) for (const document of documents) noteRepeatedKeys(document);
  return { is: 'composed', documents, lines };
}

const tooDeep = `nested more than ${yamlLimits.nestingMax} deep; write it flatter`;

interface Excess {
  readonly offset: number;
  readonly reason: string;
}

/** Ends where nesting goes too deep: what is open stands on the parser's stack, the document and a scalar among it. */
function readTokens(text: string, lines: LineCounter): { readonly tokens: readonly CST.Token[]; readonly excess?: Excess | undefined } {
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  lines.addNewLine(0);
  let offset = 0;
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    if (parser.stack.length > yamlLimits.nestingMax + 2) return { tokens, excess: { offset, reason: tooDeep } };
    // Marks of a document and of a scalar that follows are the lexer's own, not of the text.
    if (!'\u{2}\u{18}\u{1f}'.includes(lexeme)) offset += lexeme.length;
  }
  tokens.push(...parser.end());
  return { tokens, excess: findExcess(tokens) };
}

function findExcess(tokens: readonly CST.Token[]): Excess | undefined {
  const count = { entries: 0 };
  for (const token of tokens) {
    if (token.type === 'error') return { offset: token.offset, reason: `bad YAML: ${token.message}; correct the YAML at this place` };
    const excess = token.type === 'document' ? (crowded(token.start) ?? excessIn(token.value, count)) : undefined;
    if (excess) return excess;
  }
  return undefined;
}

/** The first thing in a value that is beyond a limit. It calls itself as deep as the value is nested. */
function excessIn(value: CST.Token | null | undefined, count: { entries: number }): Excess | undefined {
  if (!value || !CST.isCollection(value)) return undefined;
  for (const entry of value.items) {
    if (++count.entries > yamlLimits.entriesMax)
      return { offset: value.offset, reason: `more than ${yamlLimits.entriesMax} entries; write fewer` };
    const excess = crowded(entry.start) ?? crowded(entry.sep ?? []) ?? keyExcess(entry.key) ?? excessIn(entry.value, count);
    if (excess) return excess;
  }
  return undefined;
}

const blank = new Set<string>(['space', 'newline', 'comment']);
/** A comma, an indicator, a tag and an anchor. */
const marksMax = 4;

/** Each mark more before one value would be an error of its own. */
function crowded(before: readonly CST.SourceToken[]): Excess | undefined {
  const beyond = before.filter(({ type }) => !blank.has(type))[marksMax];
  return beyond && { offset: beyond.offset, reason: 'too many marks before one value; write one tag, one anchor and one comma at most' };
}

/** A map as a key becomes text, its own keys too, and the text of theirs: work that multiplies with each level. */
function keyExcess(key: CST.Token | null | undefined): Excess | undefined {
  if (!key) return undefined;
  if (CST.isCollection(key)) return { offset: key.offset, reason: 'a key that is a map or a list; write a word as key, text in quotes' };
  const isLong = 'source' in key && key.source.length > yamlLimits.keyCharsMax;
  return isLong
    ? { offset: key.offset, reason: `a key of more than ${yamlLimits.keyCharsMax} characters; write a shorter one` }
    : undefined;
}

/** As properties of an object 1 and '1' are one key, and the later value would win without a word. */
function noteRepeatedKeys(document: Document.Parsed): void {
  visit(document, {
    Map(_, map) {
      const seen = new Set<string>();
      for (const { key } of isMap(map) ? map.items : []) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        const [from, to] = key.range ?? [0, 0];
        if (seen.has(name)) document.errors.push(new YAMLParseError([from, to], 'DUPLICATE_KEY', 'Map keys must be unique'));
        seen.add(name);
      }
    },
  });
}
