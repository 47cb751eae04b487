// Joins correlations to the rules they name (by id or name), orders chains, and decides which rules raise alerts of their
// own: those that no correlation reads, and those that one with `generate: true` reads. A correlation whose rules are
// missing or go in a circle is refused: it would silently never fire.
import type { CompiledRule } from '../engine/ruleset.ts';
import type { RefusedRule } from '../sigma/parse-rule.ts';
import type { SigmaCorrelation, SigmaDocument, SigmaRule } from '../sigma/rule.ts';

export interface LinkedCorrelation extends SigmaCorrelation {
  /** Ids of what it reads, in the order written. */
  readonly inputs: readonly string[];
  /** Field by input id for each group-by name (aliases resolved). */
  readonly groupFields: readonly (readonly string[])[];
  readonly alerts: boolean;
}

export interface LinkedRules {
  readonly rules: readonly CompiledRule[];
  readonly correlations: readonly LinkedCorrelation[];
  readonly refused: readonly RefusedRule[];
}

export function linkRules(documents: readonly SigmaDocument[]): LinkedRules {
  const refused: RefusedRule[] = [];
  const unique = withoutDoubles(documents, refused);
  const byName = new Map<string, SigmaDocument>();
  for (const document of unique) {
    byName.set(document.id, document);
    if (document.name !== '') byName.set(document.name, document);
  }
  const linked = new Map<string, LinkedCorrelation>();
  for (const document of unique) if (document.is === 'correlation') link(document, { byName, linked, refused, path: [] });
  const silenced = new Set<string>();
  const generated = new Set<string>();
  for (const { inputs, generate } of linked.values()) for (const input of inputs) (generate ? generated : silenced).add(input);
  const alerts = (id: string): boolean => generated.has(id) || !silenced.has(id);
  return {
    rules: unique.filter((document): document is SigmaRule => document.is === 'rule').map((rule) => ({ ...rule, alerts: alerts(rule.id) })),
    correlations: [...linked.values()].map((correlation) => ({ ...correlation, alerts: alerts(correlation.id) })),
    refused,
  };
}

function withoutDoubles(documents: readonly SigmaDocument[], refused: RefusedRule[]): SigmaDocument[] {
  const seen = new Map<string, string>();
  return documents.filter(({ id, name, file }) => {
    const keys = name === '' ? [id] : [id, name];
    const taken = keys.find((key) => seen.has(key));
    if (taken !== undefined)
      refused.push({ file, id, reason: `id or name ${taken} is taken by ${seen.get(taken) ?? ''}; give this one its own` });
    else for (const key of keys) seen.set(key, file);
    return taken === undefined;
  });
}

interface Linking {
  readonly byName: ReadonlyMap<string, SigmaDocument>;
  readonly linked: Map<string, LinkedCorrelation>;
  readonly refused: RefusedRule[];
  readonly path: readonly string[];
}

/** Depth first: what a correlation reads is in the map before it. Returns false when it was refused. */
function link(correlation: SigmaCorrelation, linking: Linking): boolean {
  const { byName, linked, refused, path } = linking;
  if (linked.has(correlation.id)) return true;
  const refuse = (reason: string): false => {
    if (!refused.some((one) => one.id === correlation.id)) refused.push({ file: correlation.file, id: correlation.id, reason });
    return false;
  };
  if (path.includes(correlation.id)) return refuse('correlation.rules: it reads itself in a circle; break the circle');
  const inputs: string[] = [];
  for (const named of correlation.rules) {
    const found = byName.get(named) ?? byName.get(named.toLowerCase());
    if (!found) return refuse(`correlation.rules: there is no rule \`${named}\`; load it too, or correct the id or name`);
    if (found.is === 'correlation' && !link(found, { ...linking, path: [...path, correlation.id] }))
      return refuse(`correlation.rules: \`${named}\` was refused; see its own reason`);
    inputs.push(found.id);
  }
  const groupFields = inputs.map((input, at) =>
    correlation.groupBy.map((field) => aliased(correlation, field, [input, correlation.rules[at] ?? '', byName.get(input)?.name ?? ''])),
  );
  linked.set(correlation.id, { ...correlation, inputs, groupFields, alerts: true });
  return true;
}

function aliased(correlation: SigmaCorrelation, field: string, names: readonly string[]): string {
  if (!Object.hasOwn(correlation.aliases, field)) return field;
  const byRule = correlation.aliases[field] ?? {};
  for (const name of names) if (name !== '' && Object.hasOwn(byRule, name)) return byRule[name] ?? field;
  return field;
}
