// Finds a field's values in a raw line without parsing it whole, by its name:
// - `text`: the whole line; `syslog.hostname` and its like (scan-syslog.ts): fields of a syslog header;
// - `cef.vendor`, `leef.event` and their like: header fields of CEF and LEEF; other names: fields of the extension there;
// - else a path in a JSON text, or there one key with the dots in it; or a name in key=value pairs (also within '…', where
//   auditd nests them; never within "…").
// Promises: every value at that place is shown to the test until one answers true (a field may stand twice, a `*` may match
// many, each element of an array counts); nothing is allocated unless a value holds escapes. A broken JSON text is searched
// as far as it can be read. A field that is not there is shown as null.
import { cefText, quotedText } from '../trim/change-text.ts';
import { compileFieldPaths, type FieldPath, parseFieldPath, type PathState } from '../trim/field-paths.ts';
import { behindPipes, cefEquals, cefKeyStart, pipeAt, spaceBefore } from '../trim/scan-cef.ts';
import { isGap } from '../trim/pair-gaps.ts';
import { type SyslogField, syslogFields } from '../trim/scan-syslog.ts';
import { leefEquals, leefKeyStart, leefValueEnd } from '../trim/trim-leef.ts';
import { JsonField } from './json-field.ts';
import type { LineView } from './line-view.ts';
import { ValueSight, type ValueTest } from './value-sight.ts';

export interface FieldFinder {
  /** Whether the test takes any value of the field, or null when it has none. */
  find(line: LineView, test: ValueTest): boolean;
  /** Whether the field is there, whatever its value. */
  isThere(line: LineView): boolean;
}

const cefHeader = ['version', 'vendor', 'product', 'device_version', 'signature', 'name', 'severity'];
const leefHeader = ['version', 'vendor', 'product', 'device_version', 'event'];

export function fieldFinder(
  name: string,
): { readonly ok: true; readonly finder: FieldFinder } | { readonly ok: false; readonly reason: string } {
  if (name === 'text') return { ok: true, finder: wholeLine };
  const parsed = parseFieldPath(name);
  if (!parsed.ok) return { ok: false, reason: `the field name has ${parsed.reason}` };
  const header = headerField(name);
  if (header !== undefined && 'reason' in header) return { ok: false, reason: header.reason };
  const path = compileFieldPaths([{ path: parsed.path, verb: { is: 'find' } }]);
  return {
    ok: true,
    finder: new NamedField(
      { automaton: path, lastName: parsed.path.at(-1), dotted: dottedName(parsed.path) },
      Buffer.from(name.replaceAll(/\\(.)/g, '$1')),
      header,
    ),
  };
}

/** Zeek and ECS write `id.orig_h` as one key: what a name with dots means too. */
function dottedName(path: FieldPath): string | undefined {
  return path.length > 1 && path.every((segment) => segment !== undefined) ? path.join('.') : undefined;
}

const wholeLine: FieldFinder = {
  find: ({ bytes, start, end }, test) => test(bytes, start, end, false),
  isThere: () => true,
};

type Header = { readonly of: 'syslog'; readonly field: SyslogField } | { readonly of: 'cef' | 'leef'; readonly pipes: number };

function headerField(name: string): Header | { readonly reason: string } | undefined {
  const [, of, field] = /^(syslog|cef|leef)\.(\w+)$/.exec(name) ?? [];
  if (of === undefined || field === undefined) return undefined;
  const known: readonly string[] = of === 'syslog' ? syslogFields : of === 'cef' ? cefHeader : leefHeader;
  if (!known.includes(field)) return { reason: `there is no ${name}; known: ${known.map((one) => `${of}.${one}`).join(', ')}` };
  const syslog = syslogFields.find((one) => one === field);
  if (of === 'syslog') return syslog && { of, field: syslog };
  return { of: of === 'cef' ? 'cef' : 'leef', pipes: known.indexOf(field) };
}

interface NamedPath {
  readonly automaton: PathState;
  readonly lastName: string | undefined;
  /** The name as one key. */
  readonly dotted: string | undefined;
}

class NamedField implements FieldFinder {
  readonly #name: Buffer;
  readonly #header: Header | undefined;
  readonly #sight = new ValueSight();
  /** Where the value of the pair seen last ends; 0 for one in quotes. */
  #bareEnd = 0;
  readonly #json: JsonField;
  readonly #dotted: JsonField | undefined;

  constructor(path: NamedPath, name: Buffer, header: Header | undefined) {
    this.#name = name;
    this.#header = header;
    this.#json = new JsonField(path.automaton, path.lastName, this.#sight);
    const { dotted } = path;
    if (dotted === undefined) return;
    this.#dotted = new JsonField(compileFieldPaths([{ path: [dotted], verb: { is: 'find' } }]), dotted, this.#sight);
  }

  find(line: LineView, test: ValueTest): boolean {
    this.#sight.lookFor(test);
    return this.#search(line) || (!this.#sight.isThere && this.#sight.seeNull());
  }

  isThere(line: LineView): boolean {
    this.#sight.lookForAnything();
    return this.#search(line);
  }

  #search(line: LineView): boolean {
    const { kind } = line;
    // A line that is JSON from its first byte on has no syslog header, but may have a field of such a name.
    if (kind === 'json' && line.isBareJson) return this.#searchJson(line);
    if (this.#header) return this.#searchHeader(line, this.#header);
    if (kind === 'json') return this.#searchJson(line);
    if (kind === 'cef') return this.#searchCef(line);
    return kind === 'leef' ? this.#searchLeef(line) : this.#searchPairs(line);
  }

  #searchJson(line: LineView): boolean {
    return this.#json.search(line) || (this.#dotted?.search(line) ?? false);
  }

  #searchHeader(line: LineView, header: Header): boolean {
    if (header.of === 'syslog') return line.header.show(header.field, line.bytes, this.#sight.see) ?? false;
    if (line.kind !== header.of) return false;
    const { bytes, end } = line;
    const tag = header.of === 'cef' ? line.cef.tagEnd : line.leef.tagEnd;
    const from = behindPipes(bytes, tag, end, header.pipes);
    const to = pipeAt(bytes, from, end);
    return this.#sight.seeDecoded(bytes, from, to, cefText.decoded(bytes, from, to));
  }

  #isNamed(bytes: Buffer, start: number, end: number): boolean {
    const name = this.#name;
    if (end - start !== name.length) return false;
    for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name[i]) return false;
    return true;
  }

  #searchCef({ bytes, end, cef }: LineView): boolean {
    for (let equals = cefEquals(bytes, cef.start, end); equals >= 0;) {
      const value = equals + 1;
      const isNamed = this.#isNamed(bytes, cefKeyStart(bytes, cef.start, equals), equals);
      equals = cefEquals(bytes, value, end);
      if (!isNamed) continue;
      const valueBehind = equals < 0 ? end : spaceBefore(bytes, value, cefKeyStart(bytes, value, equals));
      if (this.#sight.seeDecoded(bytes, value, valueBehind, cefText.decoded(bytes, value, valueBehind))) return true;
    }
    return false;
  }

  #searchLeef({ bytes, end, leef: { start, delimiter } }: LineView): boolean {
    for (let part = start; part < end;) {
      const equals = leefEquals(bytes, part, end, delimiter);
      const partEnd = leefValueEnd(bytes, equals < 0 ? part : equals + 1, end, delimiter);
      if (equals >= 0 && this.#isNamed(bytes, leefKeyStart(bytes, part, equals), equals) && this.#sight.see(bytes, equals + 1, partEnd))
        return true;
      part = partEnd + 1;
    }
    return false;
  }

  /** Looks for the name first; only where it stands at a word's beginning matters whether a " is open. */
  #searchPairs({ bytes, start, end }: LineView): boolean {
    const name = this.#name;
    const last = end - name.length - 1;
    let isQuoted = false;
    let seen = start;
    for (let at = start; at <= last; at++) {
      if (bytes[at] !== name[0] || (at > start && !isGap(bytes[at - 1] ?? 0) && bytes[at - 1] !== 0x27)) continue;
      const equals = at + name.length;
      if (bytes[equals] !== 0x3d || !this.#isNamed(bytes, at, equals)) continue;
      for (; seen < at; seen++) {
        if (bytes[seen] === 0x22) isQuoted = !isQuoted;
        else if (bytes[seen] === 0x5c && isQuoted) seen++;
      }
      if (isQuoted) continue;
      if (this.#seePair(bytes, equals + 1, end)) return true;
      // What a bare value holds is that value: an attacker's line would be read to its end from every name in it.
      at = Math.max(at, this.#bareEnd - 1);
    }
    return false;
  }

  #seePair(bytes: Buffer, at: number, end: number): boolean {
    const quote = at < end && (bytes[at] === 0x22 || bytes[at] === 0x27) ? bytes[at] : undefined;
    const first = quote === undefined ? at : at + 1;
    let i = first;
    let apostrophe = -1;
    for (; i < end; i++) {
      const c = bytes[i] ?? 0;
      if (c === quote || (quote === undefined && isGap(c))) break;
      if (c === 0x5c && quote !== undefined) i++;
      else if (c === 0x27) apostrophe = apostrophe < 0 ? i : end;
    }
    const behind = Math.min(i, end);
    this.#bareEnd = quote === undefined ? behind : 0;
    // The last pair within auditd's '…' ends before its apostrophe.
    if (quote === undefined) return this.#sight.see(bytes, first, apostrophe === behind - 1 ? apostrophe : behind);
    return this.#sight.seeDecoded(bytes, first, behind, quotedText.decoded(bytes, first, behind));
  }
}
