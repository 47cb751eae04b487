// The stages of an incident ticket, after the life cycle of NIST SP 800-61, and the moves between them.
// Forward is one step at a time; back needs a reason, because somebody will read why an incident that was contained is
// analysed again. Closing and opening again are moves of their own: they have their own reasons.

export const stages = ['new', 'triage', 'analysis', 'containment', 'eradication', 'recovery', 'lessons-learned', 'closed'] as const;
export type Stage = (typeof stages)[number];

export const closeReasons = ['resolved', 'false-positive', 'benign', 'duplicate', 'no-incident', 'other'] as const;
export type CloseReason = (typeof closeReasons)[number];

const moves: Readonly<Record<Stage, readonly Stage[]>> = {
  new: ['triage'],
  triage: ['analysis'],
  analysis: ['containment', 'triage'],
  containment: ['eradication', 'analysis'],
  eradication: ['recovery', 'containment', 'analysis'],
  recovery: ['lessons-learned', 'eradication', 'analysis'],
  'lessons-learned': ['recovery', 'analysis'],
  closed: [],
};

export function movesFrom(stage: Stage): readonly Stage[] {
  return moves[stage];
}

export function isStage(text: string): text is Stage {
  return stages.some((stage) => stage === text);
}

export function isBackward(from: Stage, to: Stage): boolean {
  return stages.indexOf(to) < stages.indexOf(from);
}

/** From here on the plan has been followed, and closing needs no explanation. */
export function isWorkedOff(stage: Stage): boolean {
  return stage === 'recovery' || stage === 'lessons-learned';
}
