// The input that a source of a policy asks for.
import type { Source } from '../config/policy/sources/sources.ts';
import type { Clock, Random } from '../proto/runtime/clock.ts';
import { unreachable } from '../proto/runtime/errors.ts';
import type { FileFence } from './inputs/file-fence.ts';
import { FileInput } from './inputs/file-input.ts';
import type { InputLog } from './inputs/file-watch.ts';
import { JournaldInput } from './inputs/journald-input.ts';
import type { Input } from './ports.ts';

export interface InputSurroundings {
  readonly fence: FileFence;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: InputLog;
}

export function buildInput(source: Source, { fence, clock, random, log }: InputSurroundings): Input {
  switch (source.type) {
    case 'file':
      return new FileInput({ source, fence, clock, random, log });
    case 'journald':
      return new JournaldInput({ source, clock, random, log });
    default:
      return unreachable(source);
  }
}
