// What the hub and the engine's child process say to each other. Statements are text from hub/store and nowhere else.

/** The writer is for inserts and changes, readers for searches (read-only), control for counting and cancelling. */
export type EngineLane = 'writer' | 'control' | number;

export type ToEngine =
  | { readonly is: 'run'; readonly id: number; readonly lane: EngineLane; readonly statement: string }
  /** Whether intake is behind: while it is, readers give way. Said again and again while anybody searches. */
  | { readonly is: 'pace'; readonly isBehind: boolean }
  /** Cancels the statement of this id, if it still runs. */
  | { readonly is: 'cancel'; readonly id: number }
  | { readonly is: 'stop' };

export type FromEngine =
  | { readonly is: 'ready' }
  /** The store could not be opened; the child ends. */
  | { readonly is: 'refused'; readonly reason: string }
  /** `heldMs`: how long it stood still because intake was behind. */
  | { readonly is: 'answer'; readonly id: number; readonly text: string; readonly heldMs: number }
  | { readonly is: 'failed'; readonly id: number; readonly engineCode: number; readonly reason: string };

export interface ReaderLimits {
  readonly secondsMax: number;
  readonly rowsMax: number;
  readonly memoryBytesMax: number;
  readonly resultBytesMax: number;
}
