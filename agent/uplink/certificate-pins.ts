// Pins (RFC 7469's form): hashes of public keys, one of which the hub's verified chain must hold, in addition to being
// signed by the authority of the enrolment. What it guards against: an authority whose key was stolen.
// Promises: a certificate counts only when it truly signed the one below it, so that a certificate that was merely sent
// along pins nothing; a mismatch is a typed error with both values and is never got around.
import { createHash, type X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { AtalaiaError } from '../../proto/runtime/errors.ts';

const chainLengthMax = 8;

/** `sha256/` and the base64 of SHA-256 over the certificate's SubjectPublicKeyInfo. */
export function pinOf(certificate: X509Certificate): string {
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return `sha256/${createHash('sha256').update(spki).digest('base64')}`;
}

/** Pins of the chain that the other end has shown, its own certificate first. */
export function pinsShown(socket: TLSSocket): string[] {
  const pins: string[] = [];
  let certificate = socket.getPeerX509Certificate();
  while (certificate && pins.length < chainLengthMax) {
    pins.push(pinOf(certificate));
    const issuer: X509Certificate | undefined = certificate.issuerCertificate;
    const isNext = issuer !== undefined && issuer.fingerprint256 !== certificate.fingerprint256;
    certificate = isNext && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey) ? issuer : undefined;
  }
  return pins;
}

/** Throws PIN_MISMATCH when there are pins and none was shown. */
export function checkPins(address: string, wanted: readonly string[], shown: readonly string[]): void {
  if (wanted.length === 0 || shown.some((pin) => wanted.includes(pin))) return;
  throw new AtalaiaError(
    'PIN_MISMATCH',
    `${address}: the hub shows the key ${shown[0] ?? 'of no certificate'}, and the pins are ${wanted.join(', ')}; nothing is sent there. ` +
      'If the hub has a new key (ask its operator), write its pin to `pin` of agent.yaml; else somebody else answers at this address',
    { isRetryable: true },
  );
}
