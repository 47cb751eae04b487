import { describe, expect, test } from 'vitest';
import { parseListenAddress } from '../../config/policy/sources/listen-address.ts';
import { listenFenceOf } from './listen-fence.ts';

describe('an agent listens only where its host allows it', () => {
  test.each<[readonly string[], string, boolean]>([
    [['127.0.0.1:*', '[::1]:*'], '127.0.0.1:5514', true],
    [['127.0.0.1:*', '[::1]:*'], '[::1]:6514', true],
    [['127.0.0.1:*', '[::1]:*'], '0.0.0.0:5514', false],
    [['127.0.0.1:*', '[::1]:*'], '192.0.2.1:5514', false],
    [['192.0.2.1:514'], '192.0.2.1:514', true],
    [['192.0.2.1:514'], '192.0.2.1:5140', false],
    [['*:514'], '0.0.0.0:514', true],
    [['*:514'], '[::]:6514', false],
    [['[2001:DB8::1]:*'], '[2001:db8::1]:1', true],
    [[], '127.0.0.1:5514', false],
    [['/run/**'], '127.0.0.1:5514', false],
  ])('%j, %s: %s', (entries, text, isAllowed) => {
    const { host = '', port = 0 } = parseListenAddress(text) ?? {};

    expect(listenFenceOf(entries).allowsAddress(host, port)).toBe(isAllowed);
  });

  test.each([
    ['/run/atalaia/suricata.sock', true],
    ['/run/atalaia/deeper/suricata.sock', true],
    ['/run/other.sock', false],
    ['/run/atalaia', false],
  ])('a socket at %s: %s', (path, isAllowed) => {
    expect(listenFenceOf(['127.0.0.1:*', '/run/atalaia/**/*']).allowsSocket(path)).toBe(isAllowed);
  });
});

test.each(['127.0.0.1', 'localhost:514', '127.0.0.1:65536', '::1:514', '[127.0.0.1]:514', '[::1]', '1.2.3:4', '[fe80::1%eth0]:514', ''])(
  'what is no address and port is refused: %s',
  (text) => {
    expect(parseListenAddress(text)).toBeUndefined();
  },
);
