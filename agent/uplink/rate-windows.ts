// Which limit on sending is in force at a time: the first window that is open by the clock on the wall of the configured
// zone. Pure. Where clocks go forward, a window within the hour that is skipped does not open that day; where they go
// back, one within the hour that comes twice is open twice: people mean what the clock on the wall says.
// A window that ends after midnight belongs to the day on which it began.
import { weekdays, type BandwidthConfig, type RateWindow, type Weekday } from '../../config/uplink-config.ts';

interface WallTime {
  readonly day: Weekday;
  readonly dayBefore: Weekday;
  /** Minutes since midnight. */
  readonly minute: number;
}

const minutesPerDay = 1_440;

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
  const format = new Intl.DateTimeFormat('en-GB', {
    ...(timeZone === 'local' ? {} : { timeZone }),
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return (nowMs) => {
    const parts = new Map(format.formatToParts(nowMs).map(({ type, value }) => [type, value]));
    const place = weekdays.findIndex((day) => day === parts.get('weekday')?.toLowerCase());
    const minute = (Number(parts.get('hour')) * 60 + Number(parts.get('minute'))) % minutesPerDay;
    const day = weekdays[place] ?? 'mon';
    return { day, dayBefore: weekdays[(place + 6) % 7] ?? 'sun', minute };
  };
}
