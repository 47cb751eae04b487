import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../proto/runtime/errors.ts';
import { parseYaml } from '../../load-yaml.ts';
import { policySchema } from '../policy.ts';

function faultOf(source: string): string {
  try {
    parseYaml(`kind: Policy\nversion: 1\nsources:\n  - ${source}\n`, policySchema, 'policy');
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return 'no fault';
}

const syslog = 'id: s, type: syslog, transport';
const tls = 'certificate: /a.crt, key: /a.key';

describe('a source that cannot work is refused at the place where it is wrong', () => {
  test.each([
    [`{ ${syslog}: udp, listen: "127.0.0.1:514" }`, /^no fault$/],
    [`{ ${syslog}: tls, listen: "[::1]:6514", tls: { ${tls}, clientCa: /ca.crt } }`, /^no fault$/],
    [`{ ${syslog}: tls, listen: "[::1]:6514", tls: { ${tls}, clientCertificate: none } }`, /^no fault$/],
    [
      `{ ${syslog}: udp, listen: "localhost:514" }`,
      /^policy:4:\d+: `sources\[0\].listen`: expected an address and port such as 127\.0\.0\.1:5514/,
    ],
    [`{ ${syslog}: udp }`, /`sources\[0\].listen` is missing/],
    [`{ ${syslog}: sctp, listen: "127.0.0.1:514" }`, /expected udp or tcp or tls/],
    [`{ ${syslog}: udp, listen: "127.0.0.1:514", startAt: end }`, /unknown key `sources\[0\].startAt`/],
    [`{ ${syslog}: tls, listen: "127.0.0.1:514" }`, /`tls` is missing|expected `tls` with certificate and key/],
    [`{ ${syslog}: tcp, listen: "127.0.0.1:514", tls: { ${tls} } }`, /there is no TLS over tcp; write `transport: tls`/],
    [`{ ${syslog}: tls, listen: "127.0.0.1:514", tls: { ${tls} } }`, /expected `clientCa`, the authority that signed the senders/],
    [`{ ${syslog}: tcp, listen: "127.0.0.1:514", maxConnections: 8192 }`, /memory that senders can take: expected at most 256MiB/],
    [`{ ${syslog}: tcp, listen: "127.0.0.1:514", maxMessageBytes: 2MiB }`, /expected a size .* from 480B to 1048576B/],
    ['{ id: s, type: socket, path: run/x.sock }', /expected a whole path that begins with \//],
    [`{ id: s, type: socket, path: /${'x'.repeat(107)} }`, /expected at most 107 characters/],
    ['{ id: s, type: socket, path: /run/x.sock, mode: "777" }', /expected four octal digits in quotes, such as "0660"/],
    ['{ id: s, type: exec, command: [who] }', /expected the whole path of the program first/],
    ['{ id: s, type: exec, command: /usr/bin/who }', /expected a list/],
    ['{ id: s, type: exec, command: ["/usr/bin/who", "a\\0b"] }', /expected text without NUL/],
    ['{ id: s, type: exec, command: ["/usr/bin/who"], every: 100ms }', /expected a duration .* from 1s to 7d/],
    ['{ id: s, type: stdin, path: /x }', /unknown key `sources\[0\].path`/],
  ])('%#: %s', (source, message) => {
    expect(faultOf(source)).toMatch(message);
  });
});
