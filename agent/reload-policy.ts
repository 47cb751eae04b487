// SIGHUP: the policy of the configuration file comes into force without a restart.
// Promises: one at a time, in the order asked for; a file that cannot be read, is not good, or names a policy that the
// collector refuses leaves the earlier policy in force, and that is told with the reason.
import { on } from 'node:events';
import type { AgentConfig } from '../config/agent-config.ts';
import type { AgentLog } from './open-log.ts';

export interface PolicyReload {
  readonly reread: () => AgentConfig;
  readonly agentLog: AgentLog;
}

/** Runs until the signal aborts. */
export async function reloadPolicy(
  { reread, agentLog: { log } }: PolicyReload,
  apply: (config: AgentConfig) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const _ of on(process, 'SIGHUP', { signal })) {
      try {
        const config = reread();
        await apply(config);
        log.info({ sources: config.policy.sources.length }, 'policy read anew and in force');
      } catch (error) {
        log.error({ error }, 'the policy was not read anew; the earlier one stays in force');
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
