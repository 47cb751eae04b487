// Reads a YAML document against a zod schema, for agent.yaml, hub.yaml and pushed policies alike.
// Promises: a wrong document is one UsageError of one message: file, line, column, what is wrong, what to write instead.
// Unknown keys are errors when the schema is strict. Documents are bounded: 1 MiB, no alias bombs, and what compose-yaml.ts says.
// It does not promise to list every fault: the first one in the file is told (of the first 1,000), with the number of the others.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Document, LineCounter } from 'yaml';
import type * as z from 'zod';
import { errorCode, UsageError } from '../proto/runtime/errors.ts';
import { composeYaml } from './compose-yaml.ts';
import { explainIssue, offsetOf } from './explain-issue.ts';

const fileBytesMax = 1024 * 1024;
const aliasesMax = 32;
/** Each is looked up in the document, which takes its time in a map of many keys. */
const faultsMax = 1_000;

/** Reads and checks a file. `what` names it in messages, for example "the agent's configuration". */
export function loadYamlFile<Schema extends z.ZodType>(path: string, schema: Schema, what: string): z.output<Schema> {
  return parseYaml(readConfigText(path, what), schema, path);
}

/** Tells the place of a value in a document that was read before: `file:line:column`, or that of what encloses it. */
export function yamlPlaces(path: string, what: string): (parts: readonly (string | number)[]) => string {
  const { document, lines } = parseSyntax(readConfigText(path, what), path);
  return (parts) => {
    const { line, col } = lines.linePos(offsetOf(document, parts, false));
    return `${path}:${line}:${col}`;
  };
}

/** Checks a document that is in memory; `name` stands in messages where the path of a file would. */
export function parseYaml<Schema extends z.ZodType>(text: string, schema: Schema, name: string): z.output<Schema> {
  if (Buffer.byteLength(text) > fileBytesMax) throw new UsageError(tooLarge(name));
  const { document, lines } = parseSyntax(text, name);
  const checked = schema.safeParse(toPlain(document, name));
  if (checked.success) return checked.data;
  throw new UsageError(firstFault({ document, lines, schema, name }, checked.error.issues));
}

function parseSyntax(text: string, name: string): { document: Document; lines: LineCounter } {
  const composed = composeYaml(text);
  if (composed.is === 'refused') throw new UsageError(`${name}:${composed.line}:${composed.column}: ${oneLine(composed.reason)}`);
  const { documents, lines } = composed;
  const [document, second] = documents;
  if (!document) throw new UsageError(`${name}: holds no document`);
  const fault = document.errors[0] ?? document.warnings[0];
  const at = fault?.pos[0] ?? second?.range[0];
  if (at === undefined) return { document, lines };
  const { line, col } = lines.linePos(at);
  const remedy = fault?.code === 'TAB_AS_INDENT' ? 'indent with spaces' : 'correct the YAML at this place';
  throw new UsageError(`${name}:${line}:${col}: bad YAML: ${oneLine(fault?.message ?? 'a second document begins here')}; ${remedy}`);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

function toPlain(document: Document, name: string): unknown {
  try {
    const plain: unknown = document.toJS({ maxAliasCount: aliasesMax });
    return plain ?? {};
  } catch (error) {
    throw new UsageError(`${name}: its anchors and aliases cannot be resolved or are too many; write the values out`, { cause: error });
  }
}

interface Checked {
  readonly document: Document;
  readonly lines: LineCounter;
  readonly schema: z.ZodType;
  readonly name: string;
}

function firstFault({ document, lines, schema, name }: Checked, issues: readonly z.core.$ZodIssue[]): string {
  const faults = issues
    .slice(0, faultsMax)
    .map((issue) => explainIssue(issue, document, schema))
    .sort((a, b) => a.offset - b.offset);
  const first = faults[0];
  if (!first) return `${name}: does not match its schema`;
  const { line, col } = lines.linePos(first.offset);
  const others = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  return `${name}:${line}:${col}: ${first.text}${others}`;
}

function tooLarge(name: string): string {
  return `${name}: larger than ${fileBytesMax} bytes; a configuration must be smaller`;
}

function readConfigText(path: string, what: string): string {
  const bytes = readBounded(path, what);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    const { line, column } = firstInvalidUtf8(bytes);
    throw new UsageError(`${path}:${line}:${column}: bytes that are not UTF-8; save ${what} as UTF-8`, { cause: error });
  }
}

function readBounded(path: string, what: string): Buffer {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const stat = fstatSync(file);
    if (stat.isDirectory()) throw new UsageError(`${path}: is a folder; name the file that holds ${what}`);
    const bytes = Buffer.alloc(fileBytesMax + 1);
    let filled = 0;
    for (;;) {
      const got = readSync(file, bytes, filled, bytes.length - filled, null);
      filled += got;
      if (filled > fileBytesMax) throw new UsageError(tooLarge(path));
      if (got === 0) return bytes.subarray(0, filled);
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${path}: cannot read ${what}: ${reasonOf(error)}`, { cause: error });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function reasonOf(error: unknown): string {
  const code = errorCode(error);
  if (code === 'ENOENT') return 'there is no such file; check the path';
  if (code === 'EACCES' || code === 'EPERM') return `permission denied; let the user ${process.getuid?.() ?? ''} read it`;
  return `${code ?? String(error)}; check the path`;
}

function firstInvalidUtf8(bytes: Buffer): { line: number; column: number } {
  // The decoder puts U+FFFD where the first bad byte stood, so the text before it is what was good.
  const good = bytes.toString('utf8').split('�', 1)[0] ?? '';
  const rows = good.split('\n');
  return { line: rows.length, column: (rows.at(-1) ?? '').length + 1 };
}
