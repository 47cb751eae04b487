// The agents' port opened: TLS with the hub's own authority, enrolment, renewal and the relay; its certificate is made
// anew at every start and long before it expires.
import type { Server } from 'node:https';
import { hostname, networkInterfaces } from 'node:os';
import { attachRelay } from './gateway/attach-relay.ts';
import type { Gateway } from './gateway/gateway.ts';
import { createAgentsServer, peerOf } from './fleet/agents-port.ts';
import { listenOn, type Address, type Listening } from './listen-on.ts';
import type { Rooms } from './open-rooms.ts';

export interface AgentsDoor extends Listening {
  /** Names and addresses the certificate is good for. */
  readonly names: readonly string[];
  /** The one that people are told: a configured one before the host's own; `localhost` where nobody else gets in. */
  readonly calledName: string;
  /** Takes a new certificate when the present one is old. */
  renew(): Promise<void>;
}

const renewBeforeMs = 30 * 86_400_000;

export async function openAgentsDoor(rooms: Rooms, gateway: Gateway, address: Address, signal: AbortSignal): Promise<AgentsDoor> {
  const { authority, roster, tokens, clock, log, config } = rooms;
  const names = namesOf(config.agents.names);
  let identity = await authority.serverIdentity(names);
  const server: Server = createAgentsServer({
    authority,
    identity,
    roster,
    tokens,
    clock,
    log,
    renewalGraceMs: config.agents.renewalGrace,
  });
  attachRelay(server, { peerOf: (request) => peerOf(request, roster), gateway, log, signal });
  const listening = await listenOn(server, address, { what: "the agents' port", option: 'agents.listen or --agents' });
  return {
    ...listening,
    names,
    calledName: config.agents.names[0] ?? (isLoopback(address.host) ? 'localhost' : hostname()),
    renew: async () => {
      if (identity.expiresMs - clock.nowMs() > renewBeforeMs) return;
      identity = await authority.serverIdentity(names);
      server.setSecureContext({ key: identity.key, cert: identity.chain, ca: authority.certificate });
      log.info({ expires: new Date(identity.expiresMs).toISOString() }, "the agents' port has a new certificate");
    },
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** What agents of this network may call the hub, beside the names of the configuration. */
function namesOf(configured: readonly string[]): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  const usable = addresses.filter(({ address, scopeid }) => !scopeid && !address.startsWith('fe80')).map(({ address }) => address);
  return [...new Set(['localhost', hostname(), ...configured, ...usable])];
}
