// Event kinds: what a line was recognised as, in Sigma's words. A kind picks the matcher's route, so it is a small
// integer interned once, never a string compared per event.

export interface EventKind {
  readonly id: number;
  readonly product: string;
  /** One event may be of several categories (Sigma's, not ECS's). */
  readonly categories: readonly string[];
  readonly service: string;
  /** Windows only: they narrow the rules further. */
  readonly channel: string;
  readonly eventCode: string;
}

const kinds: EventKind[] = [];
const byKey = new Map<string, EventKind>();

/** Kinds come from decoders, not from input, except Windows codes: beyond this many the narrowing parts are left out. */
const kindsMax = 16_384;

export function internKind(parts: Partial<Omit<EventKind, 'id'>>): EventKind {
  const { product = '', categories = [], service = '', channel = '', eventCode = '' } = parts;
  const sorted = [...categories].sort();
  const key = [product, sorted.join(','), service, channel, eventCode].join('\0');
  const known = byKey.get(key);
  if (known) return known;
  if (kinds.length >= kindsMax && (channel !== '' || eventCode !== '')) return internKind({ product, categories, service });
  const kind: EventKind = { id: kinds.length, product, categories: sorted, service, channel, eventCode };
  kinds.push(kind);
  byKey.set(key, kind);
  return kind;
}

export function kindById(id: number): EventKind {
  const kind = kinds[id];
  if (!kind) throw new Error(`no event kind ${id}`);
  return kind;
}

/** A line that no decoder recognised. */
export const plainKind = internKind({});
