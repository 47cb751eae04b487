// Which limit on sending is in force at a time: the first window that is open by the clock on the wall of the configured
// zone. Pure. Where clocks go forward, a window within the hour that is skipped does not open that day; where they go
// back, one within the hour that comes twice is open twice: people mean what the clock on the wall says.
// A window that ends after midnight belongs to the day on which it began.
import { weekdays, type BandwidthConfig, type RateWindow, type Weekday } from '../../config/uplink-config.ts';
import { zoneName } from '../../proto/runtime/zone-name.ts';

interface WallTime {
  readonly day: Weekday;
  readonly dayBefore: Weekday;
  /** Minutes since midnight. */
  readonly minute: number;
}

export type LimitAt = (nowMs: number) => number | undefined;

/** Bytes per second at a time; undefined where there is no limit. The answer of one minute is kept: no zone in use has
 * offsets of less, and formatting a time for every batch would cost more than sending it. */
export function limitsByTime({ timeZone, windows }: BandwidthConfig): LimitAt {
  const wallTimeAt = wallClock(timeZone);
  let minute = Number.NaN;
  let limit: number | undefined;
  return (nowMs) => {
    if (windows.length === 0) return undefined;
    const now = Math.floor(nowMs / 60_000);
    if (now !== minute) {
      minute = now;
      const time = wallTimeAt(nowMs);
      limit = windows.find((window) => isOpen(window, time))?.bytesPerSecond;
    }
    return limit;
  };
}

function isOpen({ days, from, to }: RateWindow, { day, dayBefore, minute }: WallTime): boolean {
  if (from < to) return days.includes(day) && minute >= from && minute < to;
  return (days.includes(day) && minute >= from) || (days.includes(dayBefore) && minute < to);
}

function wallClock(timeZone: string): (nowMs: number) => WallTime {
  const zone = zoneName(timeZone);
  return (nowMs) => {
    const { dayOfWeek, hour, minute } = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(zone);
    const place = dayOfWeek - 1;
    return { day: weekdays[place] ?? 'mon', dayBefore: weekdays[(place + 6) % 7] ?? 'sun', minute: hour * 60 + minute };
  };
}
