// How much an alert holds and how many there may be. An alert is one State document of at most 256 KiB whatever an
// attacker writes, so every part has a number and a budget in encoded bytes; together they stay below 200 KiB.

export const evidenceMax = 50;
/** Of those, how many of the first are never pushed out by newer ones. */
export const evidenceFirstMax = 25;
export const evidenceRawMax = 4_096;
export const evidenceBytesMax = 72 * 1024;
export const fieldNamesMax = 40;
export const fieldValuesMax = 20;
export const fieldValueLengthMax = 256;
export const fieldBytesMax = 32 * 1024;
export const textLengthMax = 500;
export const groupFieldsMax = 8;
export const tagsMax = 30;
export const tagLengthMax = 100;
export const transitionsMax = 30;
export const outboxMax = 16;
export const commentLengthMax = 300;

export interface AlertLimits {
  /** Event time without a finding after which the next finding begins a new alert. */
  readonly drainMs: number;
  /** Growing alerts of one rule; findings of further groups go into one overflow alert of the rule. */
  readonly groupsPerRuleMax: number;
  /** Alerts kept at all; with more, findings of new groups go into the overflow alert of their rule. */
  readonly alertsMax: number;
  /** Closed alerts are removed this long after closing. */
  readonly closedKeepMs: number;
}

export const alertLimits: AlertLimits = {
  drainMs: 3_600_000,
  groupsPerRuleMax: 1_000,
  alertsMax: 50_000,
  closedKeepMs: 90 * 86_400_000,
};
