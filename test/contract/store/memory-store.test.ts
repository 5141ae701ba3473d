import { expect, it } from 'vitest';
import { createMemoryStore } from '../../../src/adapters/memory/memory-store.js';
import { callId } from '../../../src/domain/ids.js';
import { FakeClock } from '../../support/fake-clock.js';
import { anEvent, aRecord, endedRecord } from '../../support/records.js';
import { storeConformance } from './store-conformance.js';

storeConformance('memory', () => createMemoryStore({ clock: new FakeClock() }));

const answer = { fingerprint: 'f', status: 202, body: {} };

it('keeps the newest events only, and goes on from the oldest kept', async () => {
  const store = createMemoryStore({ clock: new FakeClock(), limits: { events: 4 } });
  const first = await store.appendEvent(anEvent(1));
  for (let n = 2; n <= 10; n += 1) await store.appendEvent(anEvent(n));
  const kept = await store.readEvents(first, 100);
  expect(kept.map((k) => k.event.seq)).toEqual([7, 8, 9, 10]);
  expect((await store.readEvents(kept[1]!.cursor, 1)).map((k) => k.event.seq)).toEqual([9]);
});

it('remembers the events it keeps, not more', async () => {
  const store = createMemoryStore({ clock: new FakeClock(), limits: { events: 4 } });
  for (let n = 1; n <= 5; n += 1) await store.appendEvent(anEvent(n));
  for (const n of [2, 1]) await store.appendEvent(anEvent(n));
  expect((await store.readEvents(undefined, 9)).map((k) => k.event.seq)).toEqual([3, 4, 5, 1]);
});

it('recognises a cursor of an earlier run', async () => {
  const clock = new FakeClock();
  const before = createMemoryStore({ clock });
  await before.appendEvent(anEvent(1));
  const cursor = await before.appendEvent(anEvent(2));
  clock.advance(1000);
  const after = createMemoryStore({ clock });
  for (const n of [1, 2, 3]) await after.appendEvent(anEvent(n));
  expect(await after.readEvents(cursor, 10)).toHaveLength(3);
});

it('forgets ended records by number, never live ones', async () => {
  const store = createMemoryStore({ clock: new FakeClock(), limits: { endedRecords: 2 } });
  for (let n = 1; n <= 5; n += 1) await store.putTransfer(aRecord(n));
  for (let n = 6; n <= 9; n += 1) await store.putTransfer(endedRecord(n));
  const { items } = await store.listTransfers({ limit: 100 });
  expect(items.map((r) => r.transferId)).toEqual(['tr_9', 'tr_8', 'tr_5', 'tr_4', 'tr_3', 'tr_2', 'tr_1']);
  expect(await store.getSession(endedRecord(6).sessionId)).toBeUndefined();
});

it('forgets ended records, statuses and keys by age', async () => {
  const clock = new FakeClock();
  const store = createMemoryStore({ clock });
  await store.putTransfer(aRecord(1));
  await store.putTransfer(endedRecord(2));
  await store.claimIdempotencyKey('s', 'k', answer);
  clock.advance(86_399_999);
  expect(await store.getTransfer(endedRecord(2).transferId)).toBeDefined();
  expect(await store.findIdempotentAnswer('s', 'k')).toEqual(answer);
  clock.advance(1);
  expect(await store.getTransfer(endedRecord(2).transferId)).toBeUndefined();
  expect(await store.lastStatus(callId('1'))).toBeUndefined();
  expect(await store.claimIdempotencyKey('s', 'k', answer)).toBeUndefined();
  expect(await store.getTransfer(aRecord(1).transferId)).toBeDefined();
});

it('keeps a bounded number of idempotency keys and statuses', async () => {
  const store = createMemoryStore({ clock: new FakeClock(), limits: { idempotencyKeys: 2, statuses: 2 } });
  for (const n of [1, 2, 3]) {
    await store.claimIdempotencyKey('s', `k${n}`, answer);
    await store.putTransfer(endedRecord(n, { callId: callId(String(n)) }));
  }
  expect(await store.findIdempotentAnswer('s', 'k1')).toBeUndefined();
  expect(await store.findIdempotentAnswer('s', 'k3')).toEqual(answer);
  expect(await store.lastStatus(callId('1'))).toBeUndefined();
  expect(await store.lastStatus(callId('3'))).toBeDefined();
});
