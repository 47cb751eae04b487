import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { UsageError } from '../proto/runtime/errors.ts';
import { loadYamlFile, parseYaml } from './load-yaml.ts';
import { durationSchema, sizeSchema } from './quantities.ts';

const schema = z.strictObject({
  version: z.literal(1),
  buffer: z.strictObject({ maxBytes: sizeSchema({ min: '1MiB', max: '1TiB' }).prefault('1GiB') }).prefault({}),
  wait: durationSchema().optional(),
  sources: z
    .array(
      z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('file'), paths: z.array(z.string()) }),
        z.strictObject({ type: z.literal('journald') }),
      ]),
    )
    .default([]),
});
const folder = mkdtempSync(join(tmpdir(), 'load-yaml-'));
afterAll(() => rmSync(folder, { recursive: true }));

function faultOf(text: string): string {
  try {
    parseYaml(text, schema, 'agent.yaml');
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return 'no fault';
}

describe('a fault is one line with place and remedy', () => {
  test.each([
    ['version: 1\nbufer: {}\n', 'agent.yaml:2:1: unknown key `bufer`; did you mean `buffer`?'],
    ['version: 1\nbuffer:\n  maxbytes: 1GiB\n', 'agent.yaml:3:3: unknown key `buffer.maxbytes`; did you mean `maxBytes`?'],
    ['version: 1\nzebra: 1\n', 'agent.yaml:2:1: unknown key `zebra`; known here: version, buffer, wait, sources'],
    [
      'version: 1\nsources:\n  - type: file\n    path: []\n',
      /^agent.yaml:3:5: `sources\[0\]\.paths` is missing; add it \(expected a list\) \(and 1 more\)$/,
    ],
    ['version: 1\nsources:\n  - type: file\n    paths: /var/log/x\n', 'agent.yaml:4:12: `sources[0].paths`: expected a list'],
    ['version: 1\nsources:\n  - type: flie\n', 'agent.yaml:3:11: `sources[0].type`: expected file or journald'],
    ['version: 2\n', 'agent.yaml:1:10: `version`: expected 1'],
    ['version: 1\nbuffer: { maxBytes: 5 }\n', /^agent.yaml:2:21: `buffer.maxBytes`: expected .*64MiB.*1MiB to 1TiB$/],
    ['version: 1\nbuffer: { maxBytes: 5MiBs }\n', /^agent.yaml:2:21: `buffer.maxBytes`: expected a size/],
    ['version: 1\nwait: 5\n', /^agent.yaml:2:7: `wait`: expected a duration such as 200ms/],
    ['', /^agent.yaml:1:1: `version` is missing/],
    ['- 1\n', /^agent.yaml:1:1: expected a map/],
    ['version: 1\nversion: 1\n', /^agent.yaml:2:1: bad YAML: .*unique/],
    ['version: [1\n', /^agent.yaml:\d+:\d+: bad YAML: /],
    ['version: 1\n\tbuffer: {}\n', /^agent.yaml:\d+:\d+: bad YAML: /],
    ['version: !!js/function 1\n', /^agent.yaml:1:10: bad YAML: /],
  ])('%j', (text, message) => {
    if (typeof message === 'string') expect(faultOf(text)).toBe(message);
    else expect(faultOf(text)).toMatch(message);
  });
});

test('sizes and durations are read as people write them, and absent maps take their defaults', () => {
  expect(parseYaml('version: 1\nwait: 1.5s', schema, 'x')).toEqual({
    version: 1,
    buffer: { maxBytes: 1024 ** 3 },
    wait: 1500,
    sources: [],
  });
});

test('alias bombs, deep nesting and huge documents are refused quickly', () => {
  const bomb = `a: &a [1,1,1,1,1,1,1,1,1]\n${Array.from({ length: 9 }, (_, i) => `k${i}: &k${i} [${'*a,'.repeat(9)}]`).join('\n')}`;

  expect(faultOf(bomb)).toMatch(/aliases/);
  expect(faultOf(`version: ${'['.repeat(200_000)}`)).toBe('agent.yaml:1:74: nested more than 64 deep; write it flatter');
  expect(faultOf(`# ${'x'.repeat(1024 * 1024)}`)).toMatch(/larger than 1048576 bytes/);
});

test('files that cannot be read say why and what to do', () => {
  const latin1 = join(folder, 'latin1.yaml');
  writeFileSync(latin1, Buffer.from('version: 1\n# caf\xe9\n', 'latin1'));
  const load = (path: string) => () => loadYamlFile(path, schema, "the agent's configuration");

  expect(load(join(folder, 'absent.yaml'))).toThrow(/absent.yaml: cannot read the agent's configuration: there is no such file/);
  expect(load(folder)).toThrow(/is a folder/);
  expect(load(latin1)).toThrow(/latin1.yaml:2:6: bytes that are not UTF-8/);
});

test('whatever the document, the answer is a value or a UsageError of one line', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.json().map(String),
        fc.string().map((s) => `version: 1\n${s}`),
      ),
      (text) => {
        const message = faultOf(text);
        expect(message).not.toContain('\n');
      },
    ),
  );
});
