import { parseDigits } from './chars.js';

/** What routing needs of a SIP URI (RFC 3261 19.1): where it points, not who it names. */
export interface SipUri {
  readonly secure: boolean;
  /** IPv6 without brackets. */
  readonly host: string;
  /** -1 when the URI names no port. */
  readonly port: number;
  readonly transport: string;
  readonly loose: boolean;
}

function endOfAuthority(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 59 || c === 63) return i;
  }
  return text.length;
}

function uriParam(text: string, from: number, name: string): string | undefined {
  // Most URIs have no parameters at all, and each is asked for three of them.
  if (text.charCodeAt(from) !== 59) return undefined;
  const query = text.indexOf('?', from);
  const params = text.slice(from, query < 0 ? text.length : query);
  for (const part of params.split(';')) {
    const eq = part.indexOf('=');
    const key = (eq < 0 ? part : part.slice(0, eq)).trim().toLowerCase();
    if (key === name) return eq < 0 ? '' : part.slice(eq + 1).trim();
  }
  return undefined;
}

function splitHostPort(text: string): { host: string; port: number } | undefined {
  if (text.startsWith('[')) {
    const close = text.indexOf(']');
    if (close < 2) return undefined;
    const rest = text.slice(close + 1);
    if (rest !== '' && !rest.startsWith(':')) return undefined;
    return { host: text.slice(1, close), port: rest === '' ? -1 : parseDigits(rest.slice(1)) };
  }
  const colon = text.indexOf(':');
  if (colon < 0) return { host: text, port: -1 };
  const port = parseDigits(text.slice(colon + 1));
  return port < 0 ? undefined : { host: text.slice(0, colon), port };
}

/** Undefined for anything that is not a usable sip: or sips: URI. */
export function parseSipUri(text: string): SipUri | undefined {
  const scheme = text.slice(0, 5).toLowerCase();
  const secure = scheme === 'sips:';
  if (!secure && !scheme.startsWith('sip:')) return undefined;
  const from = secure ? 5 : 4;
  // The user part may hold ';' and '?', so the last '@' before any header decides (RFC 3261 19.1.1, RFC 4475 3.1.1.13).
  const query = text.indexOf('?', from);
  const at = text.lastIndexOf('@', query < 0 || text.includes('@', query) ? text.length : query);
  const authority = at < from ? from : at + 1;
  const end = endOfAuthority(text, authority);
  const hostPort = splitHostPort(text.slice(authority, end).trim());
  if (hostPort === undefined || hostPort.host === '' || hostPort.port > 65535) return undefined;
  const maddr = uriParam(text, end, 'maddr');
  return {
    secure,
    host: maddr === undefined || maddr === '' ? hostPort.host : maddr.replace(/^\[|\]$/g, ''),
    port: hostPort.port,
    transport: (uriParam(text, end, 'transport') ?? '').toLowerCase(),
    loose: uriParam(text, end, 'lr') !== undefined,
  };
}

/** `host:port` as SIP writes it. */
export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
