import { describe, expect, it } from 'vitest';
import { headerProblem, reasonPhrase, sentHeaders } from './header-lines.js';

describe('header lines', () => {
  it('keeps names and values, joins repeated names', () => {
    expect(
      sentHeaders([
        ['callReason', 'a'],
        ['X-A', '1'],
        ['X-A', '2'],
        ['x-a', '3'],
      ]),
    ).toEqual({ callReason: 'a', 'X-A': '1, 2', 'x-a': '3' });
    expect(sentHeaders([['constructor', 'x']])['constructor']).toBe('x');
  });

  it.each([
    ['X-A', 'x\r\nX-Evil: 1'],
    ['X-A', 'x\n'],
    ['X-A', '\0'],
    ['X A', '1'],
    ['X-A:', '1'],
    ['', '1'],
    ['X-A\r\nX-B', '1'],
    ['Content-Length', '1'],
    ['l', '1'],
    ['VIA', '1'],
  ])('leaves out %j: %j', (name, value) => {
    expect(headerProblem([name, value])).not.toBeNull();
    expect(sentHeaders([[name, value]])).toEqual({});
  });

  it('makes one line of a reason phrase', () => {
    expect(reasonPhrase('Busy Here')).toBe('Busy Here');
    expect(reasonPhrase('Busy\r\nX-Evil: 1')).toBe('Busy  X-Evil: 1');
  });
});
