import fc from 'fast-check';
import { parse } from 'sdp-transform';
import { describe, expect, it } from 'vitest';
import {
  answerDirections,
  checkSdp,
  inactive,
  present,
  sameBody,
  transportKey,
  type LocalSdp,
} from './sdp.js';

const sdp = (o: Partial<{ port: number; address: string; media: string[]; origin: string }> = {}): string =>
  [
    'v=0',
    `o=${o.origin ?? 'alice 1 1 IN IP4 10.0.0.1'}`,
    's=a name',
    `c=IN IP4 ${o.address ?? '127.0.0.1'}`,
    't=0 0',
    ...(o.media ?? [
      `m=audio ${o.port ?? 4000} RTP/AVP 0 101`,
      'a=rtpmap:101 telephone-event/8000',
      'a=sendrecv',
    ]),
    '',
  ].join('\r\n');

const fresh: LocalSdp = { sessionId: 7, version: 1, host: '127.0.0.9', body: null };

describe('checkSdp', () => {
  it('accepts a plain body, with CRLF and with bare LF', () => {
    expect(checkSdp(sdp())).toBeNull();
    expect(checkSdp(sdp().replaceAll('\r\n', '\n'))).toBeNull();
  });

  it.each([
    ['', 'v=0'],
    ['v=0\r\n', 'o='],
    ['v=0\r\no=x\r\nm=audio 1 RTP/AVP 0\r\n', 'o='],
    ['v=0\r\no=x 1 1 IN IP4 1.1.1.1\r\n', 'no m='],
    ['v=0\r\no=x 1 1 IN IP4 1.1.1.1\r\nm=audio 4000 RTP/AVP 0\r\n', 'c='],
    [sdp({ media: ['m=audio 99999 RTP/AVP 0'] }), 'malformed m='],
    [sdp({ media: ['m=audio x RTP/AVP 0'] }), 'malformed m='],
    [`${sdp()}a=${'x'.repeat(9000)}\r\n`, 'too large'],
  ])('refuses %j', (body, why) => {
    expect(checkSdp(body)).toContain(why);
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (s) => void checkSdp(`v=0${s}`)));
  });
});

describe('present', () => {
  it('gives every leg one o= identity and raises the version with each change only', () => {
    const one = present(fresh, sdp(), null, false);
    expect(parse(one.body ?? '').origin).toMatchObject({
      username: '-',
      sessionId: 7,
      sessionVersion: 1,
      address: '127.0.0.9',
    });
    const again = present(one, sdp({ origin: 'bob 9 9 IN IP4 10.9.9.9' }), one.body, false);
    expect(again).toBe(one);
    const moved = present(one, sdp({ port: 5000 }), one.body, false);
    expect(parse(moved.body ?? '').origin).toMatchObject({ sessionId: 7, sessionVersion: 2 });
    expect(parse(moved.body ?? '').media[0]?.port).toBe(5000);
  });

  it('hides the other party: no o= address and no session name of theirs', () => {
    const text = present(fresh, sdp(), null, false).body ?? '';
    expect(text).not.toContain('10.0.0.1');
    expect(text).not.toContain('a name');
  });

  it('keeps the number and order of streams a leg already has', () => {
    const two = sdp({ media: ['m=video 6000 RTP/AVP 96', 'm=audio 4000 RTP/AVP 0'] });
    const one = present(fresh, two, null, false);
    const next = present(one, sdp({ port: 4444 }), one.body, false);
    expect(parse(next.body ?? '').media.map((m) => [m.type, m.port])).toEqual([
      ['video', 0],
      ['audio', 4444],
    ]);
  });

  it('an answer has exactly the streams of the offer', () => {
    const offer = sdp();
    const partner = sdp({ media: ['m=audio 4000 RTP/AVP 0', 'm=video 6000 RTP/AVP 96'] });
    expect(parse(present(fresh, partner, offer, true).body ?? '').media).toHaveLength(1);
    expect(parse(present(fresh, partner, offer, false).body ?? '').media).toHaveLength(2);
  });

  it('keeps lines it does not know, byte for byte', () => {
    const odd = sdp({ media: ['m=audio 4000 RTP/AVP 0', 'a=X-vendor:  two  spaces', 'k=prompt'] });
    expect(present(fresh, odd, null, false).body).toContain('a=X-vendor:  two  spaces\r\nk=prompt');
  });
});

describe('comparisons', () => {
  it('a refresh differs in o= alone', () => {
    expect(sameBody(sdp(), sdp({ origin: 'alice 1 2 IN IP4 10.0.0.1' }))).toBe(true);
    expect(sameBody(sdp(), sdp({ port: 4002 }))).toBe(false);
  });

  it('transportKey follows address, port, profile and keys, not codecs or direction', () => {
    const base = transportKey(sdp());
    expect(transportKey(sdp({ media: ['m=audio 4000 RTP/AVP 8', 'a=sendonly'] }))).toBe(base);
    expect(transportKey(sdp({ port: 4002 }))).not.toBe(base);
    expect(transportKey(sdp({ address: '127.0.0.2' }))).not.toBe(base);
    expect(transportKey(sdp({ media: ['m=audio 4000 RTP/SAVP 0', 'a=crypto:1 x'] }))).not.toBe(base);
  });
});

describe('directions', () => {
  it('inactive silences every stream', () => {
    expect(parse(inactive(sdp())).media[0]?.direction).toBe('inactive');
  });

  it.each([
    ['sendonly', 'recvonly'],
    ['recvonly', 'sendonly'],
    ['inactive', 'inactive'],
    ['sendrecv', 'sendrecv'],
  ])('an offer of %s is answered %s', (offered, answered) => {
    const offer = sdp({ media: ['m=audio 1 RTP/AVP 0', `a=${offered}`] });
    expect(parse(answerDirections(sdp(), offer)).media[0]?.direction).toBe(answered);
  });
});
