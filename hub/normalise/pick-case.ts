// Which case of a decoder a line is, by the values of some of its raw names.

/** `*` among the values is any value. */
export type Condition = readonly (readonly [index: number, values: readonly string[]])[];

/** One of these is enough. */
interface Conditional {
  readonly when: readonly Condition[];
}

/** The first case that the values meet. */
type Pick<Case> = (values: readonly (string | undefined)[]) => Case | undefined;

/** Most formats choose by one field: then a look-up does, whatever the number of cases. */
export function compilePick<Case extends Conditional>(cases: readonly Case[]): Pick<Case> {
  const isLookUp = ([condition, ...others]: readonly Condition[]): boolean =>
    others.length === 0 && condition?.length === 1 && condition[0]?.[0] === 0 && !condition[0][1].includes('*');
  if (cases.every(({ when }) => isLookUp(when))) {
    const byValue = new Map<string, Case>();
    for (const one of cases) for (const value of one.when[0]?.[0]?.[1] ?? []) if (!byValue.has(value)) byValue.set(value, one);
    return ([value]) => (value === undefined ? undefined : byValue.get(value));
  }
  const isMet = (condition: Condition, values: readonly (string | undefined)[]): boolean =>
    condition.every(([index, wanted]) => values[index] !== undefined && (wanted.includes(values[index]) || wanted.includes('*')));
  return (values) => cases.find(({ when }) => when.some((condition) => isMet(condition, values)));
}
