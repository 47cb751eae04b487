// Clicking a value filters for it or out of it: the term is added to the query a person sees and can edit.
export function term(field: string, value: string): string {
  const isPlain = /^[\w.@/+-]+$/.test(value);
  return `${field}:${isPlain ? value : `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`}`;
}

export function withTerm(query: string, field: string, value: string): string {
  const added = term(field, value);
  if (query.includes(added)) return query;
  return query.trim() === '' ? added : `${bracketed(query)} ${added}`;
}

export function withoutTerm(query: string, field: string, value: string): string {
  const added = `not ${term(field, value)}`;
  if (query.includes(added)) return query;
  return query.trim() === '' ? added : `${bracketed(query)} ${added}`;
}

/** A term beside an `or` would bind to one side only. */
function bracketed(query: string): string {
  const trimmed = query.trim();
  return /\bor\b/i.test(trimmed) && !/^\([^()]*\)$/.test(trimmed) ? `(${trimmed})` : trimmed;
}
