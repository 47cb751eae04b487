// Joins what one journal write added to each episode into one finding, so that an alert's document is written once.
import type { Evidence, Finding } from '../../ports.ts';
import type { Found } from './group.ts';
import type { LinkedCorrelation } from './link.ts';

const evidenceMax = 20;

export class Gathering {
  readonly #findings = new Map<string, { correlation: LinkedCorrelation; found: Found; evidence: Evidence[] }>();

  add(correlation: LinkedCorrelation, found: Found): void {
    const held = this.#findings.get(found.id);
    if (!held) {
      this.#findings.set(found.id, { correlation, found, evidence: [...found.evidence] });
      return;
    }
    held.evidence.push(...found.evidence.slice(0, Math.max(0, evidenceMax - held.evidence.length)));
    const { firstMs, lastMs, count } = held.found;
    held.found = {
      ...found,
      firstMs: Math.min(firstMs, found.firstMs),
      lastMs: Math.max(lastMs, found.lastMs),
      count: count + found.count,
    };
  }

  findings(): Finding[] {
    return [...this.#findings.values()].map(({ correlation, found, evidence }) => {
      const { id: ruleId, version: ruleVersion, title, level, tags, groupBy } = correlation;
      const { id, firstMs, lastMs, count, fields } = found;
      const group = groupBy.map((field, at) => ({ field, value: found.group[at] ?? '' }));
      return { id, ruleId, ruleVersion, title, level, tags, group, firstMs, lastMs, count, evidence, fields };
    });
  }
}
