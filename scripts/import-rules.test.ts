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
  ['hub/alert/alert.ts', `const x = await import('../ticket/ticket.ts');`],
  ['agent/filter/filter.ts', `export { x } from '../buffer/lane-buffer.ts';`],
];

describe('an import that the house forbids is named with its line and the reason', () => {
  test.each(forbidden)('%s: %s', (file, text) => {
    expect(checkImports(file, `// first line\n${text}`)).toMatchObject([{ file, line: 2 }]);
  });
});

test('pipeline, main and the ports are where rooms meet', () => {
  const text = `import { a } from './journal/level-journal.ts';\nimport { b } from './store/blocks.ts';`;

  expect(checkImports('hub/pipeline.ts', text)).toEqual([]);
});

test('a room may use its own files, the ports, proto and config', () => {
  const text = `import { a } from './credit.ts';\nimport { b } from '../ports.ts';\nimport { c } from '../../proto/ids.ts';\nimport { d } from '../../config/fields/row.ts';`;

  expect(checkImports('hub/gateway/gateway.ts', text)).toEqual([]);
});
