// The keys of agent.yaml that say how the hub is reached: where it is, through what, how fast, and whose key it must show.
// One schema per key, so that another uplink can be configured in the same words.
import * as z from 'zod';
import { durationSchema, sizeSchema } from './quantities.ts';

const hubAddress = z.string().refine((address) => {
  const url = URL.parse(address);
  return url?.protocol === 'wss:' && url.username === '' && url.search === '' && url.hash === '';
}, 'expected the address of the hub, such as wss://hub.example.org:7443, without user name or query');

const addresses = z
  .array(hubAddress)
  .min(1)
  .max(16)
  .refine((all) => new Set(all.map((address) => URL.parse(address)?.host)).size === all.length, 'expected every address once');

const cluster = z.strictObject({
  addresses,
  /** How long an address of higher preference must have answered before the agent goes back to it. */
  failBackAfter: durationSchema({ min: '1s', max: '24h' }).prefault('5m'),
});

/** One address, a list in the order of preference, or the object they are short for. */
export const hubClusterSchema = z
  .union([hubAddress, addresses, cluster], {
    error: 'expected an address such as wss://hub.example.org:7443, a list of them, or addresses with failBackAfter',
  })
  .transform((value) => (typeof value === 'string' || Array.isArray(value) ? cluster.parse({ addresses: [value].flat() }) : value));

/** RFC 7469: base64 of SHA-256 over the SubjectPublicKeyInfo of a certificate in the hub's chain. */
const pin = z
  .string()
  .regex(/^sha256\/[A-Za-z0-9+/]{43}=$/, 'expected sha256/ and 44 characters of base64, as `atalaia-agent doctor` shows it');

export const pinSchema = z.array(pin).max(16);

const filePath = z.string().max(1_024).startsWith('/', 'expected a whole path that begins with /');

/** Undefined when it may be the address of a proxy; else what is wrong with it. Used on the environment's too. */
export function proxyUrlProblem(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url || url.protocol !== 'http:' || url.hostname === '')
    return 'expected the address of the proxy, such as http://proxy.example.org:3128';
  if (url.username !== '' || url.password !== '')
    return 'an address of a proxy must hold no user or password: others see it; write them into a file (user:password, mode 0600) and name it as `credentials`';
  return url.pathname === '/' && url.search === '' && url.hash === '' ? undefined : 'expected nothing behind the port of the proxy';
}

const proxyUrl = z.string().superRefine((text, context) => {
  const problem = text === 'environment' ? undefined : proxyUrlProblem(text);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

const proxy = z.strictObject({
  /** http://host:port, or `environment`: https_proxy, all_proxy and no_proxy, as the shell has them. */
  url: proxyUrl,
  /** A file of mode 0600 that holds user:password. */
  credentials: filePath.optional(),
  /** Hosts (with all below them), addresses and networks that are reached straight. */
  noProxy: z.array(z.string().min(1).max(253)).max(256).default([]),
});

export const proxySchema = z
  .union([proxyUrl, proxy], { error: 'expected http://proxy.example.org:3128, `environment`, or url with credentials and noProxy' })
  .transform((value) => (typeof value === 'string' ? proxy.parse({ url: value }) : value));

export type ProxyConfig = z.output<typeof proxySchema>;

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];

/** Minutes since midnight on the wall. */
const timeOfDay = z
  .string()
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, { error: 'expected a time of day such as "07:30", in quotes, up to "24:00"', abort: true })
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));

const rateWindow = z
  .strictObject({
    /** The days on which it begins; one that ends after midnight goes on into the next day. */
    days: z
      .array(z.enum(weekdays))
      .min(1)
      .max(7)
      .default([...weekdays]),
    from: timeOfDay,
    to: timeOfDay,
    /** Of the wire; 0 sends nothing. */
    bytesPerSecond: z.union([sizeSchema({ min: '1KiB', max: '100GiB' }), z.literal(0)], {
      error: 'expected 0 (nothing is sent), or a size from 1KiB to 100GiB',
    }),
  })
  .refine(({ from, to }) => from !== to && from < 1_440, 'expected `to` to differ from `from`; a whole day is from "00:00" to "24:00"');

export type RateWindow = z.output<typeof rateWindow>;

export const bandwidthSchema = z.strictObject({
  /** An IANA name, or `local`. */
  timeZone: z.string().max(64).refine(isTimeZone, 'expected `local` or an IANA name such as Europe/Lisbon').default('local'),
  /** Batches of the lane `first` are neither held back nor counted. */
  exceptFirst: z.boolean().default(false),
  /** The first that is open says the limit; where none is there is none. */
  windows: z.array(rateWindow).max(64).default([]),
});

export type BandwidthConfig = z.output<typeof bandwidthSchema>;

function isTimeZone(name: string): boolean {
  if (name === 'local') return true;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
