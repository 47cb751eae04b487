// What every syslog message goes through, whatever carried it: the sender's stream, the sender's rate, room in memory.
import type { SyslogSource } from '../../config/policy/sources/sources.ts';
import type { Intake } from './live-input.ts';
import { messageRate } from './message-rate.ts';

export type TakeMessage = (peer: string, message: Buffer, isCut: boolean) => void;

export function messageTaker(source: SyslogSource, { lines, streams, problems, clock }: Intake): TakeMessage {
  const { transport, maxMessagesPerSecond, maxPeers } = source;
  const isAllowed = messageRate(maxMessagesPerSecond, clock);
  // TCP connections are paused instead.
  const isDropping = transport === 'udp';
  return (peer, message, isCut) => {
    const stream = streams.of(peer);
    if (streams.isCrowded)
      problems.set('peers', `more than ${maxPeers} senders: those beyond share one stream without their address; raise maxPeers`);
    if (!isAllowed(stream)) lines.drop(stream, 'rate-limit', 1);
    else if (isDropping && lines.isFull) lines.drop(stream, 'receive-memory', 1);
    else lines.add(stream, message, isCut);
  };
}
