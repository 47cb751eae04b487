// What an envelope of JSON says, in one line: the message of a journal entry, the signature of an IDS alert. The whole
// line, which the hash is of, stays one click away.

/** Undefined when the line is best read as it is. */
export function headlineOf(raw: string): string | undefined {
  if (!raw.startsWith('{')) return undefined;
  const line = parsed(raw);
  const [message, program] = [textOf(line, 'MESSAGE'), textOf(line, 'SYSLOG_IDENTIFIER')];
  if (message !== '') return program === '' ? message : `${program}: ${message}`;
  const signature = textOf(objectOf(line, 'alert'), 'signature');
  if (signature === '') return undefined;
  const ends = [textOf(line, 'src_ip'), textOf(line, 'dest_ip')].filter((end) => end !== '');
  return [signature, ends.join(' → '), textOf(objectOf(line, 'http'), 'url')].filter((part) => part !== '').join(' · ');
}

/** An empty object for what is no JSON object: it may have been cut. */
function parsed(raw: string): object {
  try {
    const value: unknown = JSON.parse(raw);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function textOf(from: object, name: string): string {
  const value: unknown = Reflect.get(from, name);
  return typeof value === 'string' ? value : '';
}

function objectOf(from: object, name: string): object {
  const value: unknown = Reflect.get(from, name);
  return typeof value === 'object' && value !== null ? value : {};
}
