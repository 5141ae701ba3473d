import { describe, expect, it } from 'vitest';
import { formatReplaces, matchesDialog, parseReplaces, replacesOf } from './replaces.js';

const plain = { callId: '98asjd8@host', toTag: 'x1', fromTag: 'y2', earlyOnly: false };

describe('Replaces (RFC 3891)', () => {
  it.each([
    ['98asjd8@host;to-tag=x1;from-tag=y2', plain],
    ['98asjd8@host;from-tag=y2;to-tag=x1', plain],
    [' 98asjd8@host ; TO-TAG = x1 ; From-Tag = y2 ', plain],
    ['98asjd8%40host%3Bto-tag%3Dx1%3Bfrom-tag%3Dy2', plain],
    ['98asjd8@host;to-tag=x1;from-tag=y2;early-only', { ...plain, earlyOnly: true }],
    ['98asjd8@host;Early-Only;to-tag=x1;from-tag=y2;foo=bar;baz', { ...plain, earlyOnly: true }],
    ['a%41b;to-tag=0;from-tag=0', { callId: 'a%41b', toTag: '0', fromTag: '0', earlyOnly: false }],
    [
      '(w<o>r:d"/[]?{});to-tag=a;from-tag=b',
      { callId: '(w<o>r:d"/[]?{})', toTag: 'a', fromTag: 'b', earlyOnly: false },
    ],
  ])('%s', (text, value) => expect(parseReplaces(text)).toEqual(value));

  it.each([
    '',
    ';',
    'abc',
    'abc;to-tag=1',
    'abc;from-tag=1',
    'abc;to-tag=1;from-tag=',
    'abc;to-tag;from-tag=1',
    'abc;to-tag=1;from-tag=2;to-tag=1',
    'abc;to-tag=1;from-tag=2;FROM-TAG=3',
    ';to-tag=1;from-tag=2',
    'a b;to-tag=1;from-tag=2',
    'a@b@c;to-tag=1;from-tag=2',
    '@b;to-tag=1;from-tag=2',
    'a@;to-tag=1;from-tag=2',
    'abc;to-tag=1 2;from-tag=2',
    'abc;to-tag="1";from-tag=2',
    'abc\r\nVia: x;to-tag=1;from-tag=2',
    'abc;to-tag=1\r\nVia: x;from-tag=2',
    'abc%0d%0a%3Bto-tag%3D1%3Bfrom-tag%3D2',
    'abc%3;to',
    'abc%3Bto-tag%3Dx%zz',
  ])('nothing to replace in %j', (text) => expect(parseReplaces(text)).toBeUndefined());

  it('refuses what is longer than any header', () => {
    expect(parseReplaces(`${'a'.repeat(4090)};to-tag=1;from-tag=2`)).toBeUndefined();
  });

  it('writes what it reads', () => {
    for (const text of ['98asjd8@host;to-tag=x1;from-tag=y2', 'a;to-tag=b;from-tag=c;early-only'])
      expect(formatReplaces(parseReplaces(text)!)).toBe(text);
  });

  it('names a dialog of ours from the far end: its tag first', () => {
    const made = replacesOf({ callId: 'c@h', localTag: 'ours', remoteTag: 'theirs' })!;
    expect(formatReplaces(made)).toBe('c@h;to-tag=theirs;from-tag=ours');
    expect(replacesOf({ callId: 'c\r\nX: y', localTag: 'a', remoteTag: 'b' })).toBeUndefined();
    expect(replacesOf({ callId: 'c', localTag: 'a;b', remoteTag: 'b' })).toBeUndefined();
  });

  it.each([
    ['c;to-tag=ours;from-tag=theirs', 'c', 'ours', 'theirs', true],
    ['c;to-tag=theirs;from-tag=ours', 'c', 'ours', 'theirs', false],
    ['c;to-tag=ours;from-tag=theirs', 'C', 'ours', 'theirs', false],
    ['c;to-tag=OURS;from-tag=theirs', 'c', 'ours', 'theirs', false],
    ['c;to-tag=ours;from-tag=0', 'c', 'ours', '', true],
    ['c;to-tag=ours;from-tag=0', 'c', 'ours', '0', true],
    ['c;to-tag=ours;from-tag=0', 'c', 'ours', 'theirs', false],
  ])('%s and the dialog %s of %s with %s: %s', (text, callId, localTag, remoteTag, same) => {
    expect(matchesDialog(parseReplaces(text)!, { callId, localTag, remoteTag })).toBe(same);
  });

  it('reads 64 KiB of the worst kind, and 4 KiB of it, in a few milliseconds', () => {
    for (const unit of [';', ';to-tag=', '%3B', '%', '@', ';=', 'a']) {
      const text = `a${unit.repeat(65_536 / unit.length)}`;
      expect(fastest(() => parseReplaces(text))).toBeLessThan(50);
      expect(fastest(() => parseReplaces(text.slice(0, 4096)))).toBeLessThan(50);
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
