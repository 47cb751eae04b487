// What the agent's rooms owe each other. Only pipeline.ts and main.ts see several rooms.
import type { TLSSocket } from 'node:tls';
import type { LaneName } from '../proto/delivery.ts';

/** Identity of a file across renames; see DESIGN.md 6. */
export interface FileIdentity {
  readonly device: number;
  readonly inode: number;
  /** SHA-256 of the first `fingerprintBytes` bytes; it grows with a short file up to 1,024. */
  readonly fingerprint: Uint8Array;
  readonly fingerprintBytes: number;
}

/** Cumulative since the stream began (DELIVERY.md 3). */
export interface StreamCounters {
  linesRead: number;
  linesFiltered: number;
  linesTrimmed: number;
  linesCut: number;
  bytesRead: number;
  bytesKept: number;
  linesDropped: Record<string, number>;
}

/** What a stream is; does not change while it lives, apart from path and fingerprint. */
export interface StreamInfo {
  readonly sourceId: string;
  readonly streamId: string;
  readonly file: FileIdentity | undefined;
  readonly path: string;
  readonly typeHint: string;
  readonly timeZone: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Where its reading began, for streams whose lines go to two lanes: kept at the agent, not sent. */
  readonly began?: { readonly offset: number; readonly lineNumber: number; readonly cursor: string };
}

/** Where reading of a stream goes on, and the proof that the file is still the same one. */
export interface StreamPosition {
  readonly stream: StreamInfo;
  readonly offset: number;
  readonly lineNumber: number;
  /** First 16 bytes of SHA-256 over the `tailBytes` (at most 1,024) bytes before `offset`. */
  readonly tailHash: Uint8Array;
  readonly tailBytes: number;
  /** The source's own mark (journald, the kernel's log), or where the header of a file's rows begins; empty where offsets say it all. */
  readonly cursor: string;
  readonly counters: StreamCounters;
}

/**
 * Whole lines of one stream, read at one time. Line i is bytes[starts[i], ends[i]) and began at source offset
 * baseOffset + sourceStarts[i]. The block and its arrays are reused by the input after the next pull: whoever keeps
 * lines copies them.
 */
export interface LineBlock {
  readonly stream: StreamInfo;
  readonly readAtMs: number;
  readonly bytes: Buffer;
  readonly count: number;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly baseOffset: number;
  readonly sourceStarts: Uint32Array;
  /** Indexes of lines that were cut at the line limit. */
  readonly cut: readonly number[];
  /** `bytes` are not the source's own but were made of them: they prove nothing about the file. */
  readonly isDecoded?: boolean;
  /** Position after the last line of this block (filtered ones included), without counters. */
  readonly endOffset: number;
  readonly endLineNumber: number;
  readonly tailHash: Uint8Array;
  readonly tailBytes: number;
  readonly cursor: string;
  /** Source bytes consumed by this block, line ends included. */
  readonly bytesRead: number;
  /** Lines of this stream that the input had to drop since the stream's last block, by reason; they count as read. */
  readonly dropped?: Readonly<Record<string, number>>;
  /** Where the lines are some of a larger block, which ends at the same place. */
  readonly part?: {
    /** Of the larger block's lines, those before this one, counted from the beginning of the stream. */
    readonly lineNumberBefore: (line: number) => number;
    /** Source bytes of the lines in [from, to). */
    readonly bytesBetween: (from: number, to: number) => number;
  };
}

/** How a line feed is written: one byte, or a UTF-16 unit in either order. */
export type LineFeed = 'byte' | 'utf-16le' | 'utf-16be';

/** Lines in a buffer: line i is bytes[starts[i], ends[i]) and began sourceStarts[i] bytes behind the place read from. */
export interface FoundLines {
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly sourceStarts: Uint32Array;
  readonly count: number;
  readonly cut: readonly number[];
}

/** What follows the found lines in the same buffer, up to `to`: a line whose end is not there yet. */
export interface LineRest {
  readonly from: number;
  readonly to: number;
  readonly lineFeed: LineFeed;
  /** Nothing more is expected soon: what is there is whole. */
  readonly isWhole: boolean;
  /** The place in the source that the lines' own places count from; 0 where nobody asks. */
  readonly sourceOffset?: number;
}

/** What becomes of the lines that an input finds, before they are handed out. Made in frame/, used by file inputs. */
export interface Framing {
  /** Undefined while the first bytes of the file do not say it yet. */
  lineFeed(firstBytes: Uint8Array): LineFeed | undefined;
  /** Silence in milliseconds after which unfinished records are whole; undefined where every line stands alone. */
  readonly quietMs: number | undefined;
  /** Makes records of lines, in place (the arrays are the input's own); says how many, and where in `bytes` the first unfinished one begins. */
  join(lines: FoundLines, rest: LineRest): { readonly count: number; readonly cut: number[]; readonly end: number };
  /** The lines in UTF-8; the very same object where they were that already. `isFileStart`: the first line is the file's first. */
  decode(lines: FoundLines, how: { readonly lineFeed: LineFeed; readonly isFileStart: boolean }): FoundLines;
  /** Where lines mean something only by what stands before them in their file: the framing of one file, from its start on. */
  readonly ofFile?: () => FileFraming;
}

/** Up to `length` bytes of a file at `at`; fewer at its end. */
export type ReadFile = (at: number, length: number) => Promise<Buffer>;

export interface PlaceInFile {
  readonly offset: number;
  /** What the position there carries as its cursor; perhaps nothing. */
  readonly mark: string;
}

export interface FileFraming extends Framing {
  /** Learns, from the file, what governs the lines behind a place. */
  resume(readFile: ReadFile, place: PlaceInFile): Promise<void>;
  /** What resume() needs to know of the place behind the lines decoded last; it is the cursor of every position in them. */
  readonly mark: string;
  /** Why lines pass as they are; empty while nothing is wrong. */
  readonly problem: string;
}

export interface SourceStatus {
  readonly sourceId: string;
  readonly type: string;
  readonly linesRead: number;
  readonly bytesRead: number;
  readonly lagBytes: number;
  readonly lastReadMs: number;
  readonly problem: string;
  /** Lines that the input itself had to drop since it started, by reason. */
  readonly linesDropped?: Readonly<Record<string, number>>;
  /** Lines that a trim of this source could not read and that passed as they were, under the policy in force. */
  readonly linesUnparsed?: number;
}

/** One configured source. Pull is the back-pressure: nothing is read ahead of the consumer. */
export interface Input {
  /**
   * Ends when the signal aborts: what cannot be read again and was received by then is still handed out. `resume` are the
   * positions that the buffer remembers.
   */
  read(resume: readonly StreamPosition[], signal: AbortSignal): AsyncIterable<LineBlock>;
  status(): SourceStatus;
  /** Of one that cannot be read again, while it reads: what it hands out from now on comes in new streams. */
  renew?(): void;
}

/** What the pipeline hands the buffer: an encoded BatchBody and the positions it carries, one write. */
export interface SealedBody {
  readonly body: Uint8Array;
  readonly lineCount: number;
  readonly rawBytes: number;
  readonly positions: readonly StreamPosition[];
}

export interface StoredBatch {
  readonly lane: LaneName;
  readonly epoch: Uint8Array;
  readonly sequence: number;
  readonly hash: Uint8Array;
  readonly kind: 'batch' | 'lost';
  /** An encoded AgentMessage, ready to send. */
  readonly frame: Uint8Array;
  readonly lineCount: number;
}

/** State of one lane as Hello tells it. */
export interface LaneState {
  readonly lane: LaneName;
  readonly epoch: Uint8Array;
  readonly oldestSequence: number;
  readonly nextSequence: number;
  readonly held: readonly { readonly sequence: number; readonly hash: Uint8Array }[];
  readonly damaged: boolean;
}

export interface BufferStatus {
  readonly lane: LaneName;
  readonly batches: number;
  readonly bytes: number;
  readonly bytesMax: number;
  readonly isFull: boolean;
  readonly ackedSequence: number;
  readonly nextSequence: number;
  readonly lostBatches: number;
  /** Positions went where readers do not know (damage, a hub that knows more): reading must begin anew from them. */
  readonly mustReadAnew?: boolean;
  /** Damage was found and the hub has not said how far it is: only what cannot be read again is taken. */
  readonly isInDoubt?: boolean;
  /** A write failed and was not read back yet: what it carried, positions too, may be there after all. */
  readonly mustReadBack?: boolean;
}

/** One lane of batches on disk. */
export interface BatchBuffer {
  /** Resolves when body and positions are durable. Waits while the buffer is full under the policy `block`. */
  append(sealed: SealedBody, signal: AbortSignal): Promise<void>;
  /** The stored batch after `sequence`, waiting for one; undefined when the signal aborts. */
  next(after: number, signal: AbortSignal): Promise<StoredBatch | undefined>;
  /** The hub committed everything up to here (cumulative, may pass several). */
  free(upTo: number): Promise<void>;
  positions(): readonly StreamPosition[];
  /** Finds out what became of a write that failed; rejects while that cannot be read. */
  readBack(): Promise<void>;
  laneState(): Promise<LaneState>;
  /**
   * Obeys a LaneWelcome: frees up to the common mark (or resets the mark downwards), and where histories part carries
   * what is still held into a new epoch, saying Lost for what is gone. Returns true when a second Hello is due.
   */
  settle(welcome: LaneSettlement): Promise<boolean>;
  status(): BufferStatus;
}

export interface LaneSettlement {
  readonly epochKnown: boolean;
  readonly parted: boolean;
  readonly commonSequence: number;
  readonly commonHash: Uint8Array;
  readonly positions: readonly StreamPosition[];
}

export interface HubSocketOrder {
  /** wss://host:port or https://host:port. */
  readonly address: string;
  /** PEM of the authority that the hub must be signed by. */
  readonly authority?: string;
  /** The caller looks at who answers, whoever it is, and sends nothing secret: an authority is compared, not demanded. */
  readonly looksOnly?: boolean;
  /** PEM texts of the agent's own certificate and key. */
  readonly client?: { readonly cert: string; readonly key: string };
  readonly signal: AbortSignal;
}

export interface HubSocket {
  readonly socket: TLSSocket;
  /** Of the chain that the hub has shown, its own certificate first: sha256/ and base64 (RFC 7469). */
  readonly pins: readonly string[];
}

/**
 * Opens TLS to a hub's agents' port, straight or through a proxy. Rejects with HUB_UNREACHABLE, PROXY_UNREACHABLE,
 * PROXY_REFUSED, PROXY_CREDENTIALS or PIN_MISMATCH.
 */
export type HubWay = (order: HubSocketOrder) => Promise<HubSocket>;
