// An authority, a server and a client certificate for tests of mutual TLS on loopback, made anew each time.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const minuteMs = 60_000;

interface TestIdentity {
  readonly cert: string;
  readonly key: string;
}

export interface TestCertificates {
  readonly ca: string;
  readonly server: TestIdentity;
  readonly client: TestIdentity;
}

/** `serverName` goes into the server's certificate; anything but the address dialled must be refused by a client. */
export async function makeTestCertificates(serverName: { readonly type: 'ip' | 'dns'; readonly value: string }): Promise<TestCertificates> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=test authority',
    ...lifetime(),
    signingAlgorithm: algorithm,
    keys,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  const names = new x509.SubjectAlternativeNameExtension([serverName]);
  const signer = { authority, key: keys.privateKey };
  const server = await issue('CN=test hub', signer, [names]);
  const client = await issue('CN=test agent', signer, []);
  return { ca: authority.toString('pem'), server, client };
}

async function issue(
  subject: string,
  { authority, key }: { readonly authority: x509.X509Certificate; readonly key: CryptoKey },
  extensions: x509.Extension[],
): Promise<TestIdentity> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    subject,
    issuer: authority.subject,
    ...lifetime(),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: key,
    extensions,
  });
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { cert: certificate.toString('pem'), key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY') };
}

function lifetime(): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - minuteMs), notAfter: new Date(now + 60 * minuteMs) };
}
