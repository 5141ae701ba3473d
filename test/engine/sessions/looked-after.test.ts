import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../src/adapters/memory/memory-store.js';
import { callId, type CallId } from '../../../src/domain/ids.js';
import { Reaper } from '../../../src/engine/sessions/reaper.js';
import { Reconciler } from '../../../src/engine/sessions/reconciler.js';
import { Rounds } from '../../../src/engine/sessions/rounds.js';
import { silentLog } from '../../../src/ports/log.js';
import type { StoreHealth } from '../../../src/ports/store.js';
import { FakeClock } from '../../support/fake-clock.js';
import { FakeMetrics } from '../../support/fake-metrics.js';
import { aRecord } from '../../support/records.js';

const clock = new FakeClock();
let store: ReturnType<typeof createMemoryStore>;
let metrics: FakeMetrics;
let live: Set<CallId>;
let bookAway: boolean;

beforeEach(() => {
  store = createMemoryStore({ clock });
  metrics = new FakeMetrics();
  live = new Set();
  bookAway = false;
});

const parts = () => ({
  ...{ store, clock, metrics, log: silentLog },
  isLive: (call: CallId) =>
    bookAway ? Promise.reject(new Error('the book is away')) : Promise.resolve(live.has(call)),
});
const status = async (n: number) => (await store.getTransfer(aRecord(n).transferId))?.status;
const soon = '2026-01-01T00:00:00.000Z';

describe('sessions whose time has run out', () => {
  it('are over, and somebody who got no person has to be looked after', async () => {
    await store.putTransfer(aRecord(1, { channel: 'chat', status: 'queued', expiresAt: soon }));
    await store.putTransfer(
      aRecord(2, { channel: 'email', status: 'active', activeAt: soon, expiresAt: soon }),
    );
    await store.putTransfer(aRecord(3, { channel: 'chat', expiresAt: '2099-01-01T00:00:00.000Z' }));
    await new Reaper(parts()).round();
    expect(await store.getTransfer(aRecord(1).transferId)).toMatchObject({
      ...{ status: 'ended', endReason: 'expired', state: 'failed', outcome: 'no_answer' },
      ...{ followUp: { state: 'open' }, expiresAt: null },
    });
    expect(await store.getTransfer(aRecord(2).transferId)).toMatchObject({
      ...{ endReason: 'expired', state: 'completed', outcome: 'answered', followUp: null },
    });
    expect(await status(3)).toBe('pending');
    expect(metrics.told).toEqual(['sessionExpired(chat)', 'sessionExpired(email)']);
  });

  it('are ended once by two who look at the same time', async () => {
    for (let n = 1; n <= 20; n += 1)
      await store.putTransfer(aRecord(n, { channel: 'chat', expiresAt: soon }));
    await Promise.all([new Reaper(parts()).round(), new Reaper(parts()).round()]);
    expect(metrics.told).toHaveLength(20);
  });

  it('go on while their call does', async () => {
    await store.putTransfer(aRecord(1, { status: 'active', expiresAt: soon }));
    live.add(callId('1'));
    await new Reaper(parts()).round();
    expect(await status(1)).toBe('active');
    live.clear();
    await new Reaper(parts()).round();
    expect(await status(1)).toBe('ended');
  });
});

describe('sessions whose call no engine has', () => {
  it('are over at the second look, and the engine that had them is too late', async () => {
    await store.putTransfer(aRecord(1, { status: 'queued', revision: 3 }));
    await store.putTransfer(aRecord(2, { status: 'post_agent', state: 'completed', callId: callId('2') }));
    await store.putTransfer(aRecord(3, { status: 'active', callId: callId('3') }));
    await store.putTransfer(aRecord(4, { channel: 'chat' }));
    live.add(callId('3'));
    const reconciler = new Reconciler(parts());
    await reconciler.round();
    expect(await status(1)).toBe('queued');
    await reconciler.round();
    expect(await store.getTransfer(aRecord(1).transferId)).toMatchObject({
      ...{ status: 'ended', endReason: 'reconciled', state: 'failed', outcome: 'unknown' },
      ...{ evidence: { decidedBy: 'engine' }, followUp: { state: 'open' } },
    });
    expect(await store.getTransfer(aRecord(2).transferId)).toMatchObject({
      ...{ status: 'ended', endReason: 'reconciled', state: 'completed', followUp: null },
    });
    expect([await status(3), await status(4)]).toEqual(['active', 'pending']);
    expect(metrics.told).toEqual(['sessionReaped()', 'sessionReaped()']);
    expect(await store.putTransfer(aRecord(1, { status: 'active', revision: 4 }))).toBe('stale');
  });

  it('are counted anew when one was seen again', async () => {
    await store.putTransfer(aRecord(1));
    const reconciler = new Reconciler(parts());
    await reconciler.round();
    live.add(callId('1'));
    await reconciler.round();
    live.clear();
    await reconciler.round();
    expect(await status(1)).toBe('pending');
  });

  it('are left as they are while nobody can know', async () => {
    await store.putTransfer(aRecord(1));
    const reconciler = new Reconciler(parts());
    await reconciler.round();
    bookAway = true;
    await expect(reconciler.round()).rejects.toThrow('the book is away');
    bookAway = false;
    await reconciler.round();
    expect(await status(1)).toBe('pending');
    const well = store.health.bind(store);
    store.health = (): StoreHealth => ({ word: 'degraded', detail: 'slow' });
    await reconciler.round();
    store.health = well;
    await reconciler.round();
    expect(await status(1)).toBe('pending');
    await reconciler.round();
    expect(await status(1)).toBe('ended');
  });

  it('are found on every page', async () => {
    for (let n = 1; n <= 250; n += 1) await store.putTransfer(aRecord(n));
    const reconciler = new Reconciler(parts());
    await reconciler.round();
    await reconciler.round();
    expect(metrics.told).toHaveLength(250);
  });
});

describe('rounds', () => {
  it('follow each other, also when one fails, until they are stopped', async () => {
    let done = 0;
    const rounds = new Rounds({ clock, log: silentLog }, 1000, 'x', () => {
      done += 1;
      return done === 1 ? Promise.reject(new Error('no')) : Promise.resolve();
    });
    rounds.start();
    for (const expected of [1, 2, 3]) {
      clock.advance(1000);
      await new Promise(setImmediate);
      expect(done).toBe(expected);
    }
    rounds.stop();
    clock.advance(5000);
    expect([done, clock.pending]).toEqual([3, 0]);
  });
});
