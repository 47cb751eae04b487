// How the hub fares, and what is wrong in words an operator can act on.
// Promises: an answer within answerMsMax whatever the store does, with the store's last known size while it is silent;
// one question to the store at a time, however many ask.
import type { Clock } from '../proto/runtime/clock.ts';
import type { AlertStage } from './alert/alert-stage.ts';
import type { HealthView } from './console/api/shapes.ts';
import type { Compiled } from './detect/engine/ruleset.ts';
import type { Gateway } from './gateway/gateway.ts';
import type { HubPipeline, PipelineStatus } from './pipeline.ts';
import type { EventStore, Journal } from './ports.ts';

export interface HealthParts {
  readonly journal: Pick<Journal, 'status'>;
  readonly store: Pick<EventStore, 'status'>;
  readonly compiled: Pick<Compiled, 'ruleset' | 'refused'>;
  readonly alerts: Pick<AlertStage, 'status'>;
  readonly pipeline: Pick<HubPipeline, 'status'>;
  readonly gateway: Pick<Gateway, 'status'>;
  readonly clock: Clock;
  readonly version: string;
}

type StoreStatus = HealthView['store'];

/** Writes that wait longer than a few seconds of work at full load. */
const behindWrites = 500;
const answerMsMax = 2_000;

export function healthDesk(parts: HealthParts): () => Promise<HealthView> {
  const { journal, pipeline, compiled, version, clock } = parts;
  const startedMs = clock.nowMs();
  const askStore = storeAsker(parts);
  return async () => {
    const { store, isSilent } = await askStore();
    const { bytes, isFull } = journal.status();
    const behind = lagOf(journal, pipeline.status());
    const problems = problemsOf(parts, { store, isSilent, behind });
    const { ruleset, refused } = compiled;
    return {
      isWell: problems.length === 0,
      version,
      startedMs,
      journal: { pendingWrites: Math.max(behind.detection, behind.store), bytes, isFull },
      store,
      detection: { rulesLoaded: ruleset.rules.length + ruleset.correlations.length, rulesRefused: refused.length },
      problems,
    };
  };
}

interface Lag {
  readonly detection: number;
  readonly store: number;
}

/** Writes that wait. Before the pipeline knows where it stands, all that the journal holds. */
function lagOf(journal: HealthParts['journal'], { detected, stored }: PipelineStatus): Lag {
  const { oldest, next } = journal.status();
  const waiting = (through: number): number => Math.max(0, next - 1 - Math.max(through, oldest - 1));
  return { detection: waiting(detected), store: waiting(stored) };
}

interface Findings {
  readonly store: StoreStatus;
  readonly isSilent: boolean;
  readonly behind: Lag;
}

function problemsOf(
  { journal, pipeline, gateway, alerts, compiled }: HealthParts,
  { store, isSilent, behind }: Findings,
): HealthView['problems'] {
  const { isFull } = journal.status();
  const { state, lastFailure } = pipeline.status();
  const { failedWrite } = alerts.status();
  const refused = compiled.refused.length;
  const found: readonly (readonly [boolean, string])[] = [
    [isFull, 'The journal is full: agents keep their lines. Make room on the disk, or raise journal.maxBytes.'],
    [!isFull && gateway.status().credit === 0, 'Agents keep their lines for now: more came than the hub has worked off.'],
    [!store.isUp, 'The event store is down and is being started again; the journal keeps the lines.'],
    [store.isUp && isSilent, 'The event store is busy and has not said how it fares; its size is the last known one.'],
    [state === 'failing', `Working lines failed and is tried again: ${lastFailure}`],
    [failedWrite > 0, `The alerts of journal write ${failedWrite} could not be written; detection waits and tries again.`],
    [behind.detection > behindWrites, `${behind.detection} journal writes wait for the rules: alerts come late.`],
    [behind.store > behindWrites, `${behind.store} journal writes wait for the event store: searches do not find the newest lines.`],
    [refused > 0, `${refused === 1 ? 'One rule was' : `${refused} rules were`} refused; \`atalaia-hub rules check\` says why.`],
  ];
  return found.filter(([holds]) => holds).map(([, text]) => text);
}

function storeAsker({ store, clock }: HealthParts): () => Promise<Pick<Findings, 'store' | 'isSilent'>> {
  let last: StoreStatus = { isUp: true, restarts: 0, rows: 0, bytesOnDisk: 0 };
  let asking: Promise<StoreStatus> | undefined;
  const ask = async (): Promise<StoreStatus> => {
    try {
      last = await store.status();
    } catch {
      last = { ...last, isUp: false };
    }
    return last;
  };
  return async () => {
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    const answered = new AbortController();
    const tooLate = clock.sleep(answerMsMax, answered.signal).then(
      () => undefined,
      () => undefined,
    );
    const answer = await Promise.race([asking, tooLate]);
    answered.abort();
    return { store: answer ?? last, isSilent: answer === undefined };
  };
}
