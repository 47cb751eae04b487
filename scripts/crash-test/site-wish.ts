// What a site is to be like, and what its agent says of itself.
import type { SourceCounts } from './live-book.ts';

export interface SiteWish {
  /** From `dist` instead of the source. */
  readonly isBuilt: boolean;
  /** The agent's buffer (buffer.encryption). */
  readonly isSealed: boolean;
  /** Of hub.yaml and of the agent's `buffer`; without them the smallest generations there can be. */
  readonly hubConfig?: object;
  readonly buffer?: object;
  /** Data folders on small disks of their own; else where the site's folder is. */
  readonly hasSmallDisks?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  /** The port by which the agent reaches the hub's own; else that one. */
  readonly wayTo?: (port: number) => Promise<number>;
}

/** The smallest generations there can be, so that generations change and go within a round. */
export const smallest = {
  hubConfig: { journal: { generationBytes: '1MiB' } },
  buffer: { maxBytes: '4MiB', generationBytes: '1MiB', reserveBytes: '1MiB', flushInterval: '50ms' },
} as const;

export interface AgentStatus extends SourceCounts {
  readonly policyHash: string;
  readonly certificateExpires: string;
  readonly lagBytes: number;
  readonly lanes: readonly {
    readonly lane: string;
    readonly buffered: { readonly sequence: number; readonly lines: number };
    readonly committed: { readonly sequence: number };
    readonly bytes: number;
    readonly bytesMax: number;
  }[];
}
