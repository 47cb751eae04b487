// Who leads and who follows, source by source: the first hub's collector makes the real inputs, those of the other hubs
// follow the ones that cannot be read again. What can be read again is read by each on its own.
import type { Source } from '../../config/policy/sources/sources.ts';
import type { Input } from '../ports.ts';
import { liveTypes } from './kept-inputs.ts';
import { SharedInput, type FollowOptions } from './shared-input.ts';

export class SharedInputs {
  readonly #shared = new Map<string, SharedInput>();
  readonly #make: (source: Source) => Input;

  constructor(make: (source: Source) => Input) {
    this.#make = make;
  }

  /** For the first hub. */
  lead(source: Source): Input {
    const input = this.#make(source);
    if (!liveTypes.has(source.type)) return input;
    const shared = new SharedInput(input);
    this.#shared.set(source.id, shared);
    return shared.lead();
  }

  /** For another hub; the first one has the source in force already. */
  follow(source: Source, around: Omit<FollowOptions, 'source'>): Input {
    const shared = liveTypes.has(source.type) ? this.#shared.get(source.id) : undefined;
    return shared ? shared.follow({ source, ...around }) : this.#make(source);
  }
}
