// A proposal as objects, for programs.
import type { Proposal } from './proposal.ts';

export function* tellObjects({ sources, leftOut, repeats, problems, fence, services }: Proposal): Generator<object> {
  yield { is: 'host', services: [...services.names].sort(), servicesFrom: services.from, fence };
  for (const { candidate, paths, exclude, measure, journal, toDo, bulky } of sources) {
    const { id, type, typeHint, why, notes = [], heldBack } = candidate;
    const rate =
      measure?.rate ??
      (journal && journal.seconds > 0
        ? { bytesPerSecond: journal.bytes / journal.seconds, linesPerSecond: journal.entries / journal.seconds }
        : undefined);
    yield {
      is: heldBack === undefined ? 'source' : 'held-back',
      id,
      type,
      paths,
      exclude,
      typeHint,
      bytes: measure?.bytes ?? journal?.bytesOnDisk ?? 0,
      files: measure?.files ?? 0,
      bytesPerSecond: rate?.bytesPerSecond,
      linesPerSecond: rate?.linesPerSecond,
      units: journal?.units,
      why,
      notes,
      toDo,
      bulky,
      heldBack,
    };
  }
  for (const repeat of repeats) yield { is: 'repeat', ...repeat };
  for (const { what, because } of leftOut) yield { is: 'left-out', what, because };
  for (const [path, says] of problems) yield { is: 'problem', path, says };
}
