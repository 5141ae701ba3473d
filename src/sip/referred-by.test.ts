import { describe, expect, it } from 'vitest';
import { MAX_POST_DIAL, parsePostDial } from './post-dial.js';
import { formatReferredBy, parseReferredBy } from './referred-by.js';

describe('Referred-By (RFC 3892)', () => {
  it.each([
    ['<sip:bob@h>', '<sip:bob@h>'],
    ['sip:bob@h;cid="1@h"', '<sip:bob@h>'],
    ['"Bob \\"B\\"" <sip:bob@h?X=1>;cid=a', '"Bob \\"B\\"" <sip:bob@h>'],
    ['Bob <tel:+1-612>', '"Bob" <tel:+1612>'],
    [`"${'x'.repeat(200)}" <sips:bob@h>`, '<sips:bob@h>'],
    ['"a\nb" <sip:bob@h>', '<sip:bob@h>'],
  ])('%s', (text, written) => expect(formatReferredBy(parseReferredBy(text)!)).toBe(written));

  it.each(['', 'bob', '<http://h>', '<sip:a:b@h>', '<sip:bob@h\r\nVia: x>'])('nobody in %j', (text) =>
    expect(parseReferredBy(text)).toBeUndefined(),
  );

  it('refuses what is longer than any header', () => {
    expect(parseReferredBy(`"${'b'.repeat(4096)}" <sip:bob@h>`)).toBeUndefined();
  });

  it('reads 64 KiB of the worst kind, and 4 KiB of it, in a few milliseconds', () => {
    for (const unit of ['"', '\\', '<', ';cid=', '%', 'a']) {
      const text = `<sip:a@h>;cid="${unit.repeat(65_536 / unit.length)}`;
      expect(fastest(() => parseReferredBy(text))).toBeLessThan(50);
      expect(fastest(() => parseReferredBy(text.slice(0, 4096)))).toBeLessThan(50);
    }
  });
});

describe('digits after the answer', () => {
  it.each(['1', '1234*#', 'wwww7001#', '1,,2', 'ABCD', '0'.repeat(MAX_POST_DIAL)])('%s', (text) =>
    expect(parsePostDial(text)).toBe(text),
  );
  it.each(['', '1 2', 'a', 'E', '+1', '1\r\n', '1\0', 'W', '0'.repeat(MAX_POST_DIAL + 1)])('not %j', (text) =>
    expect(parsePostDial(text)).toBeUndefined(),
  );
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
