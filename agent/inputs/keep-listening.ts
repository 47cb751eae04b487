// Listens until told to stop, whatever happens to the socket meanwhile.
// Promises: an address that cannot be had is told once with the remedy and tried again calmly; a socket that fails is
// replaced; nothing here ends the agent.
import type { ListenAddress } from '../../config/policy/sources/listen-address.ts';
import { errorCode } from '../../proto/runtime/errors.ts';
import { aborted } from '../../proto/runtime/until-stopped.ts';
import type { Intake } from './live-input.ts';

export interface Listening {
  /** Resolves with the reason when the socket fails by itself. */
  readonly failed: Promise<unknown>;
  /** Takes what has arrived and closes; nothing is added to the intake afterwards. */
  close(): Promise<void>;
}

export interface ListenPlan {
  /** As it stands in messages. */
  readonly name: string;
  readonly open: () => Promise<Listening>;
  readonly remedy: (error: unknown) => string;
}

const retryMinMs = 1_000;
const retryMaxMs = 60_000;

export async function keepListening({ name, open, remedy }: ListenPlan, intake: Intake, signal: AbortSignal): Promise<void> {
  const { clock, problems } = intake;
  for (let retryMs = retryMinMs; !signal.aborted; retryMs = Math.min(retryMs * 2, retryMaxMs)) {
    try {
      const listening = await open();
      problems.clear('listen');
      retryMs = retryMinMs;
      const error = await Promise.race([aborted(signal), listening.failed]);
      await listening.close();
      if (!signal.aborted) problems.set('listen', `listening on ${name} failed: ${remedy(error)}; trying again`);
    } catch (error) {
      problems.set('listen', `cannot listen on ${name}: ${remedy(error)}; trying again`);
    }
    await clock.sleep(retryMs, signal).catch(() => undefined);
  }
}

/** What to do about an address that could not be bound. */
export function bindRemedy({ host, port }: ListenAddress, protocol: 'udp' | 'tcp', error: unknown): string {
  const code = errorCode(error);
  if (code === 'EACCES' && port < 1_024) {
    const redirect = `nft add rule inet nat prerouting ${protocol} dport ${port} redirect to :5514`;
    return `ports below 1024 need a capability: give the service AmbientCapabilities=CAP_NET_BIND_SERVICE, or listen on 5514 and redirect (${redirect})`;
  }
  if (code === 'EADDRINUSE') return `another program has the port; see which with: ss -lnp '${protocol} sport = :${port}'`;
  if (code === 'EADDRNOTAVAIL') return `this host has no address ${host}; see: ip address`;
  return error instanceof Error ? error.message : String(error);
}
