// The alert queue as a list: filtered, newest first, paged by the last one seen. Pure, over the index's summaries.
import { levels } from '../ports.ts';
import type { AlertSummary, Level, Verdict } from '../ports.ts';

export interface AlertQuery {
  readonly status?: 'open' | 'closed';
  readonly levelMin?: Level;
  /** Empty is all. */
  readonly levels?: readonly Level[];
  /** 'none': nobody has judged it. */
  readonly verdict?: Verdict | 'none';
  readonly assignee?: string;
  readonly ruleId?: string;
  /** Last finding at or after. */
  readonly sinceMs?: number;
  /** Text in the title, the rule's id or a group value, case-insensitive. */
  readonly text?: string;
  readonly after?: { readonly lastMs: number; readonly id: string };
  /** 1 to 500, 100 without. */
  readonly limit?: number;
}

export interface AlertPage {
  readonly alerts: readonly AlertSummary[];
  readonly next: { readonly lastMs: number; readonly id: string } | undefined;
  /** All that match, not only this page's. */
  readonly total: number;
}

const pageMax = 500;

export function selectAlerts(summaries: Iterable<AlertSummary>, query: AlertQuery): AlertPage {
  const limit = Math.min(Math.max(1, Math.trunc(query.limit ?? 100)), pageMax);
  const matching = [...summaries].filter((alert) => matches(alert, query)).sort(newestFirst);
  const { after } = query;
  const rest = after === undefined ? matching : matching.filter((alert) => newestFirst(after, alert) < 0);
  const alerts = rest.slice(0, limit);
  const last = alerts.at(-1);
  return { alerts, total: matching.length, next: last && rest.length > limit ? { lastMs: last.lastMs, id: last.id } : undefined };
}

function matches(alert: AlertSummary, query: AlertQuery): boolean {
  if (query.status !== undefined && alert.status !== query.status) return false;
  if (query.levelMin !== undefined && levels.indexOf(alert.level) < levels.indexOf(query.levelMin)) return false;
  if (query.levels !== undefined && query.levels.length > 0 && !query.levels.includes(alert.level)) return false;
  if (query.verdict !== undefined && (alert.verdict ?? 'none') !== query.verdict) return false;
  if (query.assignee !== undefined && alert.assignee !== query.assignee) return false;
  if (query.ruleId !== undefined && alert.ruleId !== query.ruleId) return false;
  if (query.sinceMs !== undefined && alert.lastMs < query.sinceMs) return false;
  if (query.text === undefined || query.text === '') return true;
  const wanted = query.text.toLowerCase();
  return [alert.title, alert.ruleId, ...alert.group.map(({ value }) => value)].some((text) => text.toLowerCase().includes(wanted));
}

type Place = { readonly lastMs: number; readonly id: string };

function newestFirst(a: Place, b: Place): number {
  if (a.lastMs !== b.lastMs) return b.lastMs - a.lastMs;
  return a.id < b.id ? -1 : Number(a.id > b.id);
}
