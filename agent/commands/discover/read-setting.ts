// The last value that a configuration of `name = value` or `name value` lines gives. Linear in the text, whatever it holds.

const lineCharsMax = 4_096;

/** Without quotes around it and without a comment behind it; `name` in any case, `-` and `_` alike. */
export function settingIn(text: string | undefined, name: string): string | undefined {
  let found: string | undefined;
  for (const line of (text ?? '').split('\n')) {
    if (line.length > lineCharsMax) continue;
    const written = line.trim();
    const key = /^[\w-]+/.exec(written)?.[0] ?? '';
    if (key.replaceAll('-', '_').toLowerCase() !== name.toLowerCase()) continue;
    const rest = written.slice(key.length).trimStart();
    if (rest.length === written.length - key.length && !rest.startsWith('=')) continue;
    const value = (rest.startsWith('=') ? rest.slice(1) : rest).trimStart();
    found = /^(["'])(.*?)\1/.exec(value)?.[2] ?? value.split(/[ \t]#/, 1)[0]?.trimEnd();
  }
  return found;
}
