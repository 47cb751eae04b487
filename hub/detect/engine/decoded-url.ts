// `atalaia.url.decoded`: what the server may have read out of a request target, for rules on web attacks. Attackers encode
// once, twice, in %uXXXX, in overlong UTF-8, as HTML entities, and break words with comments; a rule that had to list all
// of that would be unreadable. Decoded until nothing changes (at most `roundsMax`), NUL dropped, SQL comments and white
// space become one blank. The line itself stays as it was sent.
// Promises: never throws, linear in the text for each round; text beyond `charsMax` is left as it is.

const roundsMax = 3;
const charsMax = 16_384;

const named: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  amp: '&',
  lpar: '(',
  rpar: ')',
  colon: ':',
  tab: ' ',
  newline: ' ',
  sol: '/',
  bsol: '\\',
};

export function decodeUrl(original: string): string {
  let text = original.slice(0, charsMax);
  for (let round = 0; round < roundsMax; round++) {
    const decoded = decodeOnce(text);
    if (decoded === text) break;
    text = decoded;
  }
  return text.replaceAll('\0', '').replaceAll(/\/\*[^*]{0,64}\*\/|\s+/g, ' ') + original.slice(charsMax);
}

function decodeOnce(text: string): string {
  const plain = text.replaceAll('+', ' ');
  const percent = plain.includes('%') ? plain.replaceAll(/%u([0-9a-f]{4})|(?:%[0-9a-f]{2})+/gi, decodeRun) : plain;
  return percent.includes('&') ? percent.replaceAll(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]{2,8}));?/gi, decodeEntity) : percent;
}

function decodeRun(run: string, wide: string | undefined): string {
  if (wide !== undefined) return String.fromCharCode(halfWidth(Number.parseInt(wide, 16)));
  const bytes = Buffer.from(run.replaceAll('%', ''), 'hex');
  let isPlain = true;
  for (const byte of bytes) if (byte >= 0x80) isPlain = false;
  if (isPlain) return bytes.toString('latin1');
  return replaceOverlong(bytes).toString('utf8');
}

/** C0 AF and E0 80 AF are a slash to a lax decoder; a strict one would hide it. */
function replaceOverlong(bytes: Buffer): Buffer {
  const out: number[] = [];
  for (let at = 0; at < bytes.length; at++) {
    const [first = 0, second = 0, third = 0] = bytes.subarray(at, at + 3);
    if ((first === 0xc0 || first === 0xc1) && at + 1 < bytes.length) {
      out.push(((first & 1) << 6) | (second & 0x3f));
      at++;
    } else if (first === 0xe0 && second === 0x80 && at + 2 < bytes.length) {
      out.push(third & 0x7f);
      at += 2;
    } else out.push(first);
  }
  return Buffer.from(out);
}

/** Full-width letters and signs mean their ASCII cousins to several servers. */
function halfWidth(unit: number): number {
  return unit >= 0xff01 && unit <= 0xff5e ? unit - 0xfee0 : unit;
}

function decodeEntity(whole: string, hex: string | undefined, decimal: string | undefined, name: string | undefined): string {
  if (name !== undefined) return named[name.toLowerCase()] ?? whole;
  const code = hex !== undefined ? Number.parseInt(hex, 16) : Number(decimal);
  return code < 0x11_0000 && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : whole;
}
