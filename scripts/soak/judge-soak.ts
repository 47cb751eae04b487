// Whether memory and descriptors stayed flat: a line through the samples of each process after its warm-up, and the counts
// at moments when nothing moved.
// Promises: one line of verdict for each figure, with what was measured and what was allowed. A process that lived for less
// than a third of the day is not judged: its memory is still finding its level.
import type { Part, Sample } from './sample-process.ts';

export interface Verdict {
  readonly part: Part;
  readonly figure: string;
  readonly isFlat: boolean;
  readonly text: string;
  /** For a figure that has one: growth per hour of the day, by linear regression. */
  readonly slopePerHour: number | undefined;
}

/**
 * So much growth over a day is noise. The heap is judged strictly; resident memory finds its level in steps, which the
 * allocator makes and minutes do not show to their end.
 */
const growthMbMax = { agent: { rss: 32, heap: 6 }, hub: { rss: 96, heap: 16 }, engine: { rss: 300, heap: 6 } } as const;
const lifeMin = 1 / 3;
const warmUpShare = 1 / 3;
const dayHours = 24;

/** `quiet`: samples taken at the end of each hour, when everything was written, stored and at rest. */
export function judgeSoak(samples: readonly Sample[], quiet: readonly Sample[], hours: number): Verdict[] {
  const byProcess = Map.groupBy(samples, ({ part, pid }) => `${part} ${pid}`);
  return [...byProcess.values()].flatMap((ofProcess) => {
    const [first] = ofProcess;
    const last = ofProcess.at(-1);
    if (!first || !last || last.hour - first.hour < hours * lifeMin) return [];
    const fromHour = first.hour + (last.hour - first.hour) * warmUpShare;
    const settled = ofProcess.filter(({ hour }) => hour >= fromHour);
    const atRest = quiet.filter(({ pid, hour }) => pid === first.pid && hour >= fromHour);
    const bounds = growthMbMax[first.part];
    return [
      ...slope(first.part, 'resident memory', settled, { of: ({ rssMb }) => rssMb, growthMax: bounds.rss }),
      // Between two collections the heap goes up and down by more than a leak would show: its floor is what is held.
      ...slope(first.part, 'heap', floorsOf(settled), { of: ({ heapMb }) => heapMb, growthMax: bounds.heap }),
      ...atRestVerdicts(first.part, atRest),
    ];
  });
}

/**
 * An agent holds the same at every rest, to the descriptor. A hub has one more or less while a generation of its journal is open to
 * be read: it holds no more in the later half than in the earlier. The engine keeps what it merged open for eight minutes, which
 * is half of the day: its count is told and not judged.
 */
function atRestVerdicts(part: Part, atRest: readonly Sample[]): Verdict[] {
  const threads = same(part, 'threads at rest', atRest, (sample) => sample.threads);
  const held = ({ descriptors, logFiles }: Sample): number => descriptors - logFiles;
  if (part === 'agent') return [...same(part, 'descriptors at rest', atRest, held), ...threads];
  if (part === 'hub') return [...noHigher(part, 'descriptors at rest', atRest, held), ...threads];
  const counts = atRest.map(held);
  const text = `engine: descriptors at rest ${Math.min(...counts)} to ${Math.max(...counts)}, not judged`;
  return counts.length === 0 ? [] : [{ part, figure: 'descriptors at rest', isFlat: true, text, slopePerHour: undefined }];
}

function noHigher(part: Part, figure: string, samples: readonly Sample[], of: (sample: Sample) => number): Verdict[] {
  if (samples.length < 2) return [];
  const middle = Math.floor(samples.length / 2);
  const [early, late] = [samples.slice(0, middle).map(of), samples.slice(middle).map(of)];
  const text = `${part}: ${figure} at most ${Math.max(...early)} in the earlier half, at most ${Math.max(...late)} in the later`;
  return [{ part, figure, isFlat: Math.max(...late) <= Math.max(...early), text, slopePerHour: undefined }];
}

interface Figure {
  readonly of: (sample: Sample) => number;
  readonly growthMax: number;
}

function slope(part: Part, figure: string, samples: readonly Sample[], { of, growthMax }: Figure): Verdict[] {
  if (samples.length < 3 || samples.every((sample) => of(sample) === 0)) return [];
  const slopePerHour = slopeOf(samples.map((sample) => [sample.hour, of(sample)]));
  const growth = slopePerHour * dayHours;
  const values = samples.map(of);
  const text = `${part}: ${figure} ${growth < 0 ? '' : '+'}${growth.toFixed(1)} MB a day (at most +${growthMax}); ${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)} MB`;
  return [{ part, figure, isFlat: growth <= growthMax, text, slopePerHour }];
}

function same(part: Part, figure: string, samples: readonly Sample[], of: (sample: Sample) => number): Verdict[] {
  if (samples.length === 0) return [];
  const values = samples.map(of);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const text = `${part}: ${figure} ${low === high ? String(low) : `${low} to ${high}`} at ${values.length} moments`;
  return [{ part, figure, isFlat: low === high, text, slopePerHour: undefined }];
}

/** The lowest of each half hour. */
function floorsOf(samples: readonly Sample[]): Sample[] {
  const byHalfHour = Map.groupBy(
    samples.filter(({ heapMb }) => heapMb > 0),
    ({ hour }) => Math.floor(hour * 2),
  );
  return [...byHalfHour.values()].map((group) => group.reduce((low, sample) => (sample.heapMb < low.heapMb ? sample : low)));
}

/** Of the line with the least squares. */
export function slopeOf(points: readonly (readonly [number, number])[]): number {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const above = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const below = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return below === 0 ? 0 : above / below;
}
