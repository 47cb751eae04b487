// YAML to checked Sigma documents. One bad document refuses itself, never the others of its file or folder; the reason
// names the place in the document and what to do. Hostile text is bounded: size, documents, aliases, nesting, tests.
import { createHash } from 'node:crypto';
import { isMap } from 'yaml';
import { composeYaml } from '../../../config/compose-yaml.ts';
import type { RuleSource } from '../../work.ts';
import { levels } from '../../ports.ts';
import type { Level } from '../../ports.ts';
import { parseCondition } from './condition.ts';
import { itemExprs } from './modifiers.ts';
import type { Scalar } from './modifiers.ts';
import { isRecord, namesOf } from './document.ts';
import type { Head } from './document.ts';
import { parseCorrelation } from './parse-correlation.ts';
import { RuleRefusal, countTests } from './rule.ts';
import type { Expr, LogSource, SigmaDocument } from './rule.ts';

export interface RefusedRule {
  readonly file: string;
  /** Empty when the document has none or could not be read. */
  readonly id: string;
  readonly reason: string;
}

export interface ParsedRules {
  readonly documents: readonly SigmaDocument[];
  readonly refused: readonly RefusedRule[];
}

const fileCharsMax = 1024 * 1024;
const documentsMax = 256;
const nestingMax = 32;
const testsMax = 20_000;

export function parseRules(sources: readonly RuleSource[]): ParsedRules {
  const documents: SigmaDocument[] = [];
  const refused: RefusedRule[] = [];
  for (const source of sources) parseFile(source, documents, refused);
  return { documents, refused };
}

function parseFile({ file, text }: RuleSource, documents: SigmaDocument[], refused: RefusedRule[]): void {
  if (text.length > fileCharsMax) {
    refused.push({ file, id: '', reason: `larger than ${fileCharsMax} characters; split the file` });
    return;
  }
  const composed = composeYaml(text);
  if (composed.is === 'refused') {
    refused.push({ file, id: '', reason: `YAML, line ${composed.line}, column ${composed.column}: ${composed.reason}` });
    return;
  }
  const { documents: parts, lines } = composed;
  const isEmpty = parts.every(({ contents, errors }) => contents === null && errors.length === 0);
  if (isEmpty || parts.length > documentsMax) {
    refused.push({ file, id: '', reason: `a rule file holds 1 to ${documentsMax} YAML documents` });
    return;
  }
  for (const part of parts) {
    const [error] = part.errors;
    if (error) {
      const { line, col } = lines.linePos(error.pos[0]);
      refused.push({ file, id: '', reason: `YAML, line ${line}, column ${col}: ${error.message.split('\n')[0]}` });
      continue;
    }
    if (part.contents === null) continue;
    let id = '';
    try {
      if (!isMap(part.contents)) throw new RuleRefusal('document', 'it is not a map', 'write `title:`, `logsource:`, `detection:`');
      const written: unknown = part.toJS({ maxAliasCount: 100 });
      if (!isRecord(written)) throw new RuleRefusal('document', 'it is not a map', 'write `title:`, `logsource:`, `detection:`');
      id = typeof written['id'] === 'string' ? written['id'] : '';
      documents.push(parseDocument(written, file, text.slice(part.range[0], part.range[1])));
    } catch (error) {
      refused.push({ file, id, reason: error instanceof Error ? error.message : String(error) });
    }
  }
}

function parseDocument(written: Record<string, unknown>, file: string, text: string): SigmaDocument {
  if ('action' in written)
    throw new RuleRefusal('action', 'collections with global, reset or repeat are not taken', 'write every rule in full');
  if ('filter' in written) throw new RuleRefusal('filter', 'Sigma filters are not built yet', 'put the exclusion into the rule');
  const head = parseHead(written, file, text);
  if ('correlation' in written) return parseCorrelation(written, head);
  return { is: 'rule', ...head, logsource: parseLogSource(written['logsource']), expr: parseDetection(written['detection']) };
}

function parseHead(written: Record<string, unknown>, file: string, text: string): Head {
  const { title, id, name, level = 'medium', tags = [] } = written;
  if (typeof title !== 'string' || title === '' || title.length > 256)
    throw new RuleRefusal('title', 'it is missing or longer than 256', 'say in one line what was seen');
  if (id !== undefined && (typeof id !== 'string' || !/^[0-9a-fA-F-]{36}$/.test(id)))
    throw new RuleRefusal('id', 'it is not a UUID', 'draw one with uuidgen');
  const known: Level | undefined = levels.find((one) => one === level);
  if (!known) throw new RuleRefusal('level', `\`${String(level)}\` is no level`, `use one of ${levels.join(', ')}`);
  if (!Array.isArray(tags)) throw new RuleRefusal('tags', 'they are not a list', 'write one tag a line with `- `');
  const groupBy = written['x-group-by'];
  const version = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return {
    file,
    id: typeof id === 'string' ? id.toLowerCase() : `unnamed-${version}`,
    name: typeof name === 'string' ? name : '',
    version,
    title,
    level: known,
    tags: tags.map(String),
    alertGroupBy: groupBy === undefined ? undefined : namesOf(groupBy, 'x-group-by'),
  };
}

function parseLogSource(written: unknown): LogSource {
  if (!isRecord(written)) throw new RuleRefusal('logsource', 'it is missing', 'say product, category or service');
  const part = (name: string): string => {
    const value = written[name] ?? '';
    if (typeof value !== 'string') throw new RuleRefusal(`logsource.${name}`, 'it is not a word', 'write it in lower case');
    return value.toLowerCase();
  };
  return { product: part('product'), category: part('category'), service: part('service') };
}

function parseDetection(written: unknown): Expr {
  if (!isRecord(written)) throw new RuleRefusal('detection', 'it is missing', 'write what must match and a `condition`');
  const { condition, ...named } = written;
  const parts = new Map(
    Object.entries(named)
      .filter(([name]) => name !== 'timeframe')
      .map(([name, part]) => [name, partExpr(part, `detection.${name}`, 0)]),
  );
  const conditions = Array.isArray(condition) ? condition : [condition];
  const of = conditions.map((one) => {
    if (typeof one !== 'string') throw new RuleRefusal('detection.condition', 'it is missing', 'say which parts must match');
    return parseCondition(one, parts);
  });
  const expr: Expr = of.length === 1 && of[0] ? of[0] : { is: 'or', of };
  if (countTests(expr) > testsMax) throw new RuleRefusal('detection', `more than ${testsMax} tests after expansion`, 'split the rule');
  return expr;
}

function partExpr(part: unknown, place: string, depth: number): Expr {
  if (depth > nestingMax) throw new RuleRefusal(place, `nested deeper than ${nestingMax}`, 'flatten it');
  if (isScalar(part)) return keywordExpr('', [part], place);
  if (Array.isArray(part)) {
    if (part.length === 0) throw new RuleRefusal(place, 'it is empty', 'remove it or fill it');
    if (part.every(isScalar)) return keywordExpr('', part, place);
    return joined(
      'or',
      part.map((one, at) => partExpr(one, `${place}[${at}]`, depth + 1)),
    );
  }
  if (!isRecord(part)) throw new RuleRefusal(place, 'it is neither a map nor a list', 'write `Field: value`');
  const items = Object.entries(part);
  if (items.length === 0) throw new RuleRefusal(place, 'it is empty', 'remove it or fill it');
  return joined(
    'and',
    items.map(([key, value]) => valueExpr(key, value, place)),
  );
}

function valueExpr(key: string, value: unknown, place: string): Expr {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  if (!values.every(isScalar))
    throw new RuleRefusal(`${place}.${key}`, 'a value is a map or a nested list', 'give texts, numbers, true, false or null');
  return key === '' || key.startsWith('|') ? keywordExpr(key, values, place) : itemExprs(key, values, place);
}

function keywordExpr(key: string, values: readonly Scalar[], place: string): Expr {
  if (values.includes(null)) throw new RuleRefusal(place, 'null is no keyword', 'remove it');
  return itemExprs(key, values, place);
}

function isScalar(value: unknown): value is Scalar {
  return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function joined(is: 'and' | 'or', of: readonly Expr[]): Expr {
  return of.length === 1 && of[0] ? of[0] : { is, of };
}
