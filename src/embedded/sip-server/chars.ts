/** Character codes and classes of RFC 3261 section 25.1. All text in this server is latin1: one char is one byte. */

export const HT = 9;
export const LF = 10;
export const CR = 13;
export const SP = 32;
export const QUOTE = 34;
export const HASH = 35;
export const COMMA = 44;
export const ZERO = 48;
export const NINE = 57;
export const COLON = 58;
export const SEMI = 59;
export const LT = 60;
export const EQUALS = 61;
export const GT = 62;
export const BACKSLASH = 92;

const TOKEN = new Uint8Array(256);
for (const c of "-.!%*_+`'~") TOKEN[c.charCodeAt(0)] = 1;
for (let c = 0; c < 128; c++) if (/[0-9A-Za-z]/.test(String.fromCharCode(c))) TOKEN[c] = 1;

export function isTokenChar(code: number): boolean {
  return TOKEN[code] === 1;
}

export function isToken(text: string): boolean {
  if (text.length === 0) return false;
  for (let i = 0; i < text.length; i++) if (!isTokenChar(text.charCodeAt(i))) return false;
  return true;
}

export function isBlank(code: number): boolean {
  return code === SP || code === HT;
}

export function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

/** ASCII lower case of one code; leaves everything else alone. */
export function lower(code: number): number {
  return code >= 65 && code <= 90 ? code + 32 : code;
}

/**
 * True when a Call-ID or tag may travel in our frames and back. `|` separates tokens of the application protocol, which has
 * no escaping, and the application reads UTF-8, so only visible ASCII survives the round trip.
 */
export function isSafeId(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c <= SP || c > 126 || c === 124) return false;
  }
  return true;
}

/** A number written as plain digits, or -1. At most ten digits, so that it can never lose precision. */
export function parseDigits(text: string): number {
  if (text.length === 0 || text.length > 10) return -1;
  let n = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (!isDigit(c)) return -1;
    n = n * 10 + (c - ZERO);
  }
  return n;
}
