// How far a named zone was from UTC at a local time. Intl knows; it is slow, so answers are kept by zone and hour.
// Promises: an unknown zone counts as UTC and is reported by isKnownZone; memory is bounded; never throws.
// A local time that does not exist or exists twice (clock change) is read with the offset before the change.

const formats = new Map<string, Intl.DateTimeFormat | undefined>();
const offsets = new Map<string, Map<number, number>>();
const zonesMax = 512;
const hoursMax = 4_096;
const hourMs = 3_600_000;

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  if (formats.has(zone)) return formats.get(zone);
  if (formats.size >= zonesMax) {
    formats.clear();
    offsets.clear();
  }
  let format: Intl.DateTimeFormat | undefined;
  try {
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  } catch {
    format = undefined;
  }
  formats.set(zone, format);
  return format;
}

function isKnownZone(zone: string): boolean {
  return formatOf(zone) !== undefined;
}

/** Milliseconds to take from a local time read as if it were UTC. */
export function zoneOffsetMs(zone: string, localMs: number): number {
  if (zone === '' || zone === 'UTC') return 0;
  const hour = Math.floor(localMs / hourMs);
  let known = offsets.get(zone);
  if (!known) {
    if (!isKnownZone(zone)) return 0;
    known = new Map();
    offsets.set(zone, known);
  }
  const kept = known.get(hour);
  if (kept !== undefined) return kept;
  if (known.size >= hoursMax) known.clear();
  const first = offsetAt(zone, localMs);
  const offset = offsetAt(zone, localMs - first);
  known.set(hour, offset);
  return offset;
}

function offsetAt(zone: string, utcMs: number): number {
  if (!Number.isFinite(utcMs) || Math.abs(utcMs) > 8e15) return 0;
  const name =
    formatOf(zone)
      ?.formatToParts(utcMs)
      .find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const sign = name.charAt(3) === '-' ? -1 : 1;
  const hours = Number(name.slice(4, 6));
  const minutes = Number(name.slice(7, 9));
  return Number.isNaN(hours) || Number.isNaN(minutes) ? 0 : sign * (hours * 60 + minutes) * 60_000;
}
