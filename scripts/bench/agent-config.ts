// The configuration of an agent that is measured: the files of one folder, read from their start.
import { join } from 'node:path';

export interface MeasuredConfig {
  readonly logs: string;
  readonly trim?: readonly object[];
  readonly filter?: readonly object[];
  readonly bufferBytes?: string;
  /** Seals the buffer. */
  readonly keyFile?: string | undefined;
}

export function agentConfigOf({ logs, trim = [], filter = [], bufferBytes = '4GiB', keyFile }: MeasuredConfig): object {
  const source = { id: 'eve', type: 'file', paths: [join(logs, '*.json')], typeHint: 'suricata-eve', startAt: 'start' };
  return {
    version: 1,
    buffer: { maxBytes: bufferBytes, ...(keyFile === undefined ? {} : { encryption: { keyFile } }) },
    fence: { paths: [join(logs, '**')] },
    log: { level: 'warn' },
    policy: { kind: 'Policy', version: 1, sources: [source], filter, trim },
  };
}
