// The inputs of the policy in force, and which of them the next one keeps: those whose source says the same.
import { canonicalText } from '../../config/policy/hash-policy.ts';
import type { Source } from '../../config/policy/sources/sources.ts';
import { KeptInput } from './kept-input.ts';
import type { Input } from '../ports.ts';

/** What they received and nobody took is gone. */
export const liveTypes: ReadonlySet<Source['type']> = new Set(['syslog', 'socket', 'exec', 'stdin']);

interface Kept {
  readonly definition: string;
  readonly input: KeptInput;
}

export class KeptInputs {
  readonly #make: (source: Source) => Input;
  #inputs = new Map<string, Kept>();
  #closing: KeptInput[] = [];

  constructor(make: (source: Source) => Input) {
    this.#make = make;
  }

  /** To be called before readers are stopped: what is closed hands out what it received. */
  closeOthersThan(sources: readonly Source[]): void {
    const wanted = new Map(sources.map((source) => [source.id, canonicalText(source)]));
    for (const [id, { definition, input }] of this.#inputs) {
      if (wanted.get(id) === definition) continue;
      this.#inputs.delete(id);
      this.#closing.push(input);
      input.close();
    }
  }

  /** After readers were stopped. */
  async ended(): Promise<void> {
    for (const input of this.#closing.splice(0)) await input.end();
  }

  /** Everything that was pulled is in the buffers, and nothing moved there since. */
  handOver(): void {
    for (const { input } of this.#inputs.values()) input.handOver();
  }

  of(source: Source): Input {
    const kept = this.#inputs.get(source.id);
    if (kept) return kept.input;
    const input = new KeptInput(this.#make(source), liveTypes.has(source.type));
    this.#inputs.set(source.id, { definition: canonicalText(source), input });
    return input;
  }
}
