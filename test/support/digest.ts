import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { PhoneCall, SipMessage } from './sip-phone/index.js';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** How a far end challenges. */
export interface Flavour {
  readonly status: 401 | 407;
  readonly algorithm: 'MD5' | 'SHA-256';
  readonly qop: 'auth' | null;
  /** Both unlike what any simple-minded reading of the header would do. */
  readonly realm?: string;
  readonly offeredQop?: string;
}

export const FLAVOURS: readonly Flavour[] = [
  { status: 401, algorithm: 'MD5', qop: null },
  { status: 407, algorithm: 'MD5', qop: 'auth' },
  { status: 401, algorithm: 'SHA-256', qop: 'auth' },
  { status: 407, algorithm: 'SHA-256', qop: null },
];

const HEADERS = {
  401: ['WWW-Authenticate', 'authorization'],
  407: ['Proxy-Authenticate', 'proxy-authorization'],
} as const;

const REALM = 'trunk, inc';

export const REASONS = { 401: 'Unauthorized', 407: 'Proxy Authentication Required' } as const;

/** Asks for credentials. */
export function challenge(call: PhoneCall, request: SipMessage, flavour: Flavour, nonce = 'n0nce'): void {
  const { status, algorithm, qop, realm = REALM, offeredQop = 'auth,auth-int' } = flavour;
  const offer = qop === null ? '' : `, qop="${offeredQop}"`;
  const value = `Digest realm="${realm}", nonce="${nonce}", algorithm=${algorithm}${offer}`;
  call.respond(request, status, { reason: REASONS[status], headers: [[HEADERS[status][0], value]] });
}

export const isSigned = (request: SipMessage): boolean =>
  Object.values(HEADERS).some(([, answer]) => request.get(answer) !== undefined);

/** Computes RFC 7616 3.4.1 over what was received: its own Request-URI and method, not what the header says of them. */
export function expectSigned(
  request: SipMessage,
  { status, algorithm, qop, realm = REALM }: Flavour,
  { username, password }: Credentials,
  nonce = 'n0nce',
): void {
  const value = request.need(HEADERS[status][1]);
  const of = (name: string): string | undefined =>
    new RegExp(`[ ,]${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^,]*))`).exec(value)?.slice(1).find(Boolean);
  const hash = (text: string): string =>
    createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex');
  const ha1 = hash(`${username}:${realm}:${password}`);
  const ha2 = hash(`${request.method}:${request.uri}`);
  const middle = qop === null ? '' : `${of('nc')}:${of('cnonce')}:auth:`;
  expect({
    username: of('username'),
    realm: of('realm'),
    nonce: of('nonce'),
    uri: of('uri'),
    qop: of('qop') ?? null,
    response: of('response'),
  }).toEqual({
    username: username.replaceAll('"', '\\"'),
    realm,
    nonce,
    uri: request.uri,
    qop,
    response: hash(`${ha1}:${nonce}:${middle}${ha2}`),
  });
}
