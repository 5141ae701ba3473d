import { consistsOf, isDigit, isHexDigit } from './character-set.js';

/** An address as bytes: 4 of IPv4 or 16 of IPv6. */
export type AddressBytes = readonly number[];

/** Dotted decimal; leading zeros are refused, for some resolvers read them as octal. */
export function parseIpv4(text: string): AddressBytes | undefined {
  if (text.length > 15) return undefined;
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes: number[] = [];
  for (const part of parts) {
    const plain = consistsOf(part, isDigit) && part.length <= 3 && !(part.length > 1 && part.startsWith('0'));
    if (!plain || Number(part) > 255) return undefined;
    bytes.push(Number(part));
  }
  return bytes;
}

/** RFC 4291 2.2, without brackets and without a zone. */
export function parseIpv6(text: string): AddressBytes | undefined {
  if (text.length > 45) return undefined;
  const gap = text.indexOf('::');
  if (gap === -1) {
    const all = groups(text);
    return all?.length === 16 ? all : undefined;
  }
  const head = gap === 0 ? [] : groups(text.slice(0, gap), false);
  const rest = text.slice(gap + 2);
  const tail = rest === '' ? [] : groups(rest);
  if (head === undefined || tail === undefined) return undefined;
  // "::" stands for at least one group of zeros.
  const zeros = 16 - head.length - tail.length;
  return zeros < 2 ? undefined : [...head, ...Array<number>(zeros).fill(0), ...tail];
}

/** `a:b:c` as bytes; the last group may be an IPv4 address where `mayEndInIpv4`. */
function groups(text: string, mayEndInIpv4 = true): number[] | undefined {
  const parts = text.split(':');
  const bytes: number[] = [];
  for (const [i, part] of parts.entries()) {
    const ipv4 = mayEndInIpv4 && i === parts.length - 1 && part.includes('.') ? parseIpv4(part) : undefined;
    if (ipv4 !== undefined) {
      bytes.push(...ipv4);
      continue;
    }
    if (!consistsOf(part, isHexDigit) || part.length > 4) return undefined;
    const group = Number.parseInt(part, 16);
    bytes.push(group >> 8, group & 0xff);
  }
  return bytes;
}

const MAPPED: AddressBytes = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** Either family; an IPv4-mapped IPv6 address (`::ffff:1.2.3.4`) is the IPv4 address it carries. */
export function parseAddress(text: string): AddressBytes | undefined {
  const bytes = parseIpv4(text) ?? parseIpv6(text);
  return bytes?.length === 16 && MAPPED.every((byte, i) => bytes[i] === byte) ? bytes.slice(12) : bytes;
}

/** True for 127.0.0.0/8, `::1` and the name `localhost`; brackets around IPv6 are allowed. */
export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === 'localhost') return true;
  const bytes = parseAddress(host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host);
  if (bytes === undefined) return false;
  return bytes.length === 4 ? bytes[0] === 127 : bytes.every((byte, i) => byte === (i === 15 ? 1 : 0));
}
