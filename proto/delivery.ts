// The numbers and meanings of the data plane that both ends obey. Part of the protocol: a change here is a change of
// protocol, and every hub takes what any agent of the same version may send, so no batch is ever cut again.

export const protocolVersion = 1;

export const limits = {
  /** Longer lines are cut at the agent and marked. */
  lineBytesMax: 1024 * 1024,
  /** An encoded BatchBody. */
  batchBytesMax: 512 * 1024,
  /** BatchBody.lines after decompression. */
  batchRawBytesMax: 4 * 1024 * 1024,
  batchLinesMax: 65_536,
  streamsPerBatchMax: 1_024,
  labelsPerStreamMax: 32,
  lanesMax: 2,
  heldHashesMax: 1_024,
  sourcesMax: 4_096,
  /** Any name, path, reason or label on the wire. */
  textBytesMax: 4_096,
  /** One WebSocket frame, either way: a full batch with its header, or a Hello with every source. */
  frameBytesMax: 1024 * 1024,
  /** Positions told in one Welcome, which may be larger than a frame from an agent. */
  welcomeBytesMax: 16 * 1024 * 1024,
} as const;

export const window = {
  /** What a hub grants an idle agent; less under load, nothing when its disk is full. */
  creditBatchesDefault: 64,
  creditBytesDefault: 16 * 1024 * 1024,
} as const;

export const timing = {
  heartbeatIntervalMs: 10_000,
  /** Silence after which either side closes the connection. */
  silenceMsMax: 35_000,
  helloTimeoutMs: 10_000,
  reconnectDelayMinMs: 250,
  reconnectDelayMaxMs: 30_000,
} as const;

export const laneNames = ['first', 'normal'] as const;
export type LaneName = (typeof laneNames)[number];

/** 32 zero bytes: what stands before the first batch of an epoch in the hash chain. */
export const chainStart = new Uint8Array(32);

/** Full jitter: anywhere between zero and the capped exponential. Attempt counts from 0; random is in [0, 1). */
export function reconnectDelayMs(attempt: number, random: number): number {
  const ceiling = Math.min(timing.reconnectDelayMaxMs, timing.reconnectDelayMinMs * 2 ** Math.min(attempt, 20));
  return Math.floor(ceiling * random);
}
