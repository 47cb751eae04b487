// Brings the findings of one journal write together by (rule, group), so that each alert is written once (DELIVERY.md 23),
// and folds groups that are too many into one overflow group a rule.
import type { Finding } from '../ports.ts';
import { pairOf } from './grow-alert.ts';
import type { FindingGroup } from './grow-alert.ts';

const overflowGroup = [{ field: 'atalaia.overflow', value: 'further groups' }];

/** In the order of each pair's first finding; within a group in event time, as far as the findings know it. */
export function groupFindings(findings: readonly Finding[]): FindingGroup[] {
  const groups = new Map<string, { group: Finding['group']; findings: [Finding, ...Finding[]] }>();
  for (const finding of findings) {
    const pair = pairOf(finding.ruleId, finding.group);
    const held = groups.get(pair);
    if (held) held.findings.push(finding);
    else groups.set(pair, { group: finding.group, findings: [finding] });
  }
  return [...groups].map(([pair, { group, findings: own }]) => {
    own.sort((a, b) => a.firstMs - b.firstMs);
    return { pair, group, findings: own };
  });
}

export function overflowOf(groups: readonly FindingGroup[]): FindingGroup[] {
  return groupFindings(
    groups.flatMap(({ group, findings }) =>
      findings.map((finding) => ({
        ...finding,
        title: `${finding.title} (further groups)`,
        group: overflowGroup,
        // The groups themselves stay visible as values, as many as an alert holds.
        fields: { ...finding.fields, ...Object.fromEntries(group.map(({ field, value }) => [field, value])) },
      })),
    ),
  );
}

export function overflowPair(ruleId: string): string {
  return pairOf(ruleId, overflowGroup);
}
