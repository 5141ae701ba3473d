import { describe, expect, it } from 'vitest';
import { formatNumber, parseNumber, parseNumberFormat, type NumberFormat } from './numbers.js';

const written = (text: string, format: NumberFormat) => {
  const number = parseNumber(text);
  return number === undefined ? 'refused' : formatNumber(number, format);
};

describe('numbers', () => {
  it.each([
    ['+1 (612) 345-67.89', '+16123456789'],
    ['16123456789', '16123456789'],
    ['7001', '7001'],
  ])('reads %s', (text, number) => expect(parseNumber(text)).toBe(number));

  it.each([
    '',
    '+',
    'abc',
    '12a',
    '1+2',
    '++1',
    '*72',
    '12;x',
    '1\r\n2',
    '\t1',
    '١٢',
    '1'.repeat(33),
    ' '.repeat(65),
  ])('refuses %j', (text) => expect(parseNumber(text)).toBeUndefined());

  it.each<[string, NumberFormat, string | undefined]>([
    ['16123456789', 'raw', '16123456789'],
    ['+16123456789', 'raw', '+16123456789'],
    ['7001', 'raw', '7001'],
    ['16123456789', 'e164', '+16123456789'],
    ['+44 20 7946 0958', 'e164', '+442079460958'],
    ['7001', 'e164', undefined],
    ['+16123456789', 'plainE164', '16123456789'],
    ['16123456789', 'national(US)', '6123456789'],
    ['6123456789', 'national(US)', '6123456789'],
    ['+16042345678', 'national(US)', '6042345678'],
    ['+442079460958', 'national(GB)', '02079460958'],
    ['442079460958', 'national(GB)', '02079460958'],
    ['02079460958', 'national(GB)', '02079460958'],
    ['+442079460958', 'national(US)', '011442079460958'],
    ['+16123456789', 'national(GB)', '0016123456789'],
    ['12', 'national(US)', undefined],
  ])('%s as %s is %s', (text, format, expected) => expect(written(text, format)).toBe(expected));

  it('knows the formats', () => {
    expect(parseNumberFormat('national(DE)')).toBe('national(DE)');
    expect(parseNumberFormat('national(XX)')).toBeUndefined();
    expect(parseNumberFormat('national(US')).toBeUndefined();
    expect(parseNumberFormat('E164')).toBeUndefined();
  });
});
