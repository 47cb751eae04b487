// One key-value folder of the faulty disk: what is durable, and what a crash may take.
// Promises: writes are atomic; keys compare as unsigned bytes (one character a byte does).
import type { Random } from '../runtime/clock.ts';
import { AtalaiaError } from '../runtime/errors.ts';
import type { KeyValue, KvFolder } from './ports.ts';

type Pending = readonly KeyValue[];

export class FaultyFolder {
  isOpen = false;
  isUnopenable = false;
  readonly durable: Map<string, Uint8Array>;
  /** Whatever touches these rejects: a damaged block of a table. */
  readonly #spoilt = new Set<string>();
  #pending: Pending[] = [];

  constructor(durable = new Map<string, Uint8Array>()) {
    this.durable = durable;
  }

  get byteLength(): number {
    let bytes = 0;
    for (const value of this.durable.values()) bytes += value.length + 9;
    return bytes;
  }

  hold(puts: Pending): Pending {
    this.#pending.push(puts);
    return puts;
  }

  drop(puts: Pending): void {
    this.#pending = this.#pending.filter((held) => held !== puts);
  }

  /** A sync makes everything before it durable too. */
  settle(puts: Pending): void {
    const place = this.#pending.indexOf(puts);
    if (place >= 0) this.#makeDurable(place + 1);
  }

  get(key: Uint8Array): Uint8Array | undefined {
    if (this.#spoilt.has(textOf(key))) throw unreadable();
    const value = this.#content().get(textOf(key));
    return value && new Uint8Array(value);
  }

  range({ gte, lt, limit, reverse = false }: Parameters<KvFolder['range']>[0]): KeyValue[] {
    const content = this.#content();
    const [from, to] = [textOf(gte), textOf(lt)];
    for (const key of this.#spoilt) if (key >= from && key < to) throw unreadable();
    const keys: string[] = [];
    for (const key of content.keys()) if (key >= from && key < to) keys.push(key);
    keys.sort();
    if (reverse) keys.reverse();
    return keys.slice(0, limit).map((key) => ({ key: Buffer.from(key, 'latin1'), value: new Uint8Array(content.get(key) ?? []) }));
  }

  crash(random: Random): void {
    this.isOpen = false;
    this.#makeDurable(Math.floor(random.unit() * (this.#pending.length + 1)));
    this.#pending = [];
  }

  loseKey(random: Random): void {
    const key = this.#anyKey(random);
    if (key !== undefined) this.durable.delete(key);
  }

  changeValue(random: Random): void {
    const key = this.#anyKey(random);
    const value = key === undefined ? undefined : this.durable.get(key);
    if (key === undefined || !value || value.length === 0) return;
    const changed = new Uint8Array(value);
    const at = Math.floor(random.unit() * changed.length);
    changed[at] = (changed[at] ?? 0) ^ (1 + Math.floor(random.unit() * 255));
    this.durable.set(key, changed);
  }

  spoilKey(random: Random): void {
    const key = this.#anyKey(random);
    if (key !== undefined) this.#spoilt.add(key);
  }

  loseTail(random: Random): void {
    const keys = [...this.durable.keys()].sort();
    for (const key of keys.slice(Math.floor(random.unit() * keys.length))) this.durable.delete(key);
  }

  #anyKey(random: Random): string | undefined {
    const keys = [...this.durable.keys()].sort();
    return keys[Math.floor(random.unit() * keys.length)];
  }

  #makeDurable(count: number): void {
    for (const { key, value } of this.#pending.splice(0, count).flat()) this.durable.set(textOf(key), value);
  }

  #content(): ReadonlyMap<string, Uint8Array> {
    if (this.#pending.length === 0) return this.durable;
    const content = new Map(this.durable);
    for (const { key, value } of this.#pending.flat()) content.set(textOf(key), value);
    return content;
  }
}

function unreadable(): AtalaiaError {
  return new AtalaiaError('DAMAGED', 'a block that was asked for is damaged');
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
