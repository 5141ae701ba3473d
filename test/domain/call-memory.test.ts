import { describe, expect, it } from 'vitest';
import { NOTHING_TOLD, remembering, statusAt } from '../../src/domain/call-memory.js';
import { aFailure, anEvent } from '../support/records.js';

const status = { status: 'FAIL', hangup: false, number: '16123456789' };

describe('what a bot has been told of its call', () => {
  it('is who called whom', () => {
    expect(remembering(NOTHING_TOLD, anEvent(1))).toMatchObject({
      caller: '16125550000',
      dialled: '18005550000',
    });
  });

  it('is how transfers ended, seen from each event', () => {
    const memory = [anEvent(1), aFailure(4), aFailure(9)].reduce(remembering, NOTHING_TOLD);
    expect(memory.verdicts.map(({ seq }) => seq)).toEqual([4, 9]);
    expect(statusAt(memory, 3)).toBeNull();
    expect(statusAt(memory, 4)).toEqual(status);
    expect(statusAt(memory, 12)).toEqual(status);
  });

  it('stays as it is when the same is told again, in whatever order, and through JSON', () => {
    const events = [anEvent(1), aFailure(4), aFailure(9)];
    const once = events.reduce(remembering, NOTHING_TOLD);
    const kept = JSON.parse(JSON.stringify(once)) as typeof once;
    expect([aFailure(9), aFailure(4), anEvent(1)].reduce(remembering, kept)).toEqual(once);
  });

  it('is bounded', () => {
    const many = Array.from({ length: 20 }, (_, n) => aFailure(n + 1));
    const { verdicts } = many.reduce(remembering, NOTHING_TOLD);
    expect(verdicts.map(({ seq }) => seq)).toEqual([16, 17, 18, 19, 20]);
  });
});
