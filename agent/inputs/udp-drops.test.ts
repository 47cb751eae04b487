import { createSocket } from 'node:dgram';
import { describe, expect, test } from 'vitest';
import { parseUdpTable, udpSocketState } from './udp-drops.ts';

// As the kernel prints them; /proc/net/udp pads port 0202 = 514, 15B3 = 5555.
const v4 = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  345: 00000000:0202 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 23432 2 0000000000000000 0
  346: 0100007F:0202 00000000:0000 07 00000000:00001540 00:00000000 00000000   998        0 23433 2 0000000000000000 1207
  347: 0A0200C0:15B3 00000000:0000 07 00000000:00000000 00:00000000 00000000   998        0 23434 2 0000000000000000 4294967295
`;
const v6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  346: 00000000000000000000000000000000:0202 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 21 2 0000000000000000 5
  347: B80D0120000000000000000001000000:15B3 00000000000000000000000000000000:0000 07 00000000:00000300 00:00000000 00000000     0        0 22 2 0000000000000000 6
`;

describe('the row of a socket is found by its address and port', () => {
  test.each([
    [v4, '0.0.0.0', 514, { drops: 0, waitingBytes: 0 }],
    [v4, '127.0.0.1', 514, { drops: 1_207, waitingBytes: 0x1540 }],
    [v4, '192.0.2.10', 5_555, { drops: 4_294_967_295, waitingBytes: 0 }],
    [v4, '127.0.0.2', 514, undefined],
    [v6, '::', 514, { drops: 5, waitingBytes: 0 }],
    [v6, '2001:db8::1', 5_555, { drops: 6, waitingBytes: 0x300 }],
    ['', '::', 514, undefined],
  ])('%#: %s %s %i', (table, host, port, state) => {
    expect(parseUdpTable(table, { host, port })).toEqual(state);
  });
});

test.runIf(process.platform === 'linux')('a real socket is known to the kernel, with what waits in it', async () => {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));

  const state = await udpSocketState({ host: '127.0.0.1', port: socket.address().port });
  socket.close();

  expect(state).toEqual({ drops: 0, waitingBytes: 0 });
});
