// Who this agent is, and what the one that runs says about itself.
import { askLocal } from '../../../proto/runtime/local-socket.ts';
import { renewalDueMs } from '../../control/enrol.ts';
import { loadIdentity, type Identity } from '../../control/identity.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

/** `hub` is the name of one of the other hubs. */
export async function examineIdentity(dataFolder: string, hub?: string): Promise<{ finding: Finding; identity: Identity | undefined }> {
  const check = 'enrolment';
  const enrolRemedy = `atalaia-agent enroll${hub === undefined ? '' : ` --other-hub ${hub}`} --hub URL --token-file F`;
  let identity: Identity | undefined;
  try {
    identity = await loadIdentity(dataFolder);
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error);
    return { finding: fail(check, says, 'run this command as root; if it says so again, remove the folder and enrol again'), identity };
  }
  if (!identity) return { finding: fail(check, 'this agent has not enrolled', enrolRemedy), identity };
  const until = new Date(identity.expiresMs).toISOString();
  const who = `agent ${identity.agentId} of ${identity.hub}, certificate until ${until}`;
  const nowMs = Date.now();
  if (identity.expiresMs < nowMs)
    return { finding: fail(check, `${who}, which is over`, `${enrolRemedy}; check this host's clock`), identity };
  if (identity.validFromMs > nowMs) return { finding: fail(check, `${who}, which has not begun`, "set this host's clock"), identity };
  // Renewal is tried for a third of the certificate's life; half of that in vain is no accident.
  const lateMs = renewalDueMs(identity) + (identity.expiresMs - renewalDueMs(identity)) / 2;
  if (nowMs > lateMs) return { finding: warn(check, `${who}, and not renewed for long`, 'see what the checks of the hub say'), identity };
  return { finding: ok(check, who), identity };
}

export interface RunningExamined {
  readonly findings: readonly Finding[];
  /** Measured at the agent's last Welcome, to milliseconds. */
  readonly clockOffsetMs: number | undefined;
}

export async function examineRunning(dataFolder: string): Promise<RunningExamined> {
  const check = 'agent process';
  let status: unknown;
  try {
    status = await askLocal(dataFolder, { program: 'agent', ask: 'status' });
  } catch (error) {
    const says = error instanceof Error ? error.message : String(error);
    return { findings: [warn(check, says, 'run this command as root')], clockOffsetMs: undefined };
  }
  if (status === undefined) return { findings: [warn(check, 'no agent runs', 'systemctl start atalaia-agent')], clockOffsetMs: undefined };
  const connection = at(status, 'connection');
  const state = textAt(connection, 'state');
  const lastError = textAt(connection, 'lastError');
  const findings = [
    state === 'connected'
      ? ok(check, `runs, ${state}`)
      : warn(
          check,
          `runs, ${state}${lastError === '' ? '' : `: ${lastError}`}`,
          'see what the checks of the hub say; until then lines are buffered',
        ),
    ...troubled(status),
  ];
  const offset = at(connection, 'hubClockOffsetMs');
  return { findings, clockOffsetMs: typeof offset === 'number' ? offset : undefined };
}

/** Sources that the running agent has trouble with. */
function troubled(status: unknown): Finding[] {
  const sources = at(status, 'sources');
  if (!Array.isArray(sources)) return [];
  return sources.flatMap((source: unknown) => {
    const problem = textAt(source, 'problem');
    return problem === '' ? [] : [warn(`running source ${textAt(source, 'sourceId')}`, problem, 'as it says')];
  });
}

/** A member of what another version may have answered. */
function at(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function textAt(value: unknown, name: string): string {
  const found = at(value, name);
  return typeof found === 'string' ? found : '';
}
