import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatUserToUser } from './uui.js';

describe('User-to-User (RFC 7433)', () => {
  it.each([
    ['hex', '56a390f3', '56a390f3;encoding=hex'],
    ['hex', 'AbCd', 'AbCd;encoding=hex'],
    ['text', 'hi', '6869;encoding=hex'],
    ['text', 'ü', 'c3bc;encoding=hex'],
    ['text', 'a\r\nb', '610d0a62;encoding=hex'],
    ['base64', 'aGk=', '6869;encoding=hex'],
    ['base64', 'aGk', '6869;encoding=hex'],
    ['base64', '+/8=', 'fbff;encoding=hex'],
  ] as const)('%s %j', (encoding, data, value) => expect(formatUserToUser({ data, encoding })).toBe(value));

  it.each([
    ['hex', ''],
    ['hex', 'abc'],
    ['hex', 'zz'],
    ['hex', '6869;encoding=text'],
    ['hex', '68\r\n69'],
    ['text', ''],
    ['text', '\ud800'],
    ['base64', ''],
    ['base64', '='],
    ['base64', 'aGk=='],
    ['base64', 'aG_-'],
    ['base64', 'a'],
    // Bits that belong to no byte.
    ['base64', 'aGl'],
    ['base64', 'aG k'],
  ] as const)('refuses %s %j', (encoding, data) =>
    expect(formatUserToUser({ data, encoding })).toBeUndefined(),
  );

  it('fits a header: at most 505 bytes', () => {
    const of = (bytes: number) => [
      formatUserToUser({ data: '00'.repeat(bytes), encoding: 'hex' })?.length,
      formatUserToUser({ data: 'x'.repeat(bytes), encoding: 'text' })?.length,
    ];
    expect(of(505)).toEqual([1023, 1023]);
    expect(of(506)).toEqual([undefined, undefined]);
  });

  it('any bytes come back from every encoding', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 500 }), (bytes) => {
        const hex = Buffer.from(bytes).toString('hex');
        const base64 = Buffer.from(bytes).toString('base64');
        const written = [
          formatUserToUser({ data: hex, encoding: 'hex' }),
          formatUserToUser({ data: base64, encoding: 'base64' }),
        ];
        return written.every((value) => value === `${hex};encoding=hex`);
      }),
    );
  });

  it('no text forges a parameter or a line', () => {
    const encoding = fc.constantFrom('hex', 'text', 'base64');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), encoding, (data, how) => {
        const value = formatUserToUser({ data, encoding: how });
        return value === undefined || /^(?:[0-9a-fA-F]{2})+;encoding=hex$/.test(value);
      }),
      { numRuns: 20_000 },
    );
  });
});
