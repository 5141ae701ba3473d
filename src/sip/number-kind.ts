import { isSupportedCountry, type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { countryOf, type DialledNumber, type NumberFormat, worldNumber } from './numbers.js';

/** Kinds of numbers that cost the caller extra (security list S-1). */
const COSTLY_KINDS: ReadonlySet<string> = new Set(['PREMIUM_RATE', 'SHARED_COST', 'UAN']);

/** International premium and satellite networks, and the premium range of the North American plan (S-1). */
const COSTLY_PREFIXES = ['979', '870', '881', '882', '883', '1900'];

/** The shortest number of those networks; shorter digits without `+` are somebody's own extension or area code. */
const COSTLY_LENGTH = 11;

/** Premium numbers as people of a country dial them. */
const COSTLY_AT_HOME = ['0900', '01900'];

/** What is dialled before an international number, in most of the world, North America and Australia. */
const EXIT_CODES = ['00', '011', '0011'];

/**
 * A number that must never be dialled for a stranger, however it is written: with `+`, with an exit code, as a
 * national number. On a `raw` trunk the digits may be taken for any of these, so each reading counts.
 *
 * @param homes countries whose national numbers a `raw` trunk may take the digits for
 */
export function isCostly(
  number: DialledNumber,
  format: NumberFormat,
  homes: readonly string[] = [],
): boolean {
  const national = !number.startsWith('+') && COSTLY_AT_HOME.some((prefix) => number.startsWith(prefix));
  if (national || /^1?900[2-9]\d{6}$/.test(number)) return true;
  return [...readings(number, format), ...readingsAtHome(number, format, homes)].some(isCostlyReading);
}

function isCostlyReading({ digits, certain }: Reading): boolean {
  const inRange = COSTLY_PREFIXES.some((prefix) => digits.startsWith(prefix));
  if (inRange && (certain || digits.length >= COSTLY_LENGTH)) return true;
  const kind = parsePhoneNumberFromString(`+${digits}`)?.getType();
  return kind !== undefined && COSTLY_KINDS.has(kind);
}

/** Whether the number, however it is read, belongs to one of these countries; one that is no number belongs to none. */
export function belongsTo(
  number: DialledNumber,
  format: NumberFormat,
  countries: readonly string[],
): boolean {
  const phones = readings(number, format).flatMap(({ digits }) => possible(digits) ?? []);
  return (
    phones.length > 0 && phones.every(({ country }) => country !== undefined && countries.includes(country))
  );
}

/** Whether the number begins with these digits: any reading of it, or, for a prefix without `+`, as it is written. */
export function beginsWith(
  number: DialledNumber,
  format: NumberFormat,
  prefix: string,
  homes: readonly string[] = [],
): boolean {
  const all = [...readings(number, format), ...readingsAtHome(number, format, homes)];
  if (all.some(({ digits }) => `+${digits}`.startsWith(prefix))) return true;
  return !prefix.startsWith('+') && number.replace('+', '').startsWith(prefix);
}

interface Reading {
  /** International number without `+`. */
  readonly digits: string;
  /** Nothing else can be meant. */
  readonly certain: boolean;
}

function readings(number: DialledNumber, format: NumberFormat): readonly Reading[] {
  if (number.startsWith('+')) return [{ digits: number.slice(1), certain: true }];
  if (format !== 'raw') {
    const phone = worldNumber(number, countryOf(format));
    return phone === undefined ? [] : [{ digits: phone.number.slice(1), certain: true }];
  }
  const abroad = EXIT_CODES.filter((code) => number.startsWith(code)).map((code) =>
    number.slice(code.length),
  );
  return [number, ...abroad].map((digits) => ({ digits, certain: false }));
}

/** Digits without `+` on a `raw` trunk as people of these countries dial at home, where they are a number there. */
function readingsAtHome(
  number: DialledNumber,
  format: NumberFormat,
  homes: readonly string[],
): readonly Reading[] {
  if (format !== 'raw' || number.startsWith('+')) return [];
  return homes.flatMap((home) => {
    const phone = isSupportedCountry(home) ? parsePhoneNumberFromString(number, home) : undefined;
    return phone?.isValid() === true ? [{ digits: phone.number.slice(1), certain: false }] : [];
  });
}

function possible(digits: string): PhoneNumber | undefined {
  const phone = parsePhoneNumberFromString(`+${digits}`);
  return phone?.isPossible() === true ? phone : undefined;
}
