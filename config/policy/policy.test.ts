import { describe, expect, test } from 'vitest';
import { UsageError } from '../../proto/runtime/errors.ts';
import { parseYaml } from '../load-yaml.ts';
import { chooseLines, filtered, kept } from './choose-lines.ts';
import { hashPolicy } from './hash-policy.ts';
import { policySchema, type Policy } from './policy.ts';

const head = 'kind: Policy\nversion: 1\n';
const web = '  - { id: web, type: file, paths: ["/var/log/nginx/*.log"] }\n';

function read(text: string): Policy {
  return parseYaml(head + text, policySchema, 'policy');
}

function faultOf(text: string): string {
  try {
    read(text);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return 'no fault';
}

describe('a policy that cannot work is refused at the place where it is wrong', () => {
  test.each([
    [`sources:\n${web}${web}`, /^policy:5:11: `sources\[1\].id`: another source has the id web/],
    [
      `sources:\n${web}  - { id: j, type: journald, whenFull: drop-oldest }\n`,
      /^policy:5:40: .*source web of lane normal says block.*another lane/,
    ],
    [
      `sources:\n${web}filter:\n  - drop: { source: wbe, where: { text: x } }\n`,
      /^policy:6:21: .*there is no source wbe; did you mean web\?/,
    ],
    [`sources:\n${web}filter:\n  - drop: { where: { "text|contians": x } }\n`, /^policy:6:39: .*unknown modifier `contians`/],
    [`sources:\n${web}filter:\n  - dorp: { where: { text: x } }\n`, /^policy:6:5: unknown key `filter\[0\].dorp`; did you mean `drop`\?/],
    [`sources:\n${web}trim:\n  - { source: web, format: json, drop: [ok, "a..b"] }\n`, /^policy:6:45: .*the field path has an empty part/],
    [
      `sources:\n${web}trim:\n  - { source: web, format: xml, drop: [a] }\n`,
      /^policy:6:28: .*expected key-value, cef, leef, structured-data, csv|expected json/,
    ],
    ['sources:\n  - { id: web, type: file, paths: [] }\n', /^policy:4:35: .*expected at least 1 entries/],
    ['sources:\n  - { id: web, type: file, paths: [var] }\n', /^policy:4:36: .*begins with \//],
    [
      'sources:\n  - { id: w, type: file, paths: [/x], multiline: { start: "^a", continuation: "^b" } }\n',
      /^policy:4:50: .*either `start` or/,
    ],
    ['sources:\n  - { id: w, type: file, paths: [/x], multiline: { start: "(" } }\n', /^policy:4:59: .*the pattern cannot be used/],
    ['sources:\n  - { id: w, type: file, paths: [/x], encoding: ebcdic }\n', /^policy:4:49: .*utf-8/],
    ['sources:\n  - { id: "a b", type: journald }\n', /^policy:4:11: .*lower-case letters/],
    ['sources:\n  - { id: j, type: journald, timeZone: Lisbon }\n', /^policy:4:40: .*IANA name/],
    ['sources:\n  - { id: j, type: journald, paths: ["/x"] }\n', /^policy:4:30: unknown key `sources\[0\].paths`/],
  ])('%#: %s', (text, message) => {
    expect(faultOf(text)).toMatch(message);
  });
});

test('documents that mean the same have one hash, others another', () => {
  const short = read(`sources:\n${web}`);
  const long = read(
    'sources:\n  - { labels: {}, startAt: end, paths: ["/var/log/nginx/*.log"], type: file, id: web } # the web server\nfilter: []\n',
  );
  const other = read(`sources:\n${web}filter: [{ drop: { where: { text: x } } }]\n`);

  expect(hashPolicy(short)).toEqual(hashPolicy(long));
  expect(hashPolicy(short)).not.toEqual(hashPolicy(other));
  expect(hashPolicy(short)).toHaveLength(32);
});

test('the first filter rule that matches decides, and only for its source', () => {
  const { filter } = read(
    `sources:\n${web}filter:\n  - keep: { where: { "text|contains": error } }\n  - drop: { source: web, where: { "text|contains": GET } }\n`,
  );
  const line = (text: string) => [Buffer.from(text), 0, text.length, 0] as const;
  const choose = chooseLines(filter, 'web', new Uint8Array(8));

  expect(choose?.(...line('GET error'))).toBe(kept);
  expect(choose?.(...line('GET fine'))).toBe(filtered);
  expect(choose?.(...line('POST fine'))).toBe(kept);
  expect(chooseLines(filter, 'other', new Uint8Array(8))).toBeUndefined();
});
