import { describe, expect, it } from 'vitest';
import { formatFrom } from './from-header.js';

describe('From', () => {
  it.each([
    ['1', null, null, '<sip:1@own>'],
    ['a b%20', 'Ann', 'h', '"Ann" <sip:a%20b%20@h>'],
    [null, 'Ann', null, '"Ann" <sip:own>'],
    ['', 'Ann', null, '"Ann" <sip:own>'],
    ['', null, 'h', '<sip:h>'],
    [null, null, null, null],
    ['', null, null, null],
  ])('%s, %s, %s is %s', (user, display, host, text) => {
    expect(formatFrom({ user, display, host }, 'own')).toBe(text);
  });
});
