import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beginsWith, belongsTo, isCostly } from './number-kind.js';
import { parseNumber, type DialledNumber, type NumberFormat } from './numbers.js';

function number(text: string): DialledNumber {
  const parsed = parseNumber(text);
  if (parsed === undefined) throw new Error(`${text} is no number`);
  return parsed;
}

describe('numbers that are never called (S-1)', () => {
  it.each<[string, NumberFormat]>([
    // Premium rate, by every way of writing it.
    ['+1 900 555 1234', 'e164'],
    ['+19005551234', 'raw'],
    ['19005551234', 'raw'],
    ['9005551234', 'raw'],
    ['01119005551234', 'raw'],
    ['0019005551234', 'raw'],
    ['9005551234', 'national(US)'],
    ['19005551234', 'plainE164'],
    ['+1900', 'raw'],
    ['+49 900 1234567', 'e164'],
    ['09001234567', 'national(DE)'],
    ['09001234567', 'raw'],
    ['09008844', 'raw'],
    ['00499001234567', 'raw'],
    // Shared cost and universal access.
    ['+491801234567', 'e164'],
    ['491801234567', 'raw'],
    ['+443301234567', 'e164'],
    // International premium, satellite and global networks.
    ['+979123456789', 'e164'],
    ['+870773123456', 'raw'],
    ['870773123456', 'raw'],
    ['00870773123456', 'raw'],
    ['0011881612345678', 'raw'],
    ['+881612345678', 'raw'],
    ['881612345678', 'plainE164'],
    ['011881612345678', 'national(US)'],
    ['+88213123456', 'raw'],
    ['+883510001234567', 'raw'],
    ['+8831', 'raw'],
  ])('%s on %s', (text, format) => expect(isCostly(number(text), format)).toBe(true));

  it.each<[string, NumberFormat]>([
    ['+16125550100', 'raw'],
    ['16125550100', 'raw'],
    ['6125550100', 'national(US)'],
    ['+18005550100', 'e164'],
    ['+442079460958', 'e164'],
    // Somebody's own extensions, and area codes that look like a satellite network.
    ['7001', 'raw'],
    ['8812', 'raw'],
    ['900', 'raw'],
    ['8705551234', 'raw'],
    ['9795551234', 'raw'],
    ['9795551234', 'national(US)'],
    ['112', 'raw'],
  ])('but not %s on %s', (text, format) => expect(isCostly(number(text), format)).toBe(false));

  it('holds however a premium number is decorated', () => {
    const premium = fc.constantFrom(
      '19005551234',
      '499001234567',
      '881612345678',
      '979123456789',
      '870773123456',
    );
    const exit = fc.constantFrom('+', '00', '011', '0011', '');
    const gap = fc.constantFrom('', ' ', '-', '(', ')', '.', '/');
    fc.assert(
      fc.property(premium, exit, fc.array(gap, { maxLength: 12 }), (digits, code, gaps) => {
        const text = code + Array.from(digits, (digit, i) => digit + (gaps[i] ?? '')).join('');
        return isCostly(number(text), 'raw');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('countries', () => {
  it.each<[string, NumberFormat, readonly string[], boolean]>([
    ['+16125550100', 'raw', ['US'], true],
    ['16125550100', 'raw', ['US'], true],
    ['0116125550100', 'raw', ['US'], false],
    ['01116125550100', 'raw', ['US'], true],
    ['6125550100', 'national(US)', ['US'], true],
    ['+16042345678', 'raw', ['US'], false],
    ['+16042345678', 'raw', ['US', 'CA'], true],
    ['+442079460958', 'e164', ['US'], false],
    ['02079460958', 'national(GB)', ['GB'], true],
    // Read abroad, this is Australia: who means the US writes it out.
    ['6125550100', 'raw', ['US'], false],
    ['7001', 'raw', ['US'], false],
    ['+80012345678', 'raw', ['US'], false],
    ['+15555550100', 'raw', ['US'], false],
  ])('%s on %s in %j: %s', (text, format, countries, inside) =>
    expect(belongsTo(number(text), format, countries)).toBe(inside),
  );
});

describe('prefixes', () => {
  it.each<[string, NumberFormat, string, boolean]>([
    ['+447012345678', 'raw', '+4470', true],
    ['447012345678', 'raw', '+4470', true],
    ['00447012345678', 'raw', '+4470', true],
    ['07012345678', 'national(GB)', '+4470', true],
    ['07012345678', 'raw', '+4470', false],
    ['07012345678', 'raw', '070', true],
    ['+447012345678', 'raw', '4470', true],
    ['+442012345678', 'raw', '+4470', false],
    ['1070', 'raw', '070', false],
  ])('%s on %s begins with %s: %s', (text, format, prefix, begins) =>
    expect(beginsWith(number(text), format, prefix)).toBe(begins),
  );
});

describe('digits on a raw trunk as people of a country dial them', () => {
  it.each([
    ['0891234567', ['FR'], true],
    ['0891234567', ['US', 'FR'], true],
    ['0891234567', [], false],
    ['0142278186', ['FR'], false],
    ['0891234567', ['ZZ'], false],
  ])('%s in %j: %s', (text, homes, costly) => expect(isCostly(number(text), 'raw', homes)).toBe(costly));

  it('and so for a prefix, but never for a number that says what it is', () => {
    expect(beginsWith(number('07012345678'), 'raw', '+4470', ['GB'])).toBe(true);
    expect(beginsWith(number('07012345678'), 'raw', '+4470')).toBe(false);
    expect(isCostly(number('+0891234567'), 'raw', ['FR'])).toBe(false);
    expect(isCostly(number('0891234567'), 'plainE164', ['FR'])).toBe(false);
  });
});
