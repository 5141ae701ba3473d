import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../support/fake-clock.js';
import { SelfTest } from '../../../src/adapters/redis/siblings/self-test.js';

let clock: FakeClock;
let said: number;
let deaf: number;
let speak: () => Promise<unknown>;

beforeEach(() => {
  clock = new FakeClock();
  said = deaf = 0;
  speak = () => Promise.resolve((said += 1));
});

const made = (): SelfTest =>
  new SelfTest({
    ...{ clock, everyMs: 2000, heardMs: 500 },
    speak: () => speak(),
    deaf: () => (deaf += 1),
  });

/** Promises of the test that is over have their turn. */
const turn = async (): Promise<void> => {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
};

async function advance(ms: number): Promise<void> {
  clock.advance(ms);
  await turn();
}

describe('the self test', () => {
  it('starts as soon as it hears itself, trying again while it does not', async () => {
    const test = made();
    let started = false;
    void test.start().then(() => (started = true));
    await advance(100);
    await advance(50);
    expect([said, started]).toEqual([2, false]);
    test.heard();
    await turn();
    expect([started, deaf]).toEqual([true, 0]);
  });

  it('starts without having heard anything when that takes too long', async () => {
    let started = false;
    void made()
      .start()
      .then(() => (started = true));
    for (let i = 0; i < 5; i += 1) await advance(100);
    expect(started).toBe(true);
  });

  it('is deaf when what it said is not heard in time, and goes on testing', async () => {
    const test = made();
    void test.start();
    test.heard();
    await turn();
    await advance(2000);
    test.heard();
    await turn();
    expect(deaf).toBe(0);
    await advance(2000);
    await advance(500);
    expect(deaf).toBe(1);
    await advance(2000);
    await advance(500);
    expect(deaf).toBe(2);
  });

  it('is not deaf when nothing could be said', async () => {
    const test = made();
    void test.start();
    test.heard();
    await turn();
    speak = () => Promise.reject(new Error('away'));
    await advance(2000);
    await advance(500);
    expect(deaf).toBe(0);
  });

  it('once stopped, neither speaks nor complains', async () => {
    const test = made();
    void test.start();
    test.heard();
    await turn();
    await advance(2000);
    const before = said;
    test.stop();
    await turn();
    await advance(60_000);
    expect([said, deaf, clock.pending]).toEqual([before, 0, 0]);
  });
});
