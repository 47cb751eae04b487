import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SearchNode } from '../ports.ts';
import type { ChdbStore } from './chdb-store.ts';
import { conditionOf } from './search-sql.ts';
import { literal } from './sql-literal.ts';
import { blockOf } from './testing/event-store-contract.ts';
import { matchesEvent } from './testing/match-event.ts';
import { openTestStore, storeFolder, writeBlock } from './testing/open-test-store.ts';
import { expectedEvent, type SampleParts, sampleRow } from './testing/sample-rows.ts';

const signal = new AbortController().signal;
const lines: readonly SampleParts[] = [
  {
    raw: 'Failed password for root from 203.0.113.7 port 22',
    fields: { 'user.name': 'root', 'source.ip': '203.0.113.7', 'source.port': 22 },
  },
  {
    raw: "failed PASSWORD for o'brien from 203.0.113.77",
    fields: { 'user.name': "o'brien", 'source.ip': '203.0.113.77', 'source.port': 0 },
  },
  {
    raw: 'GET /a%20b_c?q=<script>alert(1)</script> HTTP/1.1',
    fields: { 'url.path': '/a b_c', 'http.response.status_code': 404, 'event.category': ['web', 'Network'] },
  },
  { raw: 'Sessão aberta por JOSÉ', fields: { 'user.name': 'JOSÉ', 'related.user': ['josé', 'x"y'] }, problem: 'no time' },
  {
    raw: 'C:\\Windows\\cmd.exe /c a*b',
    fields: { 'process.executable': 'C:\\Windows\\cmd.exe', 'process.command_line': 'cmd /c whoami', 'file.size': 4_096 },
  },
  {
    raw: '',
    extras: [
      ['odd name', '100%'],
      ["it's", 'x'],
    ],
    fields: { 'source.ip': '2001:db8::7', 'host.ip': ['198.51.100.9'] },
  },
  { raw: 'disk sda failed', fields: { message: 'disk sda failed' } },
  { raw: 'kernel: disk sdb failed', fields: { message: 'disk sdb failed' } },
];
const events = lines.map((parts, index) => expectedEvent(sampleRow(1, index, parts)));
let place: ReturnType<typeof storeFolder>;
let store: ChdbStore;
beforeAll(async () => {
  place = storeFolder();
  store = await openTestStore(place.folder);
  const rows = lines.map((parts, index) => sampleRow(1, index, parts));
  await store.insert(blockOf(1, { eventRows: rows.length, ledgerRows: 0 }), await writeBlock(place.folder, 1, rows, []));
});
afterAll(async () => {
  await store.close();
  place.remove();
});

async function found(where: SearchNode): Promise<number[]> {
  const answer = await store.search({ where, sinceMs: 0, untilMs: 4e12, limit: 100, newestFirst: false }, signal);
  return answer.events.map((event) => events.findIndex((known) => known.id === event.id));
}
const byOracle = (where: SearchNode) => events.flatMap((event, at) => (matchesEvent(where, event) ? [at] : []));
const field = (name: string, value: string, op: 'eq' | 'gt' | 'gte' | 'lt' | 'lte' | 'exists' = 'eq'): SearchNode => ({
  is: 'field',
  field: name,
  op,
  value,
});
const word = (value: string, phrase = false): SearchNode => ({ is: 'text', value, phrase });

test.each<[string, SearchNode, number[]]>([
  ['a word is found without regard to case', word('password'), [0, 1]],
  ['a word is no part of a longer word', word('pass'), []],
  ['unless a star says so', word('pass*'), [0, 1]],
  ['an address is not the beginning of another', word('203.0.113.7'), [0]],
  ['words beyond ASCII ignore case too', word('josé'), [3]],
  ['a phrase keeps its order', word('password for root', true), [0]],
  ['a star in a phrase is a star', word('a*b', true), [4]],
  ['a keyword is compared whole', field('user.name', 'roo'), []],
  ['a keyword ignores case', field('user.name', 'josé'), [3]],
  ['a quote in a value is a quote', field('user.name', "O'Brien"), [1]],
  ['a star in a value is any text', field('process.executable', '*\\\\cmd.exe'), [4]],
  ['per cent and underscore mean themselves', field('odd name', '1%*'), []],
  ['a text field is searched by words', field('process.command_line', 'whoami'), [4]],
  ['a list matches by any item', field('event.category', 'network'), [2]],
  ['a list in the map too', field('related.user', 'x"y'), [3]],
  ['addresses match by network', field('source.ip', '203.0.113.0/28'), [0]],
  ['IPv6 networks too', field('source.ip', '2001:db8::/32'), [5]],
  ['lists of addresses too', field('host.ip', '198.51.100.0/24'), [5]],
  ['zero is a value', field('source.port', '1', 'lt'), [1]],
  ['a number in the map compares as a number', field('file.size', '1000', 'gt'), [4]],
  ['what is absent can be asked for', { is: 'not', of: field('source.ip', '', 'exists') }, [2, 3, 4, 6, 7]],
  ['not includes events without the field', { is: 'not', of: field('source.port', '22') }, [1, 2, 3, 4, 5, 6, 7]],
  ['problems can be found', field('problem', 'no *'), [3]],
  ['an event is found by its id', field('event.id', events[2]?.id ?? ''), [2]],
  ['a source is found', field('source.id', 'auth'), [0, 1, 2, 3, 4, 5, 6, 7]],
  ['a message is found whether or not it is the whole line', field('message', 'failed'), [6, 7]],
  ['a message is not the line around it', field('message', 'kernel'), []],
  ['that there is a message can be asked for', field('message', '', 'exists'), [6, 7]],
])('%s', async (_, where, expected) => {
  expect(await found(where)).toEqual(expected);
});

const hostile = fc.oneof(
  fc.constantFrom(
    "'",
    "' OR 1=1 --",
    '\\',
    "\\'",
    '*',
    '**',
    '%',
    '_',
    '{p:String}',
    '/* */',
    ';',
    '\0',
    '\n',
    '\ud800',
    'a*b',
    '.*',
    '(',
    '[',
    '\\*',
    'root',
    '203.0.113.*',
    '22',
    '2',
    'x',
    '"',
    'É',
    '?',
    '<script>',
    'alert(1)',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const names = fc.oneof(
  fc.constantFrom(
    'user.name',
    'message',
    'source.ip',
    'url.path',
    'event.category',
    'related.user',
    'odd name',
    "it's",
    'process.command_line',
  ),
  hostile,
);
const leaf = fc.oneof(
  fc.record({ is: fc.constant('text' as const), value: hostile.filter((value) => value !== ''), phrase: fc.boolean() }),
  fc.record({
    is: fc.constant('field' as const),
    field: names,
    op: fc.constantFrom('eq' as const, 'exists' as const),
    value: hostile.filter((value) => value !== ''),
  }),
);
const tree: fc.Arbitrary<SearchNode> = fc.letrec<{ node: SearchNode }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.record({ is: fc.constantFrom('and' as const, 'or' as const), of: fc.array(tie('node'), { maxLength: 3 }) }),
    fc.record({ is: fc.constant('not' as const), of: tie('node') }),
  ),
})).node;

test('whatever a search says, the engine finds what plain code finds, and the table stays', async () => {
  await fc.assert(
    fc.asyncProperty(tree, async (where) => {
      expect(await found(where)).toEqual(byOracle(where));
    }),
    { numRuns: 150 },
  );
  expect((await store.status()).rows).toBe(lines.length);
}, 120_000);

test('a literal holds nothing that could end it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(literal(text)).toMatch(/^('[0-9A-Za-z ._:/-]*'|unhex\('[0-9a-f]*'\))$/);
    }),
  );
});

test('a search nested beyond the limit is refused before it reaches the engine', () => {
  let node: SearchNode = { is: 'all' };
  for (let depth = 0; depth < 100; depth++) node = { is: 'not', of: node };
  expect(() => conditionOf(node)).toThrow('use fewer parentheses');
});
