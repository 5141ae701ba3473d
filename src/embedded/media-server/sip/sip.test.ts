import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digitOfInfo } from '../channel/info-digit.js';
import { readCall } from './call-request.js';
import { header, headersOf, parseSip, splitList, tagOf, uriOf } from './message.js';
import { responseTo } from './response.js';
import { StreamBroken, StreamCutter } from './stream-cutter.js';
import type { Flow } from './transport.js';

const invite = (extra = ''): string =>
  'INVITE sip:drachtio@127.0.0.1:5070 SIP/2.0\r\n' +
  'v: SIP/2.0/UDP 10.0.0.9:5060;rport;branch=z9hG4bK1, SIP/2.0/UDP 10.0.0.8;branch=z9hG4bK0\r\n' +
  'f: "A, B" <sip:a@x>;tag=1\r\nTo: <sip:b@y;tag=no>\r\ni: c1\r\nCSeq: 1 INVITE\r\n' +
  `${extra}l: 0\r\n\r\n`;

const parsed = (text: string) => {
  const message = parseSip(text);
  if (message === null) throw new Error('not SIP');
  return message;
};

describe('SIP messages', () => {
  it('compact names, lists, folded lines', () => {
    const message = parsed(invite('Record-Route: <sip:p1;lr>,\r\n <sip:p2;lr>\r\n'));
    expect(headersOf(message, 'via')).toHaveLength(2);
    expect(headersOf(message, 'record-route')).toEqual(['<sip:p1;lr>', '<sip:p2;lr>']);
    expect(tagOf(header(message, 'from'))).toBe('1');
    expect(tagOf(header(message, 'to'))).toBe('');
    expect(uriOf(header(message, 'from'))).toBe('sip:a@x');
  });

  it('commas within quotes and brackets do not separate', () => {
    expect(splitList('"a, b" <sip:x,y>, <sip:z>')).toEqual(['"a, b" <sip:x,y>', '<sip:z>']);
  });

  it.each(['', 'hello', invite().replace('CSeq', 'XSeq'), invite().replace('SIP/2.0\r', 'SIP/3.0\r')])(
    'not SIP: %j',
    (text) => {
      expect(parseSip(text)).toBeNull();
    },
  );

  it('noise never throws', () => {
    fc.assert(fc.property(fc.string(), (noise) => void parseSip(`${noise}\r\n\r\n`)));
  });

  it('a response goes back with the source in its top Via and our tag', () => {
    const flow: Flow = { reliable: false, host: '10.0.0.7', port: 5999, send: () => undefined };
    const response = parsed(
      responseTo(parsed(invite()), flow, 200, 'OK', { toTag: 'mine', body: 'v=0\r\n' }),
    );
    expect(headersOf(response, 'via')[0]).toContain(';rport=5999;received=10.0.0.7');
    expect(headersOf(response, 'via')[1]).not.toContain('received');
    expect(tagOf(header(response, 'to'))).toBe('mine');
    expect(response.body).toBe('v=0\r\n');
  });
});

describe('SIP over TCP', () => {
  const two = `\r\n\r\n${invite().replace('l: 0', 'l: 3')}abc${invite()}`;

  it('cut anywhere, the same messages come out', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(two.length), { maxLength: 10 }), (cuts) => {
        const points = [0, ...cuts.sort((a, b) => a - b), two.length];
        const cutter = new StreamCutter();
        const messages = points
          .slice(1)
          .flatMap((to, i) => cutter.push(Buffer.from(two.slice(points[i], to))));
        expect(messages.map((m) => parsed(m).body)).toEqual(['abc', '']);
      }),
    );
  });

  it.each([invite().replace('l: 0', 'X: 0'), invite().replace('l: 0', 'l: 999999'), 'x'.repeat(70_000)])(
    'a stream that cannot be followed is given up: %#',
    (text) => {
      expect(() => new StreamCutter().push(Buffer.from(text))).toThrow(StreamBroken);
    },
  );
});

describe('calls of drachtio-fsmrf', () => {
  const call = 'User-Agent: drachtio-fsmrf:u-1\r\nX-esl-outbound: 127.0.0.1:4000\r\nX-call-name: n\r\n';

  it('name their application and bring their headers as variables', () => {
    const request = readCall(parsed(invite(call)));
    expect(request?.application).toEqual({ host: '127.0.0.1', port: 4000 });
    expect(request?.offered).toBe(false);
    expect(request?.variables.get('sip_user_agent')).toBe('drachtio-fsmrf:u-1');
    expect(request?.variables.get('sip_h_X-Call-Name')).toBe('n');
    expect(request?.variables.get('playback_terminators')).toBe('none');
  });

  it.each(['', call.replace('drachtio-fsmrf', 'other'), call.replace('127.0.0.1:4000', 'nowhere')])(
    'others are none: %j',
    (headers) => {
      expect(readCall(parsed(invite(headers)))).toBeNull();
    },
  );
});

describe('digits in INFO', () => {
  it.each([
    ['application/dtmf-relay', 'Signal=5\r\nDuration=160\r\n', ['5', 1280]],
    ['application/dtmf-relay', 'Signal= *\r\n', ['*', 800]],
    ['application/dtmf; x=y', 'a', ['A', 800]],
  ])('%s %j', (type, body, wanted) => {
    const digit = digitOfInfo(type, body);
    expect([digit?.digit, digit?.samples]).toEqual(wanted);
  });

  it.each([
    ['text/plain', 'Signal=5'],
    ['application/dtmf-relay', 'Signal=x'],
    ['application/dtmf', '12'],
  ])('none in %s %j', (type, body) => {
    expect(digitOfInfo(type, body)).toBeNull();
  });
});
