import { createHash } from 'node:crypto';
import { fitsLine } from './header-lines.js';

/** A challenge we can answer (RFC 7616 3.3, RFC 8760 for SIP). Values as they stood between the quotes. */
export interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | null;
  readonly algorithm: 'MD5' | 'SHA-256';
  /** The algorithm is of the `-sess` kind. */
  readonly session: boolean;
  /** `null`: the old digest of RFC 2069, without cnonce. */
  readonly qop: 'auth' | null;
  /** The credentials were right and only the nonce is used up. */
  readonly stale: boolean;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/**
 * The first answerable challenge of the given WWW-Authenticate or Proxy-Authenticate lines: the order is the
 * challenger's preference (RFC 8760 2.4). `undefined`: none is Digest with an algorithm and qop known here.
 */
export function answerable(lines: readonly string[]): Challenge | undefined {
  for (const line of lines) {
    for (const parameters of challengesOf(line)) {
      const challenge = challengeOf(parameters);
      if (challenge !== undefined) return challenge;
    }
  }
  return undefined;
}

function challengeOf(parameters: ReadonlyMap<string, string>): Challenge | undefined {
  const realm = parameters.get('realm');
  const nonce = parameters.get('nonce');
  const algorithm = (parameters.get('algorithm') ?? 'MD5').toUpperCase();
  const session = algorithm.endsWith('-SESS');
  const hash = session ? algorithm.slice(0, -'-SESS'.length) : algorithm;
  const qops = parameters
    .get('qop')
    ?.toLowerCase()
    .split(',')
    .map((qop) => qop.trim());
  if (realm === undefined || nonce === undefined) return undefined;
  // They are repeated in our answer, as they are: none may end its line there.
  if (![realm, nonce, parameters.get('opaque') ?? ''].every(fitsLine)) return undefined;
  if (hash !== 'MD5' && hash !== 'SHA-256') return undefined;
  if (qops !== undefined && !qops.includes('auth')) return undefined;
  return {
    realm,
    nonce,
    opaque: parameters.get('opaque') ?? null,
    algorithm: hash,
    session,
    qop: qops === undefined ? null : 'auth',
    stale: parameters.get('stale')?.toLowerCase() === 'true',
  };
}

/** Digest challenges of one header line, which may hold several; names in lower case. */
function challengesOf(line: string): ReadonlyMap<string, string>[] {
  const found: Map<string, string>[] = [];
  let current: Map<string, string> | undefined;
  for (const part of splitOutsideQuotes(line)) {
    const equals = part.indexOf('=');
    const words = part.slice(0, Math.max(equals, 0)).trim().split(/\s+/);
    // A scheme stands before the first parameter of its challenge.
    if (words.length === 2) {
      current = words[0]?.toLowerCase() === 'digest' ? new Map<string, string>() : undefined;
      if (current !== undefined) found.push(current);
    }
    current?.set(words.at(-1)?.toLowerCase() ?? '', unquoted(part.slice(equals + 1).trim()));
  }
  return found;
}

const unquoted = (value: string): string =>
  value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;

/** Pieces between commas that stand neither in quotes nor in angle brackets (RFC 3261 7.3.1, 20.10). */
export function splitOutsideQuotes(value: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  let bracketed = false;
  for (let i = 0; i < value.length; i++) {
    const char = value[i];
    if (quoted && char === '\\') i++;
    else if (char === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (char === '<') bracketed = true;
    else if (char === '>') bracketed = false;
    else if (char === ',' && !bracketed) {
      parts.push(value.slice(start, i));
      start = i + 1;
    }
  }
  return [...parts, value.slice(start)];
}

export interface DigestUse {
  readonly method: string;
  /** Request-URI exactly as sent. */
  readonly uri: string;
  /** How often this nonce has been used, this time included. */
  readonly count: number;
  /** Fresh for each use. */
  readonly cnonce: string;
}

/** Value of Authorization or Proxy-Authorization (RFC 7616 3.4). */
export function authorization(challenge: Challenge, credentials: Credentials, use: DigestUse): string {
  const { realm, nonce, opaque, algorithm, session, qop } = challenge;
  const hash = (text: string): string =>
    createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex');
  const nc = use.count.toString(16).padStart(8, '0');
  const secret = hash(`${credentials.username}:${realm}:${credentials.password}`);
  const ha1 = session ? hash(`${secret}:${nonce}:${use.cnonce}`) : secret;
  const middle = qop === null ? '' : `${nc}:${use.cnonce}:${qop}:`;
  const response = hash(`${ha1}:${nonce}:${middle}${hash(`${use.method}:${use.uri}`)}`);
  const parts = [
    `username="${credentials.username.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`,
    `realm="${realm}"`,
    `nonce="${nonce}"`,
    `uri="${use.uri}"`,
    `response="${response}"`,
    `algorithm=${algorithm}${session ? '-sess' : ''}`,
    ...(opaque === null ? [] : [`opaque="${opaque}"`]),
    ...(qop === null && !session ? [] : [`cnonce="${use.cnonce}"`]),
    ...(qop === null ? [] : [`qop=${qop}`, `nc=${nc}`]),
  ];
  return `Digest ${parts.join(', ')}`;
}
