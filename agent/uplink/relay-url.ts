import { UsageError } from '../../proto/runtime/errors.ts';

const relayPath = '/v1/relay';

/** The relay of a hub's address. Without TLS keys and logs would cross the network in the clear. An agent may have enrolled
 * with https://, the same port under its other name. Throws a UsageError for what is no address of a hub. */
export function relayUrl(url: string): URL {
  const relay = URL.parse(url.replace(/^https:/, 'wss:'));
  if (relay?.protocol !== 'wss:')
    throw new UsageError(`hub: ${JSON.stringify(url.slice(0, 200))} is no address of a hub; write wss://host:port`);
  if (relay.username || relay.password) throw new UsageError('hub: an address must hold no user name or password');
  relay.pathname = relayPath;
  relay.search = '';
  relay.hash = '';
  return relay;
}
