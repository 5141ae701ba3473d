import { expect, it } from 'vitest';
import { DEADLINES } from '../../src/engine/deadlines.js';
import { Teardown } from '../../src/engine/teardown.js';
import { silentLog } from '../../src/ports/log.js';
import { CallScript } from '../support/call-script.js';
import { FakeClock } from '../support/fake-clock.js';
import { FakeMetrics } from '../support/fake-metrics.js';

function waiting() {
  const clock = new FakeClock();
  const metrics = new FakeMetrics();
  const overdue: string[] = [];
  const teardown = new Teardown({ clock, metrics, log: silentLog }, () => void overdue.push('overdue'));
  const { call } = CallScript.withBot().ordered();
  teardown.begin(() => call);
  return { clock, metrics, overdue, teardown };
}

it('a call whose legs do not close is counted, and so is each of them', () => {
  const { clock, metrics, overdue } = waiting();
  clock.advance(DEADLINES.teardownMs - 1);
  expect([metrics.told, overdue]).toEqual([[], []]);
  clock.advance(1);
  expect(metrics.told).toEqual(['teardownOverdue()', 'leaked(leg)', 'leaked(leg)']);
  expect(overdue).toEqual(['overdue']);
});

it('one that is done is not waited for', () => {
  const { clock, metrics, teardown } = waiting();
  teardown.done();
  expect(clock.pending).toBe(0);
  clock.advance(DEADLINES.teardownMs);
  expect(metrics.told).toEqual([]);
});
