// A TCP connection to a hub through a proxy: HTTP CONNECT (RFC 9110, 9.3.6). What passes through is TLS from end to end;
// the proxy sees the hub's name, how much and when. User and password (Basic) come from a file, go to the proxy in the
// clear, and appear in no error.
// Limits: answerBytesMax of header, and the caller's signal for time. Any answer but 2xx is an error with its remedy.
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { connect, isIPv6, type Socket } from 'node:net';
import { AtalaiaError, errorCode } from '../../proto/runtime/errors.ts';
import type { ProxyRoute } from './proxy-route.ts';

export interface TunnelOrder {
  readonly route: ProxyRoute;
  readonly host: string;
  readonly port: number;
  readonly signal: AbortSignal;
}

const answerBytesMax = 16 * 1024;
const credentialsBytesMax = 1_024;
const saidCharactersMax = 120;

export async function openTunnel({ route, host, port, signal }: TunnelOrder): Promise<Socket> {
  const target = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  const authorization = route.credentialsFile === undefined ? '' : await readCredentials(route.credentialsFile);
  const socket = connect({ host: route.host, port: route.port, autoSelectFamily: true });
  try {
    await once(socket, 'connect', { signal });
    const credentials = authorization === '' ? '' : `Proxy-Authorization: Basic ${authorization}\r\n`;
    socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${credentials}\r\n`);
    const head = await readHead(socket, signal);
    const refusal = refusalIn(head, { route, target });
    if (refusal) throw refusal;
    return socket;
  } catch (error) {
    socket.destroy();
    // An error that comes after the reason is known has nobody left to hear it.
    socket.on('error', () => undefined);
    if (error instanceof AtalaiaError) throw error;
    const why = signal.aborted ? 'it did not answer in time' : (errorCode(error) ?? String(error));
    throw new AtalaiaError(
      'PROXY_UNREACHABLE',
      `the proxy ${route.name} gave no way to ${target} (${why}); check \`proxy\` of agent.yaml and that the proxy runs`,
      { cause: error, isRetryable: true },
    );
  }
}

/** Everything up to the empty line. What came behind it goes back: it belongs to TLS. */
async function readHead(socket: Socket, signal: AbortSignal): Promise<string> {
  let head = Buffer.alloc(0);
  for (;;) {
    const chunk: unknown = socket.read();
    if (!Buffer.isBuffer(chunk)) {
      if (socket.readableEnded || socket.destroyed) throw new Error('it closed the connection');
      const ended = new AbortController();
      const either = AbortSignal.any([signal, ended.signal]);
      const onEnd = (): void => ended.abort();
      socket.once('end', onEnd).once('close', onEnd);
      try {
        await once(socket, 'readable', { signal: either });
      } catch (error) {
        throw ended.signal.aborted && !signal.aborted ? new Error('it closed the connection', { cause: error }) : error;
      } finally {
        socket.off('end', onEnd).off('close', onEnd);
      }
      continue;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end >= 0) {
      if (end + 4 < head.length) socket.unshift(head.subarray(end + 4));
      return head.subarray(0, end).toString('latin1');
    }
    if (head.length > answerBytesMax) throw new Error(`its answer is longer than ${answerBytesMax} bytes`);
  }
}

function refusalIn(head: string, { route, target }: { readonly route: ProxyRoute; readonly target: string }): AtalaiaError | undefined {
  const [first = '', ...rest] = head.split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first)?.[1] ?? 0);
  if (status >= 200 && status <= 299) return undefined;
  const wants = rest.find((line) => /^proxy-authenticate:/i.test(line))?.replace(/^[^:]*:\s*/, '') ?? '';
  const said = status === 0 ? `what is no HTTP answer (${clean(first)})` : clean(first.replace(/^HTTP\/1\.[01] /, ''));
  return new AtalaiaError(
    'PROXY_REFUSED',
    `the proxy ${route.name} answered CONNECT ${target} with ${said}; ${remedyOf(status, wants, route)}`,
    {
      isRetryable: true,
    },
  );
}

function remedyOf(status: number, wants: string, { credentialsFile }: ProxyRoute): string {
  // tinyproxy answers 401 to a wrong password.
  const isPassword = status === 407 || status === 401;
  if (status === 407 && wants !== '' && !/\bbasic\b/i.test(wants))
    return `it asks for ${clean(wants)}, and the agent knows Basic alone: let this host pass without, or by Basic`;
  if (isPassword && credentialsFile === undefined)
    return 'it asks for a user and a password: write user:password into a file of mode 0600 and name it as `proxy.credentials` of agent.yaml';
  if (isPassword) return `it does not accept the user and password in ${credentialsFile ?? ''}: correct them there`;
  if (status === 403 || status === 405) return 'let it allow CONNECT to this host and port (squid: SSL_ports, tinyproxy: ConnectPort)';
  if (status >= 500) return 'it does not reach the hub: check the address, its name servers and its firewall';
  if (status === 0) return 'check that `proxy` of agent.yaml names an HTTP proxy';
  return 'ask who runs the proxy';
}

/** What strangers say: printable, and not too much of it. */
function clean(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, saidCharactersMax);
}

/** Read anew each time, so that a new password needs no restart. Answers base64, as the header wants it. */
async function readCredentials(path: string): Promise<string> {
  const remedy = 'it must hold user:password in one line, and be readable by the agent alone (chmod 0600)';
  let text: string;
  try {
    const file = await open(path, 'r');
    try {
      if (((await file.stat()).mode & 0o077) !== 0)
        throw new AtalaiaError('PROXY_CREDENTIALS', `${path} is open to other users of this host; ${remedy}`, { isRetryable: true });
      const { buffer, bytesRead } = await file.read(Buffer.alloc(credentialsBytesMax + 1), 0, credentialsBytesMax + 1, 0);
      text = bytesRead > credentialsBytesMax ? '' : buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof AtalaiaError) throw error;
    const why = errorCode(error) ?? 'unreadable';
    throw new AtalaiaError('PROXY_CREDENTIALS', `${path} cannot be read (${why}); ${remedy}`, { cause: error, isRetryable: true });
  }
  const line = text.replace(/\r?\n$/, '');
  // A colon ends the user (RFC 7617); control characters would end the header.
  if (!/^[^:\p{Cc}]+:[^\p{Cc}]*$/u.test(line))
    throw new AtalaiaError('PROXY_CREDENTIALS', `${path} is not as it should be; ${remedy}`, { isRetryable: true });
  return Buffer.from(line).toString('base64');
}
