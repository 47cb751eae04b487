// Which conditions sent lines ahead, remembered over restarts: a lane that is behind must be fed by the conditions that were
// in force when the other lane passed the same lines, or a policy that moves a condition would lose some of them and send
// others twice (DECISION-first-lines.md).
// Promises: a change is durable before a line is read under it; places that both lanes have passed are forgotten. A file that
// is gone or cannot be read costs nothing unless the conditions change in the same restart.
import type { Condition } from '../../config/policy/conditions/compile-condition.ts';
import { compileFirst, firstConditions } from '../../config/policy/first-rules.ts';
import type { Policy } from '../../config/policy/policy.ts';
import type { Disk } from '../../proto/durable/ports.ts';
import { AtalaiaError, errorCode } from '../../proto/runtime/errors.ts';
import type { StreamPosition } from '../ports.ts';
import { compare, standingAt, streamPlaces, type Place, type StreamPlaces } from './stream-places.ts';

/** What stands before `until`, and behind the segment before it, was sorted by these conditions. */
export interface Segment {
  readonly until: Place;
  readonly conditions: readonly Condition[];
}

export interface SourceRoute {
  readonly conditions: readonly Condition[];
  /** By stream; in the order of their places. */
  readonly earlier: Readonly<Record<string, readonly Segment[]>>;
}

export interface LanePositions {
  readonly normal: readonly StreamPosition[];
  readonly first: readonly StreamPosition[];
}

/** What both lanes hold. */
export interface LaneStates extends LanePositions {
  /** The hub has committed everything: no damage can take either lane back any more. */
  readonly areDrained: boolean;
}

type RouteDisk = Pick<Disk, 'readFile' | 'replaceFile'>;
type Routes = Readonly<Record<string, SourceRoute>>;

/** Sources that had conditions once; the one that was changed longest ago is forgotten first. */
const sourcesMax = 4_096;
/** Changes that a stream may have behind it and not committed. */
const segmentsMax = 32;

export class RouteMemory {
  readonly #disk: RouteDisk;
  readonly #path: string;
  /** Undefined: nobody knows what was in force before. */
  #routes: Routes | undefined;
  /** A write failed, and may stand there all the same. */
  #isUnknown = false;

  private constructor(disk: RouteDisk, path: string, routes: Routes | undefined) {
    this.#disk = disk;
    this.#path = path;
    this.#routes = routes;
  }

  static async open(disk: RouteDisk, path: string): Promise<RouteMemory> {
    const bytes = await disk.readFile(path);
    return new RouteMemory(disk, path, bytes && parse(bytes));
  }

  /** Whether a policy says otherwise than what is in force. */
  differs({ sources, first }: Policy): boolean {
    return sources.some(({ id, lane }) => {
      const conditions = lane === 'first' ? [] : firstConditions(first, id);
      return JSON.stringify(conditions) !== JSON.stringify(this.#routes?.[id]?.conditions ?? []);
    });
  }

  /** Of a source whose lines go to two lanes, or went there and are not past it. */
  of(sourceId: string): SourceRoute | undefined {
    const route = this.#routes?.[sourceId];
    return route && (route.conditions.length > 0 || Object.keys(route.earlier).length > 0) ? route : undefined;
  }

  /**
   * Takes the conditions of a policy for what is read from now on. Nothing may be read meanwhile, and neither lane may be
   * waiting for the hub to say where it is.
   */
  async take(policy: Policy, { normal, first, areDrained }: LaneStates): Promise<void> {
    const routes: Record<string, SourceRoute> = { ...this.#routes };
    for (const { id, lane } of policy.sources) {
      const conditions = lane === 'first' ? [] : firstConditions(policy.first, id);
      if (conditions.length === 0 && !routes[id]) continue;
      const places = streamPlaces(id, normal, first);
      const isForgotten = this.#routes === undefined && places.some(({ isNewToFirst }) => !isNewToFirst);
      const before = routes[id] ?? { conditions: isForgotten ? conditions : [], earlier: {} };
      routes[id] = { conditions, earlier: earlierSegments(before, conditions, { places, areDrained }) };
    }
    for (const id of Object.keys(routes).slice(0, -sourcesMax)) delete routes[id];
    if (textOf(routes) === textOf(this.#routes ?? {})) return;
    await this.#write(routes);
    this.#routes = routes;
  }

  /** After `take` failed: writes down what stays in force. Until that has succeeded nothing may be read. */
  async keep(): Promise<void> {
    if (this.#isUnknown) await this.#write(this.#routes ?? {});
  }

  async #write(routes: Routes): Promise<void> {
    try {
      await this.#disk.replaceFile(this.#path, Buffer.from(textOf(routes)));
      this.#isUnknown = false;
    } catch (error) {
      // A disk without room has replaced nothing.
      if (errorCode(error) !== 'DISK_FULL') this.#isUnknown = true;
      throw error;
    }
  }
}

function earlierSegments(
  before: SourceRoute,
  conditions: readonly Condition[],
  { places, areDrained }: { readonly places: readonly StreamPlaces[]; readonly areDrained: boolean },
): SourceRoute['earlier'] {
  const isChanged = JSON.stringify(conditions) !== JSON.stringify(before.conditions);
  const earlier: Record<string, readonly Segment[]> = {};
  for (const place of places) {
    const known = before.earlier[place.streamId] ?? [];
    const { normal } = place;
    const first = effectiveFirst(place, known);
    const further = compare(first, normal) > 0 ? first : normal;
    const until = { offset: further.offset, lineNumber: further.lineNumber, cursor: further.cursor };
    // What is not committed may be destroyed: then a lane goes back before the change although it has passed it.
    const mayGoBack = !areDrained || compare(first, normal) !== 0;
    const segments = [...known, ...(isChanged && mayGoBack ? [{ until, conditions: before.conditions }] : [])].filter(
      // By what the lane itself has written down: a place that only follows from a segment is gone with it.
      (segment) => !areDrained || compare(place.first, segment.until) < 0 || compare(normal, segment.until) < 0,
    );
    if (segments.length > segmentsMax)
      throw new AtalaiaError('TOO_MANY_CHANGES', `the conditions of \`first\` changed ${segmentsMax} times while the hub was away`);
    if (segments.length > 0) earlier[place.streamId] = segments;
  }
  return earlier;
}

/** Where nothing was sent ahead, the lane `first` has nothing to read. */
export function effectiveFirst({ first, normal }: StreamPlaces, segments: readonly Segment[]): StreamPosition {
  let place = first;
  for (const { until, conditions } of segments) {
    if (compare(place, until) >= 0) continue;
    if (conditions.length > 0) break;
    // The position proves where it stands, a segment's end does not.
    place = compare(until, normal) === 0 ? normal : standingAt(normal.stream, until);
  }
  return place;
}

function textOf(routes: Routes): string {
  return JSON.stringify({ version: 1, routes });
}

/** Undefined when it is not ours, or holds conditions that this version does not know. */
function parse(bytes: Uint8Array): Routes | undefined {
  try {
    // Ours, replaced whole and synced: parsed at the edge of the disk and trusted inside.
    const { version, routes } = JSON.parse(Buffer.from(bytes).toString()) as { readonly version: number; readonly routes: Routes };
    if (version !== 1) return undefined;
    for (const { conditions, earlier } of Object.values(routes)) {
      compileFirst(conditions);
      for (const segments of Object.values(earlier)) for (const segment of segments) compileFirst(segment.conditions);
    }
    return routes;
  } catch {
    return undefined;
  }
}
