import { createHash, randomBytes } from 'node:crypto';
import type { SipMessage } from './sip-message.js';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

const REALM = 'chaos';
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** Asks for credentials and checks them (RFC 2617, `qop=auth`, MD5). */
export class DigestGuard {
  private readonly nonces = new Set<string>();

  constructor(private readonly credentials: Credentials) {}

  /** Value of a WWW-Authenticate with a nonce of its own. */
  challenge(): string {
    const nonce = randomBytes(12).toString('hex');
    this.nonces.add(nonce);
    return `Digest realm="${REALM}", nonce="${nonce}", algorithm=MD5, qop="auth"`;
  }

  /** Whether the request carries the right answer to a challenge of ours, made for this very request. */
  admits(request: SipMessage): boolean {
    const given = parametersOf(request.get('authorization'));
    const { username, password } = this.credentials;
    const [nonce = '', cnonce = '', nc = '', uri = ''] = ['nonce', 'cnonce', 'nc', 'uri'].map((k) =>
      given.get(k),
    );
    const secret = md5(`${username}:${REALM}:${password}`);
    const wanted = md5(`${secret}:${nonce}:${nc}:${cnonce}:auth:${md5(`${request.method}:${uri}`)}`);
    return (
      this.nonces.has(nonce) &&
      given.get('username') === username &&
      given.get('realm') === REALM &&
      given.get('qop') === 'auth' &&
      uri === request.uri &&
      given.get('response') === wanted
    );
  }
}

/** `Digest a="b", c=d` as names and values without quotes. */
function parametersOf(header: string): ReadonlyMap<string, string> {
  const pairs = header.replace(/^Digest\s+/i, '').matchAll(/(\w+)\s*=\s*(?:"([^"]*)"|([^\s,]+))/g);
  return new Map(
    [...pairs].map(([, name = '', quoted, plain]) => [name.toLowerCase(), quoted ?? plain ?? '']),
  );
}
