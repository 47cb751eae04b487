// Syslog from the network: RFC 3164 and 5424 as they come, over UDP, TCP or TLS.
import * as z from 'zod';
import { limits } from '../../../proto/delivery.ts';
import { durationSchema, sizeSchema } from '../../quantities.ts';
import { text } from '../text.ts';
import { parseListenAddress } from './listen-address.ts';
import { liveSource } from './live-source.ts';

const pemFile = text(1_024).startsWith('/', 'expected a whole path that begins with /');

const tls = z.strictObject({
  certificate: pemFile,
  key: pemFile,
  clientCertificate: z.enum(['none', 'optional', 'required']).default('required'),
  clientCa: pemFile.optional(),
});

/** Unfinished messages of all connections together may take this much memory. */
const unfinishedBytesMax = 256 * 1024 * 1024;

export const syslogSource = z
  .strictObject({
    ...liveSource,
    type: z.literal('syslog'),
    transport: z.enum(['udp', 'tcp', 'tls']),
    listen: z
      .string()
      .refine((address) => parseListenAddress(address), 'expected an address and port such as 127.0.0.1:5514 or [::1]:5514'),
    tls: tls.optional(),
    receiveBuffer: sizeSchema({ min: '64KiB', max: '1GiB' }).prefault('8MiB'),
    maxMessageBytes: sizeSchema({ min: '480B', max: `${limits.lineBytesMax}B` }).prefault('64KiB'),
    maxMessagesPerSecond: z.int().min(1).max(10_000_000).optional(),
    maxPeers: z.int().min(1).max(16_384).default(1_024),
    maxConnections: z.int().min(1).max(65_536).default(1_024),
    maxConnectionsPerPeer: z.int().min(1).max(65_536).default(64),
    idleTimeout: durationSchema({ min: '10s', max: '30d' }).prefault('1d'),
    messageTimeout: durationSchema({ min: '1s', max: '1h' }).prefault('30s'),
  })
  .superRefine(({ transport, tls: told, maxConnections, maxMessageBytes }, context) => {
    const complain = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
    if (transport === 'tls' && !told) complain(['tls'], 'expected `tls` with certificate and key, because transport is tls');
    if (transport !== 'tls' && told) complain(['tls'], `there is no TLS over ${transport}; write \`transport: tls\` or take \`tls\` out`);
    if (told && told.clientCertificate !== 'none' && told.clientCa === undefined)
      complain(['tls'], 'expected `clientCa`, the authority that signed the senders; or `clientCertificate: none`');
    if (transport !== 'udp' && maxConnections * maxMessageBytes > unfinishedBytesMax)
      complain(['maxConnections'], 'maxConnections times maxMessageBytes is the memory that senders can take: expected at most 256MiB');
  });
