// An alert as a value: how it begins, how findings make it grow, how a transition is noted. Pure, so that a replay of
// the same journal write comes to the same document.
import { alertId } from '../../proto/ids.ts';
import { hubActor, levels } from '../ports.ts';
import type { Actor, Alert, AlertSummary, AlertTransition, AlertTransitionKind, Finding, Level } from '../ports.ts';
import { commentLengthMax, groupFieldsMax, tagLengthMax, tagsMax, textLengthMax, transitionsMax } from './alert-limits.ts';
import { addEvidence, addFields } from './bound-evidence.ts';

/** Findings of one journal write that belong to one (rule, group). */
export interface FindingGroup {
  readonly pair: string;
  readonly group: Finding['group'];
  readonly findings: readonly [Finding, ...Finding[]];
}

export interface Growth {
  readonly group: FindingGroup;
  /** Journal write, or what was applied before when the finding comes from no write (the hub about itself). */
  readonly appliedWrite: number;
  readonly nowMs: number;
}

/** Identity of (rule, group values); ordinal 0 is never used for an alert (see DECISION-alert-ordinals.md). */
export function pairOf(ruleId: string, group: Finding['group']): string {
  return alertId(
    ruleId,
    group.map(({ value }) => value),
    0,
  );
}

export function beginAlert(growth: Growth, ordinal: number): Alert {
  const { group, findings, pair } = growth.group;
  const first = findings[0];
  const empty: Alert = {
    id: alertId(
      first.ruleId,
      group.map(({ value }) => value),
      ordinal,
    ),
    ruleId: first.ruleId,
    ruleVersion: first.ruleVersion,
    title: cut(first.title),
    level: highest(findings),
    tags: [],
    group: group.slice(0, groupFieldsMax).map(({ field, value }) => ({ field: cut(field), value: cut(value) })),
    constituency: 'main',
    status: 'open',
    verdict: undefined,
    assignee: '',
    ticketId: '',
    count: 0,
    firstMs: first.firstMs,
    lastMs: first.lastMs,
    createdMs: growth.nowMs,
    closedMs: 0,
    transitionCount: 0,
    ordinal,
    pair,
    appliedWrite: 0,
    evidence: [],
    evidenceOmitted: 0,
    fields: {},
    fieldValuesOmitted: 0,
    transitions: [],
    outbox: [],
  };
  const opened = withTransition(empty, { kind: 'opened', by: hubActor, atMs: growth.nowMs, before: '', after: empty.level });
  return growAlert(opened, growth);
}

export function growAlert(alert: Alert, { group: { findings }, appliedWrite, nowMs }: Growth): Alert {
  const newest = findings.at(-1) ?? findings[0];
  const level = highest(findings);
  const grown: Alert = {
    ...alert,
    ruleVersion: newest.ruleVersion,
    title: cut(newest.title),
    tags: joinTags(alert.tags, findings),
    count: alert.count + findings.reduce((sum, { count }) => sum + count, 0),
    firstMs: Math.min(alert.firstMs, ...findings.map(({ firstMs }) => firstMs)),
    lastMs: Math.max(alert.lastMs, ...findings.map(({ lastMs }) => lastMs)),
    appliedWrite: Math.max(alert.appliedWrite, appliedWrite),
    ...addEvidence(
      alert,
      findings.flatMap(({ evidence }) => evidence),
    ),
    ...addFields(
      alert,
      findings.map(({ fields }) => fields),
    ),
  };
  if (levels.indexOf(level) <= levels.indexOf(alert.level)) return grown;
  const raised = { ...grown, level };
  return withTransition(raised, { kind: 'level-raised', by: hubActor, atMs: nowMs, before: alert.level, after: level });
}

export interface NewTransition {
  readonly kind: AlertTransitionKind;
  readonly by: Actor;
  readonly atMs: number;
  readonly before: string;
  readonly after: string;
  readonly comment?: string;
}

export function withTransition(alert: Alert, added: NewTransition): Alert {
  const transition: AlertTransition = {
    ordinal: alert.transitionCount,
    kind: added.kind,
    atMs: added.atMs,
    by: added.by,
    level: alert.level,
    before: cut(added.before),
    after: cut(added.after),
    comment: (added.comment ?? '').slice(0, commentLengthMax).toWellFormed(),
  };
  return {
    ...alert,
    transitionCount: alert.transitionCount + 1,
    transitions: [...alert.transitions, transition].slice(-transitionsMax),
    outbox: [...alert.outbox, transition],
  };
}

export function summaryOf(alert: Alert): AlertSummary {
  const { id, ruleId, title, level, tags, group, constituency, status, verdict, assignee, ticketId } = alert;
  const { count, firstMs, lastMs, createdMs, closedMs, transitionCount } = alert;
  return {
    id,
    ruleId,
    title,
    level,
    tags,
    group,
    constituency,
    status,
    verdict,
    assignee,
    ticketId,
    count,
    firstMs,
    lastMs,
    createdMs,
    closedMs,
    transitionCount,
  };
}

function highest(findings: readonly Finding[]): Level {
  return levels[Math.max(...findings.map(({ level }) => levels.indexOf(level)))] ?? 'informational';
}

function joinTags(held: readonly string[], findings: readonly Finding[]): string[] {
  const all = new Set(held);
  for (const tag of findings.flatMap(({ tags }) => tags)) if (all.size < tagsMax) all.add(tag.slice(0, tagLengthMax));
  return [...all];
}

function cut(text: string): string {
  return text.slice(0, textLengthMax).toWellFormed();
}
