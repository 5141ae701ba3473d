import { describe, expect, it } from 'vitest';
import { UsageError } from '../../errors.js';
import { NO_SWITCHES, parseSwitches } from './switches.js';

describe('switches of the chaos carrier', () => {
  it('are off unless named', () => {
    expect(parseSwitches([])).toEqual(NO_SWITCHES);
    expect(parseSwitches(['lateNotify', 'dropEvery=3'])).toEqual({
      ...NO_SWITCHES,
      lateNotify: true,
      dropEvery: 3,
    });
  });

  it.each([
    ['lateNotifi', /unknown switch "lateNotifi"; known: lateNotify, /],
    ['dropEvery', /write dropEvery=3/],
    ['dropEvery=1', /2 to 1000/],
    ['dropEvery=x', /write dropEvery=3/],
    ['dropAck=2', /takes no value/],
    ['', /unknown switch ""/],
    ['constructor', /unknown switch/],
  ])('refuses "%s"', (word, message) => {
    expect(() => parseSwitches([word])).toThrow(UsageError);
    expect(() => parseSwitches([word])).toThrow(message);
  });
});
