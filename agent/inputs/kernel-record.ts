// One record of /dev/kmsg as the kernel hands it out, and the syslog line that is sent of it.
// `priority,sequence,microseconds,flags[,more];text` and a line feed, then perhaps lines ` KEY=value` (Documentation/ABI/
// testing/dev-kmsg). The kernel escapes what is not printable (\x0a), so a text is one line; the escapes stay as they are.
// Promises: the same record, host and zero give the same bytes whenever they are made (DECISION-kernel-log.md); nothing is
// thrown, whatever the bytes: what is no record is undefined.

export interface KernelRecord {
  /** Facility times eight and severity. */
  readonly priority: number;
  readonly sequence: number;
  /** Since the boot, by the kernel's own clock. */
  readonly microseconds: number;
  readonly text: string;
  /** Names in lower case, as in `subsystem`, `device`. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

const fieldsMax = 8;
const heading = /^(\d{1,10}),(\d{1,16}),(\d{1,16}),[^;\n]{0,256};/;
const fieldLine = /^ ([A-Za-z][A-Za-z0-9_]{0,30})=(.{1,256})$/s;

/** The device gives exactly one record at a time. */
export function parseKernelRecord(bytes: Buffer): KernelRecord | undefined {
  const whole = bytes.toString('utf8');
  const match = heading.exec(whole);
  if (!match) return undefined;
  const [text = '', ...more] = whole.slice(match[0].length).replace(/\n$/, '').split('\n');
  const fields = more.slice(0, fieldsMax).flatMap((line): [string, string][] => {
    const [, name, value] = fieldLine.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name.toLowerCase(), value]];
  });
  return { priority: Number(match[1]), sequence: Number(match[2]), microseconds: Number(match[3]), text, fields };
}

/** The highest that syslog can say; programs may write any number to the device. */
const priorityMax = 191;
const facilityUser = 8;
/** Written by a program, systemd in early boot among them: it says its own name. */
const programTag = /^([!-9;-Z\\^-~]{1,48})\[(\d{1,10})\]: /;

/** RFC 5424. `zeroUs` is the time, in microseconds since 1970, at which the kernel's clock stood at zero. */
export function kernelLine(record: KernelRecord, { host, zeroUs }: { readonly host: string; readonly zeroUs: number }): string {
  const { priority, sequence, microseconds, text, fields } = record;
  const isKnown = priority <= priorityMax;
  const data = [
    ['seq', String(sequence)],
    ['us', String(microseconds)],
    ...(isKnown ? [] : [['priority', String(priority)]]),
    ...fields,
  ].map(([name, value = '']) => `${name}="${value.replaceAll(/["\\\]]/g, '\\$&')}"`);
  const isOfKernel = priority < 8;
  const [tag = '', program = '-', pid = '-'] = isOfKernel ? ['', 'kernel'] : (programTag.exec(text) ?? []);
  const shown = isKnown ? priority : facilityUser + (priority & 7);
  const head = `<${shown}>1 ${timeText(zeroUs + microseconds)} ${host} ${program} ${pid} -`;
  return `${head} [kmsg@32473 ${data.join(' ')}] ${text.slice(tag.length)}`;
}

const lastUs = Date.UTC(9999, 11, 31) * 1_000;

function timeText(us: number): string {
  const whole = Math.min(Math.max(0, Math.floor(us)), lastUs);
  const seconds = new Date(Math.floor(whole / 1_000_000) * 1_000).toISOString().slice(0, 19);
  return `${seconds}.${String(whole % 1_000_000).padStart(6, '0')}Z`;
}
