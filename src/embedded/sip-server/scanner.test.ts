import { describe, expect, it } from 'vitest';
import { parseCSeq } from './cseq.js';
import { H } from './header-names.js';
import { headerParam, splitList, tagOf, uriOf, withTag } from './name-addr.js';
import { DEFAULT_LIMITS } from './options.js';
import { Scanner } from './scanner.js';
import { parseSipUri } from './sip-uri.js';
import { parseVia } from './via.js';

const scanner = new Scanner(DEFAULT_LIMITS);
const scan = (text: string) => scanner.scan(text, 0, text.length);
const message = (headers: string, body = ''): string => `OPTIONS sip:a@b SIP/2.0\r\n${headers}\r\n${body}`;

describe('scanner', () => {
  it('finds known headers in any case and in compact form', () => {
    const m = scan(
      message(
        'v: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFROM: <sip:a@b>;tag=1\r\ni: c\r\nr: <sip:x@y>\r\nx-Own: V\r\n',
      ),
    );
    expect(m?.value(H.Via)).toBe('SIP/2.0/UDP h;branch=z9hG4bK1');
    expect(m?.fromTag).toBe('1');
    expect(m?.callId).toBe('c');
    const names = [];
    for (let f = m?.first ?? null; f !== null; f = f.next) names.push(m?.nameOf(f));
    expect(names).toEqual(['Via', 'From', 'Call-ID', 'Refer-To', 'x-Own']);
  });

  it('unfolds once, as one space', () => {
    const m = scan(
      message('Subject: one\r\n\t two\r\n  three\r\nTo :\r\n <sip:a@b>;\r\n tag = 7\r\n', 'body\r\n line'),
    );
    expect(m?.defect).toBe('');
    expect(m?.raw).not.toContain('\r\n\t');
    expect(m?.value(H.To)).toBe('<sip:a@b>; tag = 7');
    expect(m?.toTag).toBe('7');
  });

  it('cuts the body at Content-Length and refuses a short one', () => {
    expect(scan(message('Content-Length: 3\r\n', 'abcdef'))?.body).toBe('abc');
    expect(scan(message('Content-Length: 9\r\n', 'abc'))?.defect).toContain('Shorter');
    expect(scan(message('Content-Length: -1\r\n'))?.defect).toBe('Bad Content-Length');
    expect(scan(message('l: 3\r\nContent-Length: 4\r\n', 'abcd'))?.defect).toBe('Bad Content-Length');
    expect(scan(message('', 'all of it'))?.body).toBe('all of it');
  });

  it.each([
    ['a bare LF', 'X: a\nY: b\r\n'],
    ['a bare CR', 'X: a\rb\r\n'],
    ['NUL', 'X: a\0b\r\n'],
    ['a name that is no token', 'X Y: a\r\n'],
    ['a line without colon', 'nonsense\r\n'],
    ['60 KB of blanks', `Via: SIP/2.0/UDP ${' '.repeat(60_000)}h\r\n`],
    ['60 KB of folds', `Via: SIP/2.0/UDP${'\r\n '.repeat(20_000)}h\r\n`],
    ['10,000 parameters', `To: <sip:a@b>${';p=v'.repeat(10_000)}\r\n`],
    ['9,000 headers', 'X: y\r\n'.repeat(9000)],
  ])('marks %s', (_name, headers) => {
    const before = performance.now();
    expect(scan(message(headers))?.defect).not.toBe('');
    expect(performance.now() - before).toBeLessThan(500);
  });

  it('drops badly named headers of an application instead', () => {
    const lenient = new Scanner({ ...DEFAULT_LIMITS, skipBadNames: true });
    const text = message('X Y: a\r\nOk: 1\r\nn@me: 2\r\n');
    const m = lenient.scan(text, 0, text.length);
    expect(m?.defect).toBe('');
    expect(lenient.skipped).toBe(2);
    expect(m?.first?.next).toBeNull();
  });

  it.each([
    '',
    '\0'.repeat(100),
    '\r\n\r\n',
    'GET / HTTP/1.1\r\n\r\n',
    'SIP/2.0 99 Low\r\n\r\n',
    'SIP/2.0 2x0 OK\r\n\r\n',
    'A',
  ])('is not SIP: %j', (text) => {
    expect(scan(text)).toBeNull();
  });

  it.each([
    'OPTIONS  sip:a SIP/2.0',
    'OPTIONS sip:a  SIP/2.0',
    'OPTIONS <sip:a> SIP/2.0',
    'OPTIONS sip:a b SIP/2.0',
  ])('bad request line: %s', (line) => {
    expect(scan(`${line}\r\n\r\n`)?.defect).not.toBe('');
  });

  it('other versions are answered 505', () => {
    expect(scan('OPTIONS sip:a SIP/7.0\r\n\r\n')?.defectStatus).toBe(505);
  });
});

describe('header values', () => {
  it('reads tags, URIs and parameters past quotes and brackets', () => {
    const value = '"a;tag=x <\\"," <sip:u;tag=no@h;tag=no>;x=1 ; TAG=yes;y';
    expect(tagOf(value)).toBe('yes');
    expect(uriOf(value)).toBe('sip:u;tag=no@h;tag=no');
    expect(tagOf('sip:a@b;tag=1')).toBe('1');
    expect(uriOf('sip:a@b;tag=1')).toBe('sip:a@b');
    expect(headerParam('1800;refresher=uas', 'refresher')).toBe('uas');
  });

  it('adds a tag outside of the URI', () => {
    expect(withTag('sip:a@b', 't')).toBe('<sip:a@b>;tag=t');
    expect(withTag('<sip:a@b>;x', 't')).toBe('<sip:a@b>;x;tag=t');
    expect(withTag('<sip:a@b>;tag=o', 't')).toBe('<sip:a@b>;tag=o');
  });

  it('splits lists only between entries', () => {
    expect(splitList('"a,b" <sip:x,y@h>, <sip:z>,')).toEqual(['"a,b" <sip:x,y@h>', '<sip:z>']);
  });

  it('reads Via in the forms of RFC 4475', () => {
    const via = parseVia(
      'SIP  / 2.0 / UDP   [2001:db8::1] : 5070 ; branch = z9hG4bKx ;rport , SIP/2.0/UDP other',
    );
    expect(via).toMatchObject({ host: '2001:db8::1', port: 5070, branch: 'z9hG4bKx', rport: '' });
    for (const bad of [
      '',
      'SIP/2.0',
      'SIP/2.0/UDP',
      'SIP/2.0/UDP :5',
      'SIP/2.0/UDP h:99999',
      'SIP/2.0/UDP [::1',
    ]) {
      expect(parseVia(bad)).toBeUndefined();
    }
  });

  it('reads URIs with odd users, IPv6 and parameters', () => {
    expect(parseSipUri('sip:a;b?c@h:1;transport=TCP;lr')).toMatchObject({
      host: 'h',
      port: 1,
      transport: 'tcp',
      loose: true,
    });
    expect(parseSipUri('sip:[::1]')).toMatchObject({ host: '::1', port: -1 });
    expect(parseSipUri('SIPS:h')?.secure).toBe(true);
    for (const bad of ['tel:+1', 'sip:', 'sip:a@', 'sip:h:x', 'sip:[::1', 'http://x'])
      expect(parseSipUri(bad)).toBeUndefined();
  });

  it('reads CSeq up to 2**31', () => {
    expect(parseCSeq('2147483647  INVITE')).toEqual({ number: 2_147_483_647, method: 'INVITE' });
    for (const bad of ['', '1', '1INVITE', 'x INVITE', '2147483648 INVITE', '1 IN VITE'])
      expect(parseCSeq(bad).number).toBe(-1);
  });
});
