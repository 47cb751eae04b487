// What Debian's rsyslog is given to do what the agent does, as nearly as it can: one file, read from its start, through a
// queue on disk, to a receiver on loopback over mutual TLS. Raw lines, nothing parsed, nothing compressed.
// The queue is `disk`: every message goes through files. It is not synced, as `queue.syncQueueFiles` costs one fsync a message:
// what a power failure takes is not what the agent would lose.
import { join } from 'node:path';

export interface RsyslogPlace {
  readonly folder: string;
  readonly input: string;
  readonly port: number;
}

/** `folder` holds ca.pem, client.pem and client.key. */
export function tlsSender({ folder, input, port }: RsyslogPlace): string {
  return `global(workDirectory="${join(folder, 'spool')}" maxMessageSize="64k" net.enableDNS="off"
  defaultNetstreamDriver="ossl" defaultNetstreamDriverCAFile="${join(folder, 'ca.pem')}"
  defaultNetstreamDriverCertFile="${join(folder, 'client.pem')}" defaultNetstreamDriverKeyFile="${join(folder, 'client.key')}")
${sending(
  input,
  `action(type="omfwd" target="127.0.0.1" port="${port}" protocol="tcp" template="raw" TCP_Framing="traditional"
    streamDriver="ossl" streamDriverMode="1" streamDriverAuthMode="x509/certvalid" action.resumeRetryCount="-1")`,
)}`;
}

/** RELP has each message acknowledged by the receiving rsyslog, which has then given it to its output. */
export function relpSender({ folder, input, port }: RsyslogPlace): string {
  return `global(workDirectory="${join(folder, 'spool')}" maxMessageSize="64k" net.enableDNS="off")
module(load="omrelp")
${sending(
  input,
  `action(type="omrelp" target="127.0.0.1" port="${port}" template="raw" action.resumeRetryCount="-1"
    tls="on" tls.caCert="${join(folder, 'ca.pem')}" tls.myCert="${join(folder, 'client.pem')}" tls.myPrivKey="${join(folder, 'client.key')}"
    tls.authMode="certvalid")`,
)}`;
}

export function relpReceiver({ folder, port }: Omit<RsyslogPlace, 'input'>, output: string): string {
  return `global(workDirectory="${join(folder, 'received')}" maxMessageSize="64k" net.enableDNS="off")
module(load="imrelp")
template(name="raw" type="string" string="%rawmsg%\\n")
input(type="imrelp" port="${port}" address="127.0.0.1" ruleset="keep" maxDataSize="64k"
  tls="on" tls.caCert="${join(folder, 'ca.pem')}" tls.myCert="${join(folder, 'server.pem')}" tls.myPrivKey="${join(folder, 'server.key')}"
  tls.authMode="certvalid")
ruleset(name="keep") { action(type="omfile" file="${output}" template="raw" ioBufferSize="64k") }
`;
}

function sending(input: string, action: string): string {
  return `module(load="imfile" mode="inotify")
template(name="raw" type="string" string="%msg%\\n")
input(type="imfile" file="${input}" tag="eve:" ruleset="send")
ruleset(name="send" queue.type="disk" queue.filename="queue" queue.maxDiskSpace="8g" queue.maxFileSize="64m"
  queue.dequeueBatchSize="1024" queue.checkpointInterval="1000" queue.saveOnShutdown="on") {
  ${action}
}
`;
}
