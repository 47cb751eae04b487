// The input that a source of a policy asks for.
import type { Source } from '../config/policy/sources/sources.ts';
import type { Clock, Random } from '../proto/runtime/clock.ts';
import { unreachable } from '../proto/runtime/errors.ts';
import { createFraming } from './frame/create-framing.ts';
import type { FileFence } from './inputs/file-fence.ts';
import { FileInput } from './inputs/file-input.ts';
import type { InputLog } from './inputs/input-log.ts';
import { JournaldInput } from './inputs/journald-input.ts';
import { systemKernelLog } from './inputs/kernel-device.ts';
import { KernelInput } from './inputs/kernel-input.ts';
import type { CommandFence } from './inputs/command-fence.ts';
import { execInput } from './inputs/exec-input.ts';
import type { ListenFence } from './inputs/listen-fence.ts';
import { socketInput } from './inputs/socket-input.ts';
import { stdinInput } from './inputs/stdin-input.ts';
import { syslogInput } from './inputs/syslog-input.ts';
import type { Input } from './ports.ts';

export interface InputSurroundings {
  readonly fence: FileFence;
  readonly listenFence: ListenFence;
  readonly commandFence: CommandFence;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: InputLog;
}

export function buildInput(source: Source, { fence, listenFence, commandFence, clock, random, log }: InputSurroundings): Input {
  switch (source.type) {
    case 'file':
      return new FileInput({ source, fence, framing: createFraming(source), clock, random, log });
    case 'journald':
      return new JournaldInput({ source, clock, random, log });
    case 'kmsg':
      return new KernelInput({ source, kernelLog: systemKernelLog, clock, random, log });
    case 'syslog':
      return syslogInput({ source, fence: listenFence, clock, random, log });
    case 'socket':
      return socketInput({ source, fence: listenFence, clock, random, log });
    case 'exec':
      return execInput({ source, fence: commandFence, clock, random, log });
    case 'stdin':
      return stdinInput({ source, clock, random, log });
    default:
      return unreachable(source);
  }
}
