import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatSipUri,
  parseSipUri,
  parseSipUriOrAddress,
  userOf,
  withUser,
  withoutHeaders,
} from './sip-uri.js';
import { formatTelUri, parseTelUri } from './tel-uri.js';
import { uriParameter } from './uri-parameters.js';

const parsed = (text: string) => {
  const uri = parseSipUri(text);
  if (uri === undefined) throw new Error(`refused: ${text}`);
  return uri;
};

describe('SIP URIs', () => {
  it.each([
    'sip:127.0.0.1',
    'sip:127.0.0.1:5080',
    'sips:bob@example.com',
    'sip:bob@[2001:db8::1]:5061;transport=tcp',
    'sip:+16123456789@example.com;user=phone',
    'sip:a%20b&c=d+e$f,g;h?i/j@example.com;lr;maddr=10.0.0.1',
    'sip:user;par=u%40example.net@example.com',
    'sip:bob@example.com?Replaces=abc%40host%3Bto-tag%3D1%3Bfrom-tag%3D2&X-Id=7',
    'sip:null-%00-null@example.com',
  ])('reads and writes %s', (text) => expect(formatSipUri(parsed(text))).toBe(text));

  it.each([
    '',
    'sip:',
    'sip:@example.com',
    'http://example.com',
    'bob@example.com',
    'sip:bob:secret@example.com',
    'sip:bob@exa mple.com',
    'sip:bob@example.com:',
    'sip:bob@example.com:0',
    'sip:bob@example.com:65536',
    'sip:bob@example.com:5060x',
    'sip:bob@1.2.3',
    'sip:bob@256.0.0.1',
    'sip:bob@-a.com',
    'sip:bob@a..com',
    'sip:bob@[::1',
    'sip:bob@[::g]',
    'sip:bob@example.com;',
    'sip:bob@example.com;lr;LR',
    'sip:bob@example.com;=x',
    'sip:bob@example.com;a=',
    'sip:bob@example.com?',
    'sip:bob@example.com?X=<a>',
    'sip:a@b@c.com',
    'sip:b%zzb@example.com',
    'sip:b%4',
    'sip:böb@example.com',
    'sip:bob@example.com\r\nVia: x',
    `sip:${'a'.repeat(2100)}@example.com`,
  ])('refuses %j', (text) => expect(parseSipUri(text)).toBeUndefined());

  it('has no case in scheme, host and parameter names, and keeps the case of the user', () => {
    const uri = parsed('SIP:Bob@EXAMPLE.com;Transport=TCP');
    expect(formatSipUri(uri)).toBe('sip:Bob@example.com;Transport=TCP');
    expect(uriParameter(uri.parameters, 'transport')).toBe('TCP');
    expect(uriParameter(uri.parameters, 'lr')).toBeUndefined();
  });

  it('takes an address without a scheme where asked to', () => {
    expect(parseSipUriOrAddress('16123456789@sip.voximplant.com')?.host).toBe('sip.voximplant.com');
    expect(parseSipUriOrAddress('sips:a@b.com')?.scheme).toBe('sips');
    expect(parseSipUriOrAddress('b.com')).toBeUndefined();
    expect(parseSipUriOrAddress('tel:1@b.com')).toBeUndefined();
  });

  it('decodes the user, and refuses one that hides a line end', () => {
    expect(userOf(parsed('sip:J%C3%BCrgen%20K@example.com'))).toBe('Jürgen K');
    expect(userOf(parsed('sip:x%0d%0aVia@example.com'))).toBeUndefined();
    expect(userOf(parsed('sip:x%ff@example.com'))).toBeUndefined();
    expect(userOf(parsed('sip:example.com'))).toBeUndefined();
  });

  it('changes the user and drops embedded headers', () => {
    const proxy = parsed('sip:127.0.0.1:5080;transport=tcp');
    expect(withUser(proxy, 'a b@c')).toMatchObject({ user: 'a%20b%40c', port: 5080 });
    expect(withUser(proxy, '')).toBeUndefined();
    expect(withUser(proxy, 'a\r\nb')).toBeUndefined();
    expect(formatSipUri(withoutHeaders(parsed('sip:a@b.com?X=1')))).toBe('sip:a@b.com');
  });

  it('any user survives writing, reading and decoding', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), (user) => {
        const uri = withUser(parsed('sip:example.com'), user);
        if (uri !== undefined) expect(userOf(parsed(formatSipUri(uri)))).toBe(user);
        else expect(user).toMatch(/[\u0000-\u001f\u007f]/);
      }),
    );
  });

  it('what it accepts, it accepts again unchanged', () => {
    const piece = fc.constantFrom(
      'sip:',
      'a',
      '@',
      'b.com',
      ':',
      '5060',
      ';',
      'lr',
      '=',
      '?',
      '[::1]',
      '%41',
      '%',
      '127.0.0.1',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const uri = parseSipUri(`sip:${pieces.join('')}`);
        if (uri !== undefined) expect(parseSipUri(formatSipUri(uri))).toEqual(uri);
      }),
      { numRuns: 5000 },
    );
  });

  it('looks at 64 KB of anything in no time', () => {
    const hostile = ['a', ';', ':', '%41', '[', '.', '?', '@', '-'].map(
      (unit) => `sip:${unit.repeat(65_536)}`,
    );
    const started = performance.now();
    for (const text of hostile) parseSipUri(text);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('tel URIs', () => {
  it.each([
    ['tel:+1-612-345-6789', 'tel:+16123456789'],
    ['TEL:7042;phone-context=example.com', 'tel:7042;phone-context=example.com'],
    ['tel:(612)345', 'tel:612345'],
    ['tel:*72#', 'tel:*72#'],
  ])('reads %s', (text, written) => {
    const uri = parseTelUri(text);
    expect(uri && formatTelUri(uri)).toBe(written);
  });

  it.each([
    '',
    'tel:',
    'tel:+',
    'tel:+1x',
    'tel:12 34',
    'tel:1;',
    'tel:1;a;a',
    'sip:1',
    `tel:${'1'.repeat(600)}`,
  ])('refuses %j', (text) => expect(parseTelUri(text)).toBeUndefined());
});
