import {
  type CountryCode,
  type PhoneNumber,
  getCountryCallingCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import { characterSet, consistsOf, isDigit, onlyOf } from './character-set.js';

/** Digits with an optional leading `+`, nothing else. */
export type DialledNumber = string & { readonly __brand: 'DialledNumber' };

/** How a trunk wants numbers (CONTRACT 2 `numberFormat`). */
export type NumberFormat = 'raw' | 'e164' | 'plainE164' | `national(${string})`;

const isSeparator = characterSet(' -.()/');

/** A number as people write it, `+1 (612) 345-67-89`; `undefined` when anything but digits and separators is left. */
export function parseNumber(text: string): DialledNumber | undefined {
  if (text.length > 64) return undefined;
  let number = '';
  for (const char of text) if (!isSeparator(char.charCodeAt(0))) number += char;
  const digits = number.startsWith('+') ? number.slice(1) : number;
  return digits.length <= 32 && consistsOf(digits, isDigit) ? (number as DialledNumber) : undefined;
}

/** The country of `national(<CC>)`, or `undefined` when the text is no number format. */
export function parseNumberFormat(text: string): NumberFormat | undefined {
  if (text === 'raw' || text === 'e164' || text === 'plainE164') return text;
  return countryOf(text) === undefined ? undefined : (text as NumberFormat);
}

/** The country a national number of this format belongs to. */
export function countryOf(format: string): CountryCode | undefined {
  if (!format.startsWith('national(') || !format.endsWith(')')) return undefined;
  const country = format.slice('national('.length, -1);
  return isSupportedCountry(country) ? country : undefined;
}

/** A number the way the trunk wants it; `undefined` when it cannot be a number of the world's plan. */
export function formatNumber(number: DialledNumber, format: NumberFormat): string | undefined {
  if (format === 'raw') return number;
  const country = countryOf(format);
  const phone = worldNumber(number, country);
  if (phone === undefined) return undefined;
  if (format === 'e164') return phone.number;
  if (format === 'plainE164') return phone.number.slice(1);
  if (country === undefined) return undefined;
  // A foreign number is dialled with the country's exit code (011, 00 ...), as a subscriber there would.
  const home = phone.country === country || sharesCallingCode(phone, country);
  return onlyOf(home ? phone.formatNational() : phone.format('IDD', { fromCountry: country }), isDigit);
}

/**
 * Bots write international numbers without `+` (features 1.5 row 5), people of a country write national ones.
 * With a country its own plan is tried first; otherwise the digits are an international number.
 */
export function worldNumber(number: string, country: CountryCode | undefined): PhoneNumber | undefined {
  if (number.startsWith('+')) return possible(parsePhoneNumberFromString(number));
  const abroad = possible(parsePhoneNumberFromString(`+${number}`));
  if (country === undefined) return abroad;
  const home = possible(parsePhoneNumberFromString(number, country));
  if (home?.isValid() === true) return home;
  return abroad?.isValid() === true ? abroad : (home ?? abroad);
}

const possible = (phone: PhoneNumber | undefined): PhoneNumber | undefined =>
  phone?.isPossible() === true ? phone : undefined;

/** The US and Canada, say: one plan, one way to dial. */
const sharesCallingCode = (phone: PhoneNumber, country: CountryCode): boolean =>
  phone.country !== undefined && getCountryCallingCode(phone.country) === getCountryCallingCode(country);
