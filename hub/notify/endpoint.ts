// A webhook endpoint as a document, and the check of its address. The secret stays in the document and in the signer:
// what leaves this room is a view without it, except once at creation and at rotation.
import { isIP } from 'node:net';
import { AtalaiaError } from '../../proto/runtime/errors.ts';
import { levels } from '../ports.ts';
import type { Level } from '../ports.ts';
import { isAddressAllowed } from './address-guard.ts';

export const endpointsMax = 50;
const urlLengthMax = 2_000;
const nameLengthMax = 80;

export interface EndpointWish {
  readonly name: string;
  readonly url: string;
  readonly isEnabled: boolean;
  readonly minimumLevel: Level;
  /** Also private and loopback addresses, and plain http. Left out: as it was, false at creation. */
  readonly allowPrivate?: boolean;
}

export interface Endpoint {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly isEnabled: boolean;
  readonly minimumLevel: Level;
  readonly allowPrivate: boolean;
  /** Sealed. */
  readonly secret: string;
  readonly createdMs: number;
}

export interface WebhookView extends Omit<Endpoint, 'secret'> {
  readonly deliveredCount: number;
  readonly waitingCount: number;
  readonly deadCount: number;
  /** Of the latest attempt; empty when it went well. */
  readonly lastProblem: string;
}

/** Normalised; rejects with what is wrong and what would be right. */
export function checkWish(wish: EndpointWish, allowPrivate: boolean): Omit<Endpoint, 'id' | 'secret' | 'createdMs'> {
  const name = wish.name.trim();
  if (name === '' || name.length > nameLengthMax) throw invalid(`a name has 1 to ${nameLengthMax} characters`);
  if (!levels.includes(wish.minimumLevel)) throw invalid(`the level is one of ${levels.join(', ')}`);
  return { name, url: checkUrl(wish.url, allowPrivate), isEnabled: wish.isEnabled, minimumLevel: wish.minimumLevel, allowPrivate };
}

function checkUrl(text: string, allowPrivate: boolean): string {
  const url = text.length <= urlLengthMax ? URL.parse(text) : null;
  if (!url) throw invalid(`the address is not a URL of at most ${urlLengthMax} characters`);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw invalid('the address begins with https://');
  if (url.protocol === 'http:' && !allowPrivate)
    throw invalid('plain http is for private addresses only; use https, or allow private ones');
  if (url.username !== '' || url.password !== '')
    throw invalid('the address must not hold a user or password; receivers verify the signature');
  url.hash = '';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !isAddressAllowed(host, allowPrivate)) {
    throw new AtalaiaError(
      'WEBHOOK_ADDRESS_REFUSED',
      `${host} is not a public address; allow private addresses for this webhook if it is meant`,
    );
  }
  return url.href;
}

function invalid(text: string): AtalaiaError {
  return new AtalaiaError('WEBHOOK_INVALID', text);
}
