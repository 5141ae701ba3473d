import { describe, expect, it } from 'vitest';
import { quoteDisplayName } from './display-name.js';
import { parseCustomHeaders, parseHeaderName, parseHeaderValue } from './headers.js';
import { isReservedHeader } from './reserved-headers.js';

const problems = (...entries: [string, string][]) => {
  const checked = parseCustomHeaders(entries);
  return checked.ok ? [] : checked.problems;
};

describe('custom headers', () => {
  it('keeps names, case, values and order', () => {
    const entries: [string, string][] = [
      ['callReason', 'support'],
      ['X-Ümlaut'.replace('Ü', 'U'), 'ü\tß'],
      ['X-Empty', ''],
    ];
    expect(parseCustomHeaders(entries)).toEqual({ ok: true, headers: entries });
  });

  it.each(['', 'a b', 'a:b', 'ä', 'a\r\nb', 'a`b', 'a'.repeat(65), '(x)'])('refuses the name %j', (name) =>
    expect(parseHeaderName(name)).toBeUndefined(),
  );

  it.each(['a\rb', 'a\nb', 'a\0b', 'a\x1bb', '\x7f', '\ud800', 'x'.repeat(1025), 'ü'.repeat(513)])(
    'refuses the value %j',
    (value) => expect(parseHeaderValue(value)).toBeUndefined(),
  );

  it('measures bytes, not characters', () => {
    expect(parseHeaderValue('ü'.repeat(512))).toBeDefined();
    expect(parseHeaderValue('x'.repeat(1024))).toBeDefined();
  });

  it.each([
    'Via',
    'ROUTE',
    'record-route',
    'From',
    't',
    'Call-ID',
    'i',
    'CSeq',
    'm',
    'Content-Type',
    'content-anything',
  ])('reserves %s', (name) => expect(isReservedHeader(name)).toBe(true));
  it.each([
    'Authorization',
    'P-Asserted-Identity',
    'Identity',
    'Privacy',
    'Diversion',
    'Refer-To',
    'Referred-By',
    'Replaces',
    'Join',
  ])('reserves %s', (name) => expect(isReservedHeader(name)).toBe(true));
  it.each(['X-Via', 'callReason', 'User-to-User', 'Subject', 'contents'])('leaves %s to the user', (name) =>
    expect(isReservedHeader(name)).toBe(false),
  );

  it('names every mistake at once', () => {
    const found = problems(['To', 'x'], ['X-A', '1'], ['x-a', '2'], ['b c', 'y'], ['X-V', 'a\nb']);
    expect(found.map((p) => p.name)).toEqual(['To', 'x-a', 'b c', 'X-V']);
    expect(found.map((p) => p.message).join()).toMatch(/reserved.*twice.*not a header name.*control/);
  });

  it('shows a refused name on one line', () => {
    expect(problems([`a\r\nb${'c'.repeat(100)}`, 'x'])[0]?.name).toMatch(/^a\?\?bc+\.\.\.$/);
  });

  it('takes 32 headers and refuses 33', () => {
    const many = (n: number) => Array.from({ length: n }, (_, i): [string, string] => [`X-${i}`, 'v']);
    expect(problems(...many(32))).toEqual([]);
    expect(problems(...many(33))[0]?.message).toContain('33 headers');
  });
});

describe('display names', () => {
  it('are quoted, quotes and backslashes escaped', () => {
    expect(quoteDisplayName(' Bob "the\\ Bot" ')).toBe(String.raw`"Bob \"the\\ Bot\""`);
  });
  it.each(['', '  ', 'a\r\nb', 'a\0', '\ud800', 'x'.repeat(129)])('refuses %j', (text) =>
    expect(quoteDisplayName(text)).toBeUndefined(),
  );
});
