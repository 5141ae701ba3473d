import { describe, expect, it } from 'vitest';
import { customHeaders, firstHeader, rawHeaders } from './raw-headers.js';

const RAW = [
  'INVITE sip:x@h SIP/2.0',
  'f: <sip:a@h>;tag=1',
  'X-One : 1',
  'x-two:2',
  'Subject: long',
  ' and folded',
  '\tagain',
  'no colon here',
  ': no name',
  'Via: one',
  'Via: two',
  'X-Empty:',
  '',
  'X-Body: no',
].join('\r\n');

describe('raw header lines', () => {
  it('come in order, folded lines joined, nothing of the body', () => {
    expect(rawHeaders(RAW)).toEqual([
      ['f', '<sip:a@h>;tag=1'],
      ['X-One', '1'],
      ['x-two', '2'],
      ['Subject', 'long and folded again'],
      ['Via', 'one'],
      ['Via', 'two'],
      ['X-Empty', ''],
    ]);
  });

  it('are found by long name, compact or not, the first of several', () => {
    const lines = rawHeaders(RAW);
    expect(firstHeader(lines, 'from')).toBe('<sip:a@h>;tag=1');
    expect(firstHeader(lines, 'via')).toBe('one');
    expect(firstHeader(lines, 'to')).toBeUndefined();
    expect(customHeaders(lines).map(([name]) => name)).toEqual(['X-One', 'x-two', 'X-Empty']);
  });

  it.each(['', 'INVITE', 'INVITE sip:x@h SIP/2.0\r\n', 'INVITE x\r\n\r\nbody', 'a\r\nb'])(
    'nothing in %j',
    (raw) => {
      expect(rawHeaders(raw)).toEqual([]);
    },
  );

  it('takes 64 KiB of the worst kind in a few milliseconds', () => {
    for (const unit of ['\r\n ', '\r\nx', '\r\n:', ':', ' ', '\r\nx:', '\r']) {
      expect(fastest(() => rawHeaders(`INVITE x\r\nA: b${unit.repeat(65_536 / unit.length)}`))).toBeLessThan(
        50,
      );
    }
  });
});

/** The best of a few runs: a busy machine may take any one of them away. */
function fastest(work: () => unknown): number {
  let best = Infinity;
  for (let i = 0; i < 5; i++) {
    const start = performance.now();
    work();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}
