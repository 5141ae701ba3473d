import { describe, expect, it } from 'vitest';
import { answerable, authorization, splitOutsideQuotes, type Challenge } from './trunk-digest.js';

const found = (...lines: string[]) => answerable(lines);

describe('challenges', () => {
  it('reads quoted commas, escaped quotes and any case', () => {
    expect(
      found('DIGEST  realm="a, \\"b\\"" ,NONCE="n,1",qop="auth-int, AUTH" , opaque="", stale=TRUE'),
    ).toEqual({
      realm: 'a, \\"b\\"',
      nonce: 'n,1',
      opaque: '',
      algorithm: 'MD5',
      session: false,
      qop: 'auth',
      stale: true,
    });
  });

  it('takes the first it can answer, of several lines or of one (RFC 8760)', () => {
    const line =
      'Digest realm="r", nonce="1", algorithm=SHA-512-256, Digest realm="r", nonce="2", algorithm=SHA-256-sess';
    expect(found('Basic realm="x"', line)).toMatchObject({ nonce: '2', algorithm: 'SHA-256', session: true });
    expect(
      found('Digest realm="r", nonce="2", algorithm=sha-256', 'Digest realm="r", nonce="3"'),
    ).toMatchObject({ nonce: '2', qop: null });
  });

  it.each([
    'Basic realm="r", nonce="n"',
    'Digest realm="r"',
    'Digest nonce="n"',
    'Digest realm="r", nonce="n", qop="auth-int"',
    'Digest realm="r", nonce="n", algorithm=AKAv1-MD5',
    'Digest realm="r\nX-Evil: 1", nonce="n"',
    'Digest realm="r", nonce="n", opaque="\r\nX-Evil: 1"',
    '',
    '=,=,"',
  ])('cannot answer %s', (line) => {
    expect(found(line)).toBeUndefined();
  });

  it('is linear on hostile input', () => {
    const started = performance.now();
    for (const text of ['"', '\\', ',', 'Digest a=', '<', '=']) found(`Digest ${text.repeat(65_536)}`);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('splits a Contact list at its own commas only', () => {
    expect(splitOutsideQuotes('"a, b" <sip:x,y@h>;q=1, <sip:z@h>')).toEqual([
      '"a, b" <sip:x,y@h>;q=1',
      ' <sip:z@h>',
    ]);
  });
});

describe('answers', () => {
  // RFC 7616 3.9.1, both algorithms.
  const challenge: Challenge = {
    realm: 'http-auth@example.org',
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    opaque: 'FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS',
    algorithm: 'MD5',
    session: false,
    qop: 'auth',
    stale: false,
  };
  const use = {
    method: 'GET',
    uri: '/dir/index.html',
    count: 1,
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  };
  const mufasa = { username: 'Mufasa', password: 'Circle of Life' };
  const responseOf = (header: string) => /response="([^"]*)"/.exec(header)?.[1];

  it.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ] as const)('%s as in RFC 7616', (algorithm, response) => {
    const header = authorization({ ...challenge, algorithm }, mufasa, use);
    expect(responseOf(header)).toBe(response);
    expect(header).toContain(`algorithm=${algorithm}, opaque="${challenge.opaque}", cnonce="${use.cnonce}"`);
    expect(header).toContain('qop=auth, nc=00000001');
  });

  it('as in RFC 2617 3.5', () => {
    const old = {
      ...challenge,
      realm: 'testrealm@host.com',
      nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
    };
    const header = authorization(
      old,
      { username: 'Mufasa', password: 'Circle Of Life' },
      { ...use, cnonce: '0a4f113b' },
    );
    expect(responseOf(header)).toBe('6629fae49393a05397450978507c4ef1');
  });

  it('without qop neither cnonce nor nc leaves (RFC 2069)', () => {
    const header = authorization({ ...challenge, qop: null }, mufasa, use);
    expect(header).not.toMatch(/cnonce|nc=|qop/);
  });

  it('the count is hexadecimal, and a quote in the user name stays inside', () => {
    const header = authorization(challenge, { username: 'a"b\\', password: 'x' }, { ...use, count: 26 });
    expect(header).toContain('nc=0000001a');
    expect(header).toContain('username="a\\"b\\\\"');
  });
});
