// Lines of the flat formats split into fields by regular expressions, for tests to compare trims with: slow and obvious.
export interface Field {
  /** Empty for text that belongs to no field. */
  readonly name: string;
  /** As it is spelled, quotes and escapes included. */
  readonly value: string;
}

/** Words of a key=value line; undefined when a " stays open. */
export function parsePairs(line: string): Field[] | undefined {
  const fields: Field[] = [];
  const word = /([^\s"=]*)(?:=('(?:[^'\\]|\\.)*')?)?(?:[^\s"]|"(?:[^"\\]|\\.)*")*/y;
  for (let at = 0; at < line.length;) {
    if (/[ \t]/.test(line.charAt(at))) at++;
    else {
      word.lastIndex = at;
      const [whole = '', name = ''] = word.exec(line) ?? [];
      at += whole.length;
      if (whole === '' || (at < line.length && !/[ \t]/.test(line.charAt(at)))) return undefined;
      const isPair = name !== '' && whole.charAt(name.length) === '=';
      fields.push(isPair ? { name, value: whole.slice(name.length + 1) } : { name: '', value: whole });
    }
  }
  return fields;
}

/** The header of a CEF line (up to the seventh pipe) and its extension. */
export function parseCef(line: string): { readonly header: string; readonly fields: Field[] } | undefined {
  const [header] = /^.*?\bCEF:\d(?:(?:[^|\\]|\\.)*\|){7}/s.exec(line) ?? [];
  if (header === undefined) return undefined;
  const extension = line.slice(header.length);
  const veiled = extension.replaceAll(/\\[\\=]/g, '\\\\');
  const keys = [...veiled.matchAll(/(?<=^|[ \t])([\w.[\]-]+)=/g)];
  const fields = keys.map((key, i) => {
    const end = keys[i + 1]?.index ?? extension.length;
    const value = extension.slice(key.index + key[0].length, end);
    return { name: key[1] ?? '', value: i === keys.length - 1 ? value : value.replace(/[ \t]+$/, '') };
  });
  return { header, fields };
}

export function parseLeef(line: string, delimiter: string): Field[] {
  const extension = line
    .split('|')
    .slice(line.includes('LEEF:2') ? 6 : 5)
    .join('|');
  const fields: { name: string; value: string }[] = [];
  for (const part of extension.split(delimiter)) {
    const last = fields.at(-1);
    if (part.includes('=')) fields.push({ name: part.slice(0, part.indexOf('=')).trimStart(), value: part.slice(part.indexOf('=') + 1) });
    else if (last) last.value += delimiter + part;
    else if (part !== '') fields.push({ name: '', value: part });
  }
  return fields;
}

/** Values as they are spelled; undefined when a quote does not close at a delimiter. */
export function parseCsv(line: string): string[] | undefined {
  const values: string[] = [];
  const value = /("(?:[^"]|"")*"|[^",][^,]*|)(,|$)/y;
  for (let isMore = true; isMore;) {
    const found = value.exec(line);
    if (!found) return undefined;
    values.push(found[1] ?? '');
    isMore = found[2] === ',';
  }
  return values;
}

export function parseStructuredData(line: string): { readonly id: string; readonly params: Field[] }[] {
  const data = line.split(' ').slice(6).join(' ');
  const [elements = ''] = /^(?:\[[^\s="\]]+(?: +[^\s="\]]+="(?:[^"\\]|\\.)*")*\])+/.exec(data) ?? [];
  return [...elements.matchAll(/\[([^\s="\]]+)((?: +[^\s="\]]+="(?:[^"\\]|\\.)*")*)\]/g)].map(([, id = '', params = '']) => ({
    id,
    params: [...params.matchAll(/([^\s="\]]+)="((?:[^"\\]|\\.)*)"/g)].map(([, name = '', value = '']) => ({ name, value })),
  }));
}
