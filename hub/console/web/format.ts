// Numbers, sizes and times for people. Times are in the viewer's zone; UTC is one hover away.
const counts = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const rates = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

export function count(value: number): string {
  return counts.format(value);
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${counts.format(value)} ${value === 1 ? one : many}`;
}

export function rate(value: number): string {
  return value >= 100 ? counts.format(value) : rates.format(value);
}

export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = value;
  let unit = 0;
  while (size >= 1_024 && unit < units.length - 1) {
    size /= 1_024;
    unit += 1;
  }
  return `${size >= 100 || unit === 0 ? counts.format(size) : rates.format(size)} ${units[unit]}`;
}

/** What an agent keeps because the hub has not committed it; its files keep their size for a while after. */
export function waiting(agent: { readonly bufferedBatches: number; readonly bufferedBytes: number }): string {
  return agent.bufferedBatches === 0 ? 'nothing' : `${bytes(agent.bufferedBytes)} in ${plural(agent.bufferedBatches, 'batch', 'batches')}`;
}

const two = (value: number): string => String(value).padStart(2, '0');

export function clockTime(timeMs: number): string {
  const at = new Date(timeMs);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

export function dateTime(timeMs: number): string {
  const at = new Date(timeMs);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clockTime(timeMs)}`;
}

export function milliseconds(timeMs: number): string {
  return `.${String(timeMs % 1_000).padStart(3, '0')}`;
}

export function utc(timeMs: number): string {
  return `${new Date(timeMs).toISOString().replace('T', ' ').replace('Z', '')} UTC`;
}

export function ago(timeMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - timeMs) / 1_000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** `true-positive` as a person writes it. */
export function words(text: string): string {
  const spaced = text.replaceAll('-', ' ');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** For datetime-local inputs, in the viewer's zone, to the second. */
export function toLocalInput(timeMs: number): string {
  return dateTime(timeMs).replace(' ', 'T');
}
