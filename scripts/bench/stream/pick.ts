// Small choices out of a seeded randomness, for generators of log lines.
// Promises: the same seed gives the same lines; skewed() prefers the front of a list as real logs do (few hosts and few
// pages make most of the traffic), so that what is generated compresses and groups like the real thing.
import type { Random } from '../../../proto/runtime/clock.ts';

type Some = readonly [unknown, ...unknown[]];

export interface Pick {
  one<const L extends Some>(list: L): L[number];
  skewed<const L extends Some>(list: L): L[number];
  /** A whole number from..to, both included. */
  number(from: number, to: number): number;
  chance(share: number): boolean;
  hex(digits: number): string;
}

export function pickFrom(random: Random): Pick {
  const unit = (): number => random.unit();
  const at = <const L extends Some>(list: L, place: number): L[number] => list[Math.floor(place * list.length)] ?? list[0];
  const number = (from: number, to: number): number => from + Math.floor(unit() * (to - from + 1));
  return {
    one: (list) => at(list, unit()),
    skewed: (list) => at(list, unit() ** 3),
    number,
    chance: (share) => unit() < share,
    hex: (digits) => {
      let text = '';
      while (text.length < digits)
        text += Math.floor(unit() * 0x1_0000_0000)
          .toString(16)
          .padStart(8, '0');
      return text.slice(0, digits);
    },
  };
}

/** Addresses that belong to nobody outside (documentation ranges). */
export function outsideAddress(pick: Pick): string {
  return `${pick.one(['192.0.2', '198.51.100', '203.0.113'])}.${pick.number(1, 254)}`;
}

/** Some four thousand hosts. */
export function insideAddress(pick: Pick): string {
  return `10.${pick.number(20, 21)}.${pick.number(0, 7)}.${pick.number(1, 254)}`;
}

/** A list of `count` made names, for hosts, users and pages. */
export function named(count: number, name: (place: number) => string): readonly [string, ...string[]] {
  return [name(0), ...Array.from({ length: count - 1 }, (_, place) => name(place + 1))];
}
