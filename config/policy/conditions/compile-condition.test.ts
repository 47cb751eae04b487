import * as fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, test } from 'vitest';
import { parseJson, type Tree } from '../trim/testing/reference-json.ts';
import { compileCondition, type Condition } from './compile-condition.ts';
import { LineView } from './line-view.ts';

function matches(condition: Condition, line: string | Buffer): boolean {
  const compiled = compileCondition(condition);
  if (!compiled.ok) throw new Error(compiled.reason);
  // The predicate must not see what stands around the line.
  const bytes = Buffer.concat([Buffer.from('GET /healthz'), Buffer.from(line), Buffer.from('GET /healthz')]);
  const view = new LineView();
  view.show(bytes, 12, bytes.length - 12);
  return compiled.matches(view);
}

const access = '192.0.2.7 - - [24/Nov/2026:10:00:00 +0000] "GET /HealthZ HTTP/1.1" 200 2';
const eve = '{"event_type":"flow","flow":{"state":"new","pkts":3,"age":null},"tags":["a","Kiosk"],"path":"C:\\\\Temp","a.b":"x"}';
const joined = 'type=SYSCALL key=(null)\x1dARCH=x86_64 UID="root"\ntype=EXECVE argc=1 a0="ls"';
const pairs = 'level=info msg="said \\"hi\\" twice" user=ana SRC=192.0.2.7 OUT=';

describe('a condition in Sigma words decides over a raw line', () => {
  test.each<[Condition, string, boolean]>([
    [{ 'text|contains': 'get /healthz' }, access, true],
    [{ 'text|contains|cased': 'get /healthz' }, access, false],
    [{ 'text|startswith': '192.0.2.' }, access, true],
    [{ 'text|endswith': ' 200 2' }, access, true],
    [{ 'text|contains': ['nothing', 'healthz'] }, access, true],
    [{ 'text|contains|all': ['get', 'nothing'] }, access, false],
    [{ 'text|re': '" [45]\\d\\d ' }, access, false],
    [{ 'text|re': '" 2\\d\\d \\d+$' }, access, true],
    [{ text: '192.*" 20? ?' }, access, true],
    [{ event_type: 'FLOW' }, eve, true],
    [{ event_type: 'flow', 'flow.state': ['closed', 'new'] }, eve, true],
    [{ event_type: 'flow', 'flow.state': 'closed' }, eve, false],
    [[{ event_type: 'dns' }, { 'flow.pkts': 3 }], eve, true],
    [{ 'flow.age': null }, eve, true],
    [{ 'flow.none': null }, eve, true],
    [{ 'flow.pkts|exists': true }, eve, true],
    [{ 'flow.none|exists': true }, eve, false],
    [{ tags: 'kiosk' }, eve, true],
    [{ 'flow.*': 'new' }, eve, true],
    [{ path: 'c:\\temp' }, eve, true],
    [{ 'a\\.b': 'x' }, eve, true],
    [{ 'a.b': 'x' }, eve, true],
    [{ 'a.b|exists': false }, eve, false],
    [{ 'id.orig_h|cidr': '192.0.2.0/24' }, '{"_path":"conn","id.orig_h":"192.0.2.1"}', true],
    [{ 'id.orig_h': null }, '{"_path":"conn","id.orig_h":"192.0.2.1"}', false],
    [{ user: 'ana' }, pairs, true],
    [{ 'msg|contains': 'said "hi"' }, pairs, true],
    [{ SRC: '192.0.2.*' }, pairs, true],
    [{ OUT: '' }, pairs, true],
    [{ ser: 'ana' }, pairs, false],
    [{ type: 'EXECVE', a0: 'ls', UID: 'root', ARCH: 'x86_64' }, joined, true],
    [{ type: 'PATH' }, joined, false],
    [{ key: '(null)' }, joined, true],
    [{ 'text|contains': 'ÜBER' }, 'das über', true],
    [{ event_type: 'flow' }, '{"event_type":"flow","broken":', true],
    [{ event_type: 'flow' }, '{"event_type', false],
  ])('%j of %s: %s', (condition, line, expected) => {
    expect(matches(condition, line)).toBe(expected);
  });
});

const syslog = '<38>1 2026-11-24T10:00:00.003Z web1.example.org sshd 811 ID47 [a b="]\\""] Failed password for root';
const oldSyslog = 'Nov 24 10:00:00 fw1 kernel: IN=eth0 SRC=10.1.2.3 LEN=60 PROTO=TCP';
const cef = '<14>Nov 24 10:00:00 fw1 CEF:0|Ven\\|dor|Prod|1.0|100|Login failed|7|src=2001:db8::7 suser=ana b cs1=x\\=y msg=end';
const leef = 'LEEF:2.0|Ven|Prod|1|login|^|src=192.0.2.7^usrName=Ana^sev=5';
const audit = `type=USER_AUTH msg=audit(1795514400.123:42): pid=811 msg='op=PAM acct="root" exe="/usr/sbin/sshd" res=failed'`;
const nested = 'Nov 24 10:00:00 ids1 suricata[9]: {"event_type":"dns","alert":{"severity":2}}';

describe('fields are read from every kind of line', () => {
  test.each<[Condition, string, boolean]>([
    [{ 'syslog.hostname|endswith': '.example.org', 'syslog.appname': 'SSHD', 'syslog.procid': 811 }, syslog, true],
    [{ 'syslog.severity|lte': 6, 'syslog.facility': 4, 'syslog.priority': 38, 'syslog.msgid': 'id47' }, syslog, true],
    [{ 'syslog.message|startswith': 'failed' }, syslog, true],
    [{ 'syslog.timestamp|startswith': '2026-11-24' }, syslog, true],
    [{ 'syslog.hostname': 'fw1', 'syslog.appname': 'kernel', 'syslog.message|startswith': 'IN=' }, oldSyslog, true],
    [{ 'syslog.severity|exists': true }, oldSyslog, false],
    [{ 'syslog.procid': null, SRC: '10.*', 'LEN|gte': 60 }, oldSyslog, true],
    [{ 'syslog.hostname': null }, 'no header at all', true],
    [{ 'syslog.appname': 'suricata', 'syslog.procid': '9', event_type: 'dns', 'alert.severity|lt': 3 }, nested, true],
    [{ 'syslog.hostname': 'x' }, '{"syslog":{"hostname":"x"}}', true],
    [{ 'SRC|cidr': ['192.0.2.0/24', '10.0.0.0/8'] }, oldSyslog, true],
    [{ 'SRC|cidr': '10.1.3.0/24' }, oldSyslog, false],
    [{ 'PROTO|cidr': '10.0.0.0/8' }, oldSyslog, false],
    [{ 'src|cidr': '2001:db8::/32', suser: 'ana b', cs1: 'x=y', msg: 'end' }, cef, true],
    [{ 'cef.vendor': 'ven|dor', 'cef.name|contains': 'failed', 'cef.severity|gt': 6 }, cef, true],
    [{ 'b|exists': true }, cef, false],
    [{ usrName: 'ana', 'sev|lt': 6, 'leef.event': 'login' }, leef, true],
    [{ 'cef.vendor|exists': true }, leef, false],
    [{ acct: 'root', res: 'failed', pid: 811 }, audit, true],
    [{ user: 'ana' }, 'msg="said user=ana" user=bo', false],
    [{ a: 'y' }, "a=x'a=y", false],
    [{ a: "x'a=y" }, "a=x'a=y", true],
    [{ a: 'y' }, "a=x' a=y", true],
    [{ 'a|exists': true }, '{"a":{"b":1}}', true],
    [{ 'a|exists': true }, '{"a":null}', true],
    [{ 'a|exists': true }, '{"a":[]}', true],
    [{ 'flow.state': 'new' }, '{"a":{"state":1},"flow":{"state":["old","new"]},"flow":{}}', true],
    [{ 'flow.state': 'new' }, '{"flow":{"state":"old"},"flow":{"st\\u0061te":"new"}}', true],
    [{ 'a.*.b': 3 }, '{"a":[{"b":1},{"b":[2,3]}]}', true],
    [{ a: 1 }, `{"a":${'['.repeat(5_000)}1${']'.repeat(5_000)}}`, false],
  ])('%j of %s: %s', (condition, line, expected) => {
    expect(matches(condition, line)).toBe(expected);
  });
});

describe('modifiers mean what Sigma means by them', () => {
  test.each<[Condition, string, boolean]>([
    [{ 'cmd|windash|contains': ' -s' }, '{"cmd":"net /S"}', true],
    [{ 'cmd|contains|windash': ' -s' }, '{"cmd":"net \u2013s"}', true],
    [{ 'cmd|windash|contains': ' -s' }, '{"cmd":"net s"}', false],
    [{ 'x|base64offset|contains': 'foobar' }, `{"x":"${Buffer.from('xfoobarx').toString('base64')}"}`, true],
    [{ 'x|wide|base64offset|contains': 'foobar' }, `{"x":"${Buffer.from('xxfoobarx', 'utf16le').toString('base64')}"}`, true],
    [{ 'x|base64': 'ping' }, '{"x":"cGluZw=="}', true],
    [{ 'x|neq': ['a', 'b'] }, '{"x":"B"}', false],
    [{ 'x|neq': ['a', 'b'] }, '{"y":"B"}', true],
    [{ 'x|re': 'fo+' }, '{"x":"FOO"}', false],
    [{ 'x|re|i': 'fo+' }, '{"x":"FOO"}', true],
    [{ 'x|re': '(?i)fo+bar' }, '{"x":"FOOBAR"}', true],
    [{ 'x|re': 'a.c' }, '{"x":"a\\nc"}', false],
    [{ 'x|re|s': 'a.c' }, '{"x":"a\\nc"}', true],
    [{ 'x|re|i': 'desk' }, '{"x":"de\u017f\u212a"}', true],
    [{ 'x|lt': 10 }, '{"x":"9.5"}', true],
    [{ 'x|gt': -2 }, '{"x":-1e0}', true],
    [{ 'x|gt': 1 }, '{"x":"many"}', false],
    [{ 'x|cased|endswith': 'Exe' }, '{"x":"a.exe"}', false],
    [{ x: '*:\\\\win*\\\\sys*.e?e' }, '{"x":"C:\\\\Windows\\\\System32\\\\a.exe"}', true],
    [{ x: 'a*b*c' }, '{"x":"a-c-b-b-c"}', true],
    [{ x: 'a*b*c' }, '{"x":"abcb"}', false],
    [{ 'text|contains|all': ['é*', 'A'] }, 'a É', true],
  ])('%j of %s: %s', (condition, line, expected) => {
    expect(matches(condition, line)).toBe(expected);
  });
});

describe('named selections are joined by a condition', () => {
  const where = (condition: string): Condition => ({
    selection: { event_type: 'flow' },
    sel_state: [{ 'flow.state': 'new' }, { 'flow.pkts': 9 }],
    filter_words: ['nothing', 'KIOSK'],
    _helper: { '|all': ['tags', 'nothing'] },
    condition,
  });
  test.each<[string, boolean]>([
    ['selection', true],
    ['selection and not filter_words', false],
    ['not _helper and (sel_state or selection)', true],
    ['1 of sel*', true],
    ['all of sel*', true],
    ['all of them', true],
    ['all of _*', false],
    ['any of *_words or _helper', true],
    ['not selection or not sel_state', false],
    ['selection AND NOT _helper', true],
  ])('%s: %s', (condition, expected) => {
    expect(matches(where(condition), eve)).toBe(expected);
  });

  test.each<[string, RegExp]>([
    ['', /empty condition/],
    ['selection selection', /`selection` after a complete condition/],
    ['selection and', /ends in the middle/],
    ['(selection', /`\(` is not closed/],
    ['2 of them', /`2 of` is not Sigma/],
    ['1 of none*', /`none\*` matches no selection; there is selection, sel_state/],
    ['selektion', /no selection `selektion`/],
    ['selection | count() > 5', /`\|` after a complete condition/],
    [`${'('.repeat(40)}selection`, /nested deeper than 32/],
    ['all of', /`of` is the last word/],
  ])('%j is refused', (condition, reason) => {
    const compiled = compileCondition(where(condition));

    expect(compiled).toMatchObject({ ok: false, path: ['condition'] });
    expect(compiled.ok ? '' : compiled.reason).toMatch(reason);
  });

  test('a line with a field named condition can still be asked for it', () => {
    expect(compileCondition({ condition: 'bad', x: ['1', '2'] })).toMatchObject({ ok: false });
    expect(matches({ condition: 'bad', x: '1' }, '{"condition":"bad","x":1}')).toBe(true);
    expect(matches([{ condition: 'bad', x: ['1', '2'] }], '{"condition":"bad","x":1}')).toBe(true);
  });
});

describe('what cannot be kept is refused at the place and with the reason', () => {
  test.each<[Condition, readonly (string | number)[], RegExp]>([
    [{}, [], /empty selection/],
    [{ 'text|contians': 'x' }, ['text|contians'], /unknown modifier `contians`; known: contains/],
    [[{ text: 'a' }, { 'text|re': '(' }], [1, 'text|re'], /regular expression cannot be used/],
    [{ 'text|re': '(?<!a)b' }, ['text|re'], /look-around/],
    [{ 'text|re': '(a)\\1' }, ['text|re'], /regular expression cannot be used/],
    [{ 'a..b': 'x' }, ['a..b'], /empty part/],
    [{ 'text|contains': [] }, ['text|contains'], /empty list/],
    [{ 'a|exists': 'yes' }, ['a|exists'], /true or false/],
    [{ 'a|fieldref': 'b' }, ['a|fieldref'], /compares two fields, which the hub does/],
    [{ 'a|contains|expand': '%x%' }, ['a|contains|expand'], /lists that only the hub has/],
    [{ 'a|cidr': '10.0.0.1/8' }, ['a|cidr'], /host bits set/],
    [{ 'a|lt': 'x' }, ['a|lt'], /not a number/],
    [{ 'a|contains|all': 'x' }, ['a|contains|all'], /`all` with a single value/],
    [{ 'a|wide': 'x' }, ['a|wide'], /must be encoded/],
    [{ 'a|base64': 'x*y' }, ['a|base64'], /without wildcards/],
    [{ 'a|re|contains': 'x' }, ['a|re|contains'], /does not go with `re`/],
    [{ 'syslog.host': 'x' }, ['syslog.host'], /there is no syslog.host; known: syslog.timestamp, syslog.hostname/],
    [{ a: { b: 1 } }, ['a'], /need a `condition`/],
    [['', 'x'], [0], /an empty word/],
    ['word', [], /expected a map of fields/],
    [{ sel: { 'a|re': '(' }, condition: 'sel' }, ['sel', 'a|re'], /regular expression cannot be used/],
  ])('%j', (condition, path, reason) => {
    const compiled = compileCondition(condition);

    expect(compiled).toMatchObject({ ok: false, path });
    expect(compiled.ok ? '' : compiled.reason).toMatch(reason);
  });
});

test('an expression made to explode answers quickly on an attacker line', () => {
  const started = performance.now();

  expect(matches({ 'text|re': '^(a+)+$' }, `${'a'.repeat(5_000)}!`)).toBe(false);

  expect(performance.now() - started).toBeLessThan(5_000);
});

// Seconds at most; when every name in them was read to the end of the line it took hours.
test.each(["'a=", " a='", "a=\\a'", '"a":[', '{"a":1,', ' a=1|', '\ta=', ' a="', "='='='a="])(
  'a line of a megabyte that is nothing but %s is decided',
  (period) => {
    const line = period.repeat(Math.floor((1024 * 1024) / period.length));

    for (const head of ['', '{"z":[', 'CEF:0|v|p|1|id|n|3|', 'LEEF:2.0|v|p|1|id|'])
      expect(matches({ 'a|contains': 'nowhere', 'b|exists': false }, head + line)).toBe(false);
  },
);

test('contains, startswith and endswith agree with text in lower case, whatever the bytes', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'A', 'b', 'é', 'É', ' ', '"') });
  const literal = fc.string({ unit: fc.constantFrom('a', 'A', 'b', 'é', '"'), minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(text, literal, (line, word) => {
      const [folded, wanted] = [line.toLowerCase(), word.toLowerCase()];

      expect(matches({ 'text|contains': word }, line)).toBe(folded.includes(wanted));
      expect(matches({ 'text|startswith': word }, line)).toBe(folded.startsWith(wanted));
      expect(matches({ 'text|endswith': word }, line)).toBe(folded.endsWith(wanted));
      expect(matches({ text: word }, line)).toBe(folded === wanted);
    }),
  );
});

test('a field of a JSON line is found as JSON.parse finds it', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('a', 'b', 'é"'), fc.oneof(fc.string(), fc.integer(), fc.constant(null)), { maxKeys: 3 }),
      (value) => {
        const line = JSON.stringify(value);
        const wanted = value.a;
        const isText = typeof wanted === 'string' || typeof wanted === 'number';

        expect(matches({ 'a|exists': true }, line)).toBe(wanted !== undefined);
        expect(matches({ a: null }, line)).toBe(wanted === undefined || wanted === null);
        if (isText) expect(matches({ 'a|contains': String(wanted).replace(/[\\*?]/g, '\\$&') }, line)).toBe(true);
      },
    ),
  );
});

test('a path is found wherever a walk over the parsed value finds it, keys repeated and escaped ones included', () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const { tree } = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom('1', '"x"', 'null', '"a"', '[]'),
      fc.array(tie('tree'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
      fc
        .array(fc.tuple(fc.oneof(name, fc.constant('\\u0061')), tie('tree')), { maxLength: 4 })
        .map((members) => `{${members.map(([key, value]) => `"${key}":${value}`).join(',')}}`),
    ),
  }));
  const path = fc.array(fc.oneof(name, fc.constant('*')), { minLength: 1, maxLength: 3 });
  const values = (value: Tree, rest: readonly string[]): Tree[] => {
    const [first, ...more] = rest;
    if (Array.isArray(value))
      return value.flatMap((item: Tree) => (first === undefined ? values(item, rest) : first === '*' ? values(item, more) : []));
    if (first === undefined) return [value];
    if (typeof value === 'string' || !('members' in value)) return [];
    return value.members.flatMap(([key, inner]) => (first === '*' || first === key ? values(inner, more) : []));
  };
  fc.assert(
    fc.property(fc.array(fc.tuple(name, tree), { maxLength: 4 }), path, fc.constantFrom('x', '1', 'a'), (members, names, wanted) => {
      const line = `{${members.map(([key, value]) => `"${key}":${value}`).join(',')}}`;
      const found = values(parseJson(line), names).some(
        (value) => value === wanted || (typeof value === 'object' && 'word' in value && value.word === wanted),
      );

      expect(matches({ [names.join('.')]: wanted }, line)).toBe(found);
    }),
    { numRuns: 2_000 },
  );
});

test('a required literal never keeps an expression from matching what RE2 matches', () => {
  const piece = fc.constantFrom(
    'abc',
    'a',
    'k',
    's',
    '.',
    '\\d',
    '\\.',
    '[abc]',
    '(ab|c)',
    '(?:abc)?',
    'b+',
    'c*',
    '{2}',
    'x{1,3}',
    '^',
    '$',
    '|',
    '\\x41',
    'é',
    '\\bab',
  );
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 6 }),
      fc.array(fc.constantFrom('abc', 'a', 'A', 'K', '\u212a', 'b', 'é', '.', '7', 'x', 'S'), { maxLength: 8 }),
      fc.boolean(),
      (pieces, parts, isFolded) => {
        const [pattern, text] = [pieces.join(''), parts.join('')];
        let expected: boolean;
        try {
          expected = RE2JS.compile(pattern, isFolded ? RE2JS.CASE_INSENSITIVE : 0)
            .matcher(text)
            .find();
        } catch {
          return;
        }

        expect(matches({ [isFolded ? 'text|re|i' : 'text|re']: pattern }, text)).toBe(expected);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('no bytes make a condition throw', () => {
  const conditions: Condition[] = [
    { 'a.b': 'x' },
    { 'syslog.message': 'x' },
    { 'cef.name': 'x', src: 'x' },
    { usrName: 'x' },
    { 'a|cidr': '10.0.0.0/8' },
    { 'a|gt': 1 },
  ];
  const heads = fc.constantFrom(
    '',
    '{"a":{"b":',
    '{"a":"\\',
    '<13>1 - - - - - [',
    'Nov 24 10:00:00 ',
    'CEF:0|a|b|',
    'CEF:0|a|b|c|d|e|f|src',
    'LEEF:2.0|a|b|c|d|',
    'a="',
  );
  fc.assert(
    fc.property(heads, fc.uint8Array({ maxLength: 40 }), (head, bytes) => {
      const line = Buffer.concat([Buffer.from(head), bytes]);
      for (const condition of conditions) expect(typeof matches(condition, line)).toBe('boolean');
    }),
    { numRuns: 2_000 },
  );
});
