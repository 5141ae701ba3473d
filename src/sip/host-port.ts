import { characterSet, consistsOf, isAlphanumeric, isDigit } from './character-set.js';
import { parseIpv4, parseIpv6 } from './ip-address.js';

/** A host as it stands in a URI (IPv6 in brackets, lower case) and a port where one was written. */
export interface HostPort {
  readonly host: string;
  readonly port: number | null;
}

const isLabelCharacter = characterSet('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-');

/** RFC 3261 25.1 `hostport`: a name, an IPv4 address or `[IPv6]`, and `:port` (0 to 65535). */
export function parseHostPort(text: string): HostPort | undefined {
  if (text.length > 262) return undefined;
  const end = text.startsWith('[') ? text.indexOf(']') + 1 : text.indexOf(':');
  if (text.startsWith('[') && end === 0) return undefined;
  const host = parseHost(end === -1 ? text : text.slice(0, end));
  if (host === undefined) return undefined;
  const rest = end === -1 ? '' : text.slice(end);
  if (rest === '') return { host, port: null };
  const digits = rest.slice(1);
  if (!rest.startsWith(':') || !consistsOf(digits, isDigit) || digits.length > 5) return undefined;
  return Number(digits) > 65_535 ? undefined : { host, port: Number(digits) };
}

/** Lower case, for hosts compare without case (RFC 3261 19.1.4). */
export function parseHost(text: string): string | undefined {
  if (text.startsWith('[')) {
    return text.endsWith(']') && parseIpv6(text.slice(1, -1)) !== undefined ? text.toLowerCase() : undefined;
  }
  return parseIpv4(text) !== undefined || isHostname(text) ? text.toLowerCase() : undefined;
}

/** Labels of letters, digits and inner hyphens; the last starts with a letter, so `1.2.3` is no name. */
function isHostname(text: string): boolean {
  if (text.length > 253) return false;
  const labels = (text.endsWith('.') ? text.slice(0, -1) : text).split('.');
  const top = labels.at(-1) ?? '';
  if (isDigit(top.charCodeAt(0))) return false;
  return labels.every(
    (label) =>
      label.length <= 63 &&
      consistsOf(label, isLabelCharacter) &&
      isAlphanumeric(label.charCodeAt(0)) &&
      isAlphanumeric(label.charCodeAt(label.length - 1)),
  );
}
