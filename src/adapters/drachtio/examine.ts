import { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import Srf from 'drachtio-srf';
import { bad, good, type Finding } from '../../ports/finding.js';

export interface ExaminedServer {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  readonly tls?: ConnectionOptions;
}

/** srf 5 counts the bytes of a message, a drachtio-server before 0.9 its characters. */
const OLDEST = [0, 9] as const;

/**
 * Logs in at a drachtio-server as an application that wants no requests, so that no call comes this way, and looks at
 * what it says of itself. Never rejects; over within `timeoutMs`.
 */
export async function examineSipServer(server: ExaminedServer, timeoutMs: number): Promise<Finding> {
  const about = `drachtio-server ${server.host}:${server.port}`;
  const answer = await login(server, timeoutMs);
  switch (answer.kind) {
    case 'unreachable':
      return bad(about, `cannot be reached (${answer.why})`, 'is it running? Check sip.server');
    case 'silent':
      return bad(
        about,
        `accepts connections and says nothing for ${timeoutMs} ms`,
        `is it a drachtio-server${server.tls === undefined ? '' : ' with TLS on this port'}? Check sip.server.port`,
      );
    case 'refused':
      return bad(
        about,
        'refuses the secret',
        'check sip.server.secret against <admin secret=...> of drachtio',
      );
    case 'in':
      return described(about, answer);
  }
}

type Login =
  | { readonly kind: 'in'; readonly hostports: string; readonly version: string }
  | { readonly kind: 'refused' | 'silent' }
  | { readonly kind: 'unreachable'; readonly why: string };

function login({ host, port, secret, tls }: ExaminedServer, timeoutMs: number): Promise<Login> {
  const srf = new Srf();
  return new Promise<Login>((resolve) => {
    let why = 'the connection was closed';
    const timer = setTimeout(() => resolve({ kind: 'silent' }), timeoutMs);
    const done = (login: Login): void => {
      clearTimeout(timer);
      resolve(login);
    };
    srf.on('connect', (error, hostports = '', version = '') =>
      done(error === null ? { kind: 'in', hostports, version } : { kind: 'refused' }),
    );
    srf.on('error', (error) => (why = codeOf(error)));
    srf.on('close', () => done({ kind: 'unreachable', why }));
    srf.connect({ host, port, secret, ...(tls && { tls }), reconnect: { maxAttempts: 1 } });
  }).finally(() => leave(srf));
}

function leave(srf: Srf): void {
  try {
    srf.disconnect();
  } catch {
    // Not connected: a socket of nobody tells srf all the same that it is over.
    srf.disconnect(new Socket());
  }
}

function described(about: string, { version, hostports }: Extract<Login, { kind: 'in' }>): Finding {
  const named = `version ${version === '' ? 'unknown' : version}`;
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const old = version !== '' && (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]));
  if (old) return bad(about, `is ${named}`, `install ${OLDEST.join('.')} or later`);
  if (hostports === '') return bad(about, `${named} listens for no SIP`, 'give it a --contact');
  return good(about, `lets us in, ${named}, SIP on ${hostports}`);
}

const codeOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : error.message;
