import { isBlank, isDigit, isToken, ZERO } from './chars.js';

export interface CSeq {
  readonly number: number;
  readonly method: string;
}

/** RFC 3261 8.1.1.5: less than 2**31. */
const MAX = 2 ** 31;
const BROKEN: CSeq = { number: -1, method: '' };

export function parseCSeq(value: string): CSeq {
  let i = 0;
  let number = 0;
  while (i < value.length && isDigit(value.charCodeAt(i))) {
    number = number * 10 + (value.charCodeAt(i) - ZERO);
    if (number >= MAX) return BROKEN;
    i++;
  }
  if (i === 0 || i === value.length) return BROKEN;
  const digits = i;
  while (i < value.length && isBlank(value.charCodeAt(i))) i++;
  const method = value.slice(i);
  if (i === digits || !isToken(method)) return BROKEN;
  return { number, method };
}
