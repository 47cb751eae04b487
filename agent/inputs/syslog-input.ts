// Syslog from the network. Lines are carried as they came, RFC 3164 or 5424 or neither: the hub decodes them.
// The sender's address is the path of its stream; what limits there are and what lies beyond is in syslog-udp.ts,
// connections.ts, live-streams.ts and message-rate.ts.
import { parseListenAddress } from '../../config/policy/sources/listen-address.ts';
import type { SyslogSource } from '../../config/policy/sources/sources.ts';
import type { Clock, Random } from '../../proto/runtime/clock.ts';
import { assert, errorCode } from '../../proto/runtime/errors.ts';
import type { InputLog } from './input-log.ts';
import { bindRemedy, keepListening } from './keep-listening.ts';
import type { ListenFence } from './listen-fence.ts';
import { LiveInput, type Intake } from './live-input.ts';
import { openTcp } from './syslog-tcp.ts';
import { openUdp } from './syslog-udp.ts';

export interface SyslogInputOptions {
  readonly source: SyslogSource;
  readonly fence: ListenFence;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: InputLog;
}

/** Some seconds of a flood that cannot be told to wait. */
const datagramBytesMax = 8 * 1024 * 1024;

export function syslogInput({ source, fence, clock, random, log }: SyslogInputOptions): LiveInput {
  return new LiveInput({
    source,
    path: `${source.transport} ${source.listen}`,
    peersMax: source.maxPeers,
    ...(source.transport === 'udp' ? { bytesMax: datagramBytesMax } : {}),
    clock,
    random,
    log,
    receive: (intake, signal) => receiveSyslog(source, fence, { intake, signal }),
  });
}

async function receiveSyslog(
  source: SyslogSource,
  fence: ListenFence,
  { intake, signal }: { readonly intake: Intake; readonly signal: AbortSignal },
): Promise<void> {
  const address = parseListenAddress(source.listen);
  assert(address, 'the policy has checked the address');
  const { host, port } = address;
  if (!fence.allowsAddress(host, port)) {
    const place = `fence.listen of this host's agent.yaml`;
    intake.problems.set('listen', `the local fence does not allow listening on ${source.listen}; add it to ${place}`);
    return;
  }
  const protocol = source.transport === 'udp' ? 'udp' : 'tcp';
  const name = `${source.transport} ${source.listen}`;
  const open = () => (source.transport === 'udp' ? openUdp(source, address, intake) : openTcp(source, address, intake));
  const remedy = (error: unknown): string =>
    errorCode(error)?.startsWith('ERR_')
      ? `the certificate or key is not good (${errorCode(error)})`
      : bindRemedy(address, protocol, error);
  await keepListening({ name, open, remedy }, intake, signal);
}
