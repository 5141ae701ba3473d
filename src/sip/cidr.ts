import { consistsOf, isDigit } from './character-set.js';
import { type AddressBytes, parseAddress } from './ip-address.js';

/** A block of addresses, `10.0.0.0/8` or `2001:db8::/32`; an address alone is a block of one. */
export interface Cidr {
  readonly bytes: AddressBytes;
  readonly bits: number;
}

export function parseCidr(text: string): Cidr | undefined {
  if (text.length > 64) return undefined;
  const slash = text.indexOf('/');
  const bytes = parseAddress(slash === -1 ? text : text.slice(0, slash));
  if (bytes === undefined) return undefined;
  const width = bytes.length * 8;
  if (slash === -1) return { bytes, bits: width };
  const bits = text.slice(slash + 1);
  if (!consistsOf(bits, isDigit) || bits.length > 3 || Number(bits) > width) return undefined;
  return { bytes, bits: Number(bits) };
}

/** Whether `address` (as a socket reports it) lies in the block; an unreadable address lies in none. */
export function cidrContains(cidr: Cidr, address: string): boolean {
  const bytes = parseAddress(address);
  if (bytes?.length !== cidr.bytes.length) return false;
  for (let bit = 0; bit < cidr.bits; bit += 8) {
    const mask = cidr.bits - bit >= 8 ? 0xff : (0xff << (8 - (cidr.bits - bit))) & 0xff;
    if (((bytes[bit / 8] ?? 0) & mask) !== ((cidr.bytes[bit / 8] ?? 0) & mask)) return false;
  }
  return true;
}
