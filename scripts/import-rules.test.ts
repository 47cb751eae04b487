// Each rule has a fixture that must fail: a table that forbids nothing would pass everything.
import { describe, expect, test } from 'vitest';
import { checkImports } from './import-rules.ts';

const forbidden: readonly (readonly [file: string, text: string])[] = [
  ['agent/uplink/uplink.ts', `import { x } from '../../hub/ports.ts';`],
  ['hub/gateway/gateway.ts', `import type { X } from '../../agent/ports.ts';`],
  ['proto/framing/lines.ts', `import { x } from '../../hub/ports.ts';`],
  ['config/fields/row.ts', `import { x } from '../../agent/ports.ts';`],
  ['proto/ids.ts', `import { x } from '../config/fields/row.ts';`],
  ['hub/notify/send.ts', `import { WebSocket } from 'ws';`],
  ['hub/journal/journal.ts', `import { Level } from 'level';`],
  ['hub/query/search.ts', `import { Session } from 'chdb';`],
  ['hub/query/search.ts', `import { createClient } from '@clickhouse/client';`],
  ['hub/console/api/post.ts', `import { fetch } from 'undici';`],
  ['hub/alert/alert.ts', `import { x } from '../ticket/ticket.ts';`],
  ['agent/filter/filter.ts', `export { x } from '../buffer/lane-buffer.ts';\nexport const own = 1;`],
  ['hub/alert/alert.ts', 'const rows = await ask(`SELECT count() FROM events WHERE x = 1`);'],
  ['hub/report/report.ts', `const text = 'insert into events values';`],
  ['agent/buffer/lane-buffer.ts', 'run(`ALTER TABLE x DROP PARTITION y`);'],
  ['hub/console/api/route.ts', `const page = await import(name);`],
  ['hub/pipeline.ts', `const { a } = await import('node:fs');`],
];

describe('an import that the house forbids is named with its line and the reason', () => {
  test.each(forbidden)('%s: %s', (file, text) => {
    expect(checkImports(file, `// first line\n${text}`)).toMatchObject([{ file, line: 2 }]);
  });

  test('an import at run time of another room breaks two rules', () => {
    expect(checkImports('hub/alert/alert.ts', `const x = await import('../ticket/ticket.ts');`)).toHaveLength(2);
  });
});

test.each([
  `export { x } from './x.ts';`,
  `export * from './x.ts';\nexport * as y from './y.ts';`,
  `// All of them.\nimport { x } from './x.ts';\nimport type { Y } from './y.ts';\n\nexport { x };\nexport type { Y };`,
])('a file that only passes on exports is refused: %j', (text) => {
  expect(checkImports('hub/gateway/index.ts', text)).toMatchObject([{ message: expect.stringContaining('only passes on') }]);
});

test.each([
  ['hub/store/statements.ts', 'export const count = `SELECT count() FROM events`;'],
  ['hub/query/report.ts', 'export const count = `SELECT count() FROM events`;'],
  [
    'hub/alert/alert.ts',
    '// SELECT everything FROM nowhere: a comment\n/* insert into */\nexport const choice = "select one from the list";',
  ],
  ['hub/store/engine/child.ts', 'const engine = await import(name);'],
  ['hub/alert/alert.test.ts', `const { x } = await import('./alert.ts');`],
  ['hub/alert/alert.ts', `export { x } from './x.ts';\nexport const y = 1;`],
  ['hub/alert/alert.ts', 'export const y = host.import(name);'],
])('%s may hold %j', (file, text) => {
  expect(checkImports(file, text)).toEqual([]);
});

test('pipeline, main and the ports are where rooms meet', () => {
  const text = `import { a } from './journal/level-journal.ts';\nimport { b } from './store/blocks.ts';`;

  expect(checkImports('hub/pipeline.ts', text)).toEqual([]);
});

test('a room may use its own files, the ports, proto and config', () => {
  const text = `import { a } from './credit.ts';\nimport { b } from '../ports.ts';\nimport { c } from '../../proto/ids.ts';\nimport { d } from '../../config/fields/row.ts';`;

  expect(checkImports('hub/gateway/gateway.ts', text)).toEqual([]);
});
