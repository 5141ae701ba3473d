import { expect, it } from 'vitest';
import { mismatch } from './match.js';

it.each([
  ['an equal value', 1, 1],
  ['fewer keys than there are', { a: { b: 1 } }, { a: { b: 1, c: 2 }, d: 3 }],
  ['a list item by item', [{ a: 1 }, 2], [{ a: 1, b: 2 }, 2]],
  ['a pattern', '/^sip:agent@/', 'sip:agent@127.0.0.1'],
  ['null', { node: null }, { node: null }],
])('takes %s', (_what, wanted, given) => {
  expect(mismatch(wanted, given)).toBeUndefined();
});

it.each([
  ['another value', { a: { b: 1 } }, { a: { b: 2 } }, 'a.b: wanted 1, was 2'],
  ['a missing key', { a: null }, {}, 'a: wanted null, was not there'],
  ['a longer list', [1], [1, 2], 'wanted [1], was [1,2]'],
  ['a list item', [1, 2], [1, 3], '[1]: wanted 2, was 3'],
  ['text that does not fit', '/^b/', 'ab', 'wanted "/^b/", was "ab"'],
  ['a number for a text', '200', 200, 'wanted "200", was 200'],
])('names %s', (_what, wanted, given, problem) => {
  expect(mismatch(wanted, given)).toBe(problem);
});
