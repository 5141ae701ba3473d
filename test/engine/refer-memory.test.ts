import { expect, it } from 'vitest';
import { FakeClock } from '../support/fake-clock.js';
import { ReferMemory } from '../../src/engine/refer-memory.js';

it('knows nothing of a trunk that was never asked', () => {
  const memory = new ReferMemory(new FakeClock());
  memory.learn('carrier', true);
  expect(memory.takesRefer('other')).toBeUndefined();
});

it('a refusal is forgotten after an hour, an acceptance never', () => {
  const clock = new FakeClock();
  const memory = new ReferMemory(clock);
  memory.learn('no', false);
  memory.learn('yes', true);
  clock.advance(3_599_999);
  expect([memory.takesRefer('no'), memory.takesRefer('yes')]).toEqual([false, true]);
  clock.advance(1);
  expect([memory.takesRefer('no'), memory.takesRefer('yes')]).toEqual([undefined, true]);
  clock.advance(1e10);
  expect(memory.takesRefer('yes')).toBe(true);
});

it('the last answer counts, and a refusal once more starts the hour anew', () => {
  const clock = new FakeClock();
  const memory = new ReferMemory(clock);
  memory.learn('carrier', true);
  memory.learn('carrier', false);
  clock.advance(3_000_000);
  memory.learn('carrier', false);
  clock.advance(3_000_000);
  expect(memory.takesRefer('carrier')).toBe(false);
  memory.learn('carrier', true);
  expect(memory.takesRefer('carrier')).toBe(true);
});
