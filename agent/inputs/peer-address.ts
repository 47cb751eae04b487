// A sender's address in one spelling: IPv4 that came through an IPv6 socket is IPv4, and a link-local address carries no
// interface name. It becomes the path of the sender's stream and, at the hub, log.source.address.

export function peerAddress(remote: string | undefined): string {
  const address = (remote ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
  const zone = address.indexOf('%');
  return zone < 0 ? address : address.slice(0, zone);
}
