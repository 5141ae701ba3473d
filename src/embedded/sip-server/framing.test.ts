import { describe, expect, it } from 'vitest';
import { FrameReader } from './frame-reader.js';
import { DEFAULT_LIMITS } from './options.js';
import { Scanner } from './scanner.js';
import { StreamFramer } from './stream-framer.js';
import { timeOfDay } from './wire.js';

describe('application frames', () => {
  const read = (chunks: readonly string[], trusted = true) => {
    const frames: string[] = [];
    const reader = new FrameReader(99_999, (text, from, to) => frames.push(text.slice(from, to)));
    reader.trusted = trusted;
    const ok = chunks.every((c) => reader.push(c));
    return { frames, ok };
  };

  it('come out whole, split at every byte and coalesced', () => {
    const stream = '5#hello12#1|x|\r\nM\r\n\r\nb1##';
    const whole = ['hello', '1|x|\r\nM\r\n\r\nb', '#'];
    expect(read([stream]).frames).toEqual(whole);
    expect(read(Array.from(stream)).frames).toEqual(whole);
    for (let i = 1; i < stream.length; i++)
      expect(read([stream.slice(0, i), stream.slice(i)]).frames).toEqual(whole);
  });

  it.each(['#x', 'a#b', '0#', '01#a', '123456#', '-1#', '5 #hello', '\0'])('close on %j', (text) => {
    expect(read([text]).ok).toBe(false);
  });

  it('are short until the application has authenticated', () => {
    expect(read(['5000#'], false).ok).toBe(false);
    expect(read(['5000#'], true).ok).toBe(true);
  });

  it('carry a time of day', () => {
    expect(timeOfDay(Date.UTC(2026, 0, 1, 3, 4, 5, 6))).toBe('03:04:05.006000');
    expect(timeOfDay(Date.UTC(2026, 0, 1, 23, 59, 59, 999))).toBe('23:59:59.999000');
  });
});

describe('SIP on a stream', () => {
  const message = (body: string): string =>
    `OPTIONS sip:a SIP/2.0\r\nVia: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const read = (chunks: readonly string[]): string[] => {
    const framer = new StreamFramer(new Scanner(DEFAULT_LIMITS), DEFAULT_LIMITS);
    const got: string[] = [];
    for (const c of chunks) {
      framer.push(Buffer.from(c, 'latin1'));
      for (;;) {
        const next = framer.next();
        if (next === 'more') break;
        got.push(typeof next === 'string' ? next : next.defectStatus === 413 ? '413' : next.body);
        if (next === 'broken' || got.at(-1) === '413') return got;
      }
    }
    return got;
  };

  it('is cut by Content-Length wherever the chunks end', () => {
    const stream = `\r\n${message('one\r\n\r\n')}${message('')}\r\n\r\n${message('two')}`;
    const whole = ['one\r\n\r\n', '', 'ping', 'two'];
    expect(read([stream])).toEqual(whole);
    expect(read(Array.from(stream))).toEqual(whole);
    for (let i = 1; i < stream.length; i++)
      expect(read([stream.slice(0, i), stream.slice(i)])).toEqual(whole);
  });

  it('refuses a body that is too large before it arrives', () => {
    expect(read([message('x').replace(': 1', ': 1000000')])).toEqual(['413']);
  });

  it.each([
    '\0'.repeat(100),
    'x'.repeat(40_000),
    `${'x'.repeat(40_000)}\r\n\r\n`,
    message('').replace(': 0', ': y'),
  ])('gives up on garbage', (text) => {
    expect(
      read([text])
        .filter((t) => t !== 'more')
        .every((t) => t === 'broken'),
    ).toBe(true);
  });
});
