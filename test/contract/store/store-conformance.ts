import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { asSessionId, asTransferId, callId } from '../../../src/domain/ids.js';
import type { EventFeed } from '../../../src/ports/event-feed.js';
import type { Store, TransferFilter } from '../../../src/ports/store.js';
import { aFailure, anEvent, aRecord, endedRecord } from '../../support/records.js';

export type ConformingStore = Store & EventFeed;

/** What every store promises; run on each adapter. `make` gives an empty store. */
export function storeConformance(name: string, make: () => ConformingStore | Promise<ConformingStore>): void {
  describe(`${name}: store conformance`, () => {
    let store: ConformingStore;
    beforeEach(async () => {
      store = await make();
    });
    afterEach(() => store.close());

    const drain = async (from?: string, page = 3) => {
      const seen: string[] = [];
      let cursor = from;
      for (;;) {
        const batch = await store.readEvents(cursor, page);
        if (batch.length === 0) return seen;
        seen.push(...batch.map((b) => b.event.id));
        cursor = batch.at(-1)!.cursor;
      }
    };

    describe('transfers', () => {
      it('gives a record back by transfer and by session, whole', async () => {
        const record = aRecord(1, { metadata: { nested: { list: [1, null, 'x'] } }, queue: 'support' });
        await store.putTransfer(record);
        expect(await store.getTransfer(record.transferId)).toEqual(record);
        expect(await store.getSession(record.sessionId)).toEqual(record);
      });

      it('knows nothing of what was never put', async () => {
        expect(await store.getTransfer(asTransferId('tr_x'))).toBeUndefined();
        expect(await store.getSession(asSessionId('agent_transfer:x'))).toBeUndefined();
        expect(await store.lastStatus(callId('x'))).toBeUndefined();
        expect(await store.listTransfers({ limit: 10 })).toEqual({ items: [], nextCursor: null });
      });

      it('replaces a record that is put again', async () => {
        await store.putTransfer(aRecord(1));
        await store.putTransfer(endedRecord(1));
        expect((await store.getTransfer(asTransferId('tr_1')))?.state).toBe('failed');
        expect((await store.listTransfers({ limit: 10 })).items).toHaveLength(1);
      });

      it('refuses a writer that was overtaken, and takes a repetition', async () => {
        expect(await store.putTransfer(aRecord(1, { revision: 3 }))).toBe('written');
        expect(await store.putTransfer(endedRecord(1, { revision: 2 }))).toBe('stale');
        expect((await store.getTransfer(asTransferId('tr_1')))?.revision).toBe(3);
        expect(await store.lastStatus(callId('1'))).toBeUndefined();
        expect((await store.listTransfers({ limit: 10, status: 'ended' })).items).toEqual([]);
        expect(await store.putTransfer(aRecord(1, { revision: 3 }))).toBe('written');
        expect(await store.putTransfer(endedRecord(1, { revision: 4 }))).toBe('written');
        expect((await store.getTransfer(asTransferId('tr_1')))?.state).toBe('failed');
        expect((await store.listTransfers({ limit: 10 })).items).toHaveLength(1);
      });

      it('reads what was put a moment ago', async () => {
        void store.putTransfer(endedRecord(1));
        const [record, session, status, page] = await Promise.all([
          store.getTransfer(asTransferId('tr_1')),
          store.getSession(aRecord(1).sessionId),
          store.lastStatus(callId('1')),
          store.listTransfers({ limit: 1 }),
        ]);
        expect(record).toEqual(endedRecord(1));
        expect(session).toEqual(endedRecord(1));
        expect(status?.number).toBe('1');
        expect(page.items).toHaveLength(1);
      });

      it('ends a page where the records end', async () => {
        for (let n = 1; n <= 4; n += 1)
          await store.putTransfer(aRecord(n, { status: n > 2 ? 'active' : 'pending' }));
        const page = await store.listTransfers({ limit: 2, status: 'active' });
        expect(page.items.map((r) => r.transferId)).toEqual(['tr_4', 'tr_3']);
        expect(page.nextCursor).toBeNull();
      });

      it('answers a cursor it never gave out with a page, not an error', async () => {
        await store.putTransfer(aRecord(1));
        for (const cursor of ['', 'garbage', '%00', '-1', 'MA==']) {
          expect((await store.listTransfers({ limit: 1, cursor })).items.length).toBeLessThanOrEqual(1);
        }
      });

      it('lists newest first, page by page, each record once', async () => {
        for (let n = 1; n <= 7; n += 1) await store.putTransfer(aRecord(n));
        const seen: string[] = [];
        let cursor: string | null = null;
        do {
          const filter: TransferFilter = { limit: 3, ...(cursor === null ? {} : { cursor }) };
          const page = await store.listTransfers(filter);
          expect(page.items.length).toBeLessThanOrEqual(3);
          seen.push(...page.items.map((r) => r.transferId));
          cursor = page.nextCursor;
        } while (cursor !== null);
        expect(seen).toEqual(['tr_7', 'tr_6', 'tr_5', 'tr_4', 'tr_3', 'tr_2', 'tr_1']);
      });

      it('a new record does not shift the pages of a listing under way', async () => {
        for (let n = 1; n <= 4; n += 1) await store.putTransfer(aRecord(n));
        const first = await store.listTransfers({ limit: 2 });
        await store.putTransfer(aRecord(5));
        const second = await store.listTransfers({ limit: 2, cursor: first.nextCursor! });
        expect(second.items.map((r) => r.transferId)).toEqual(['tr_2', 'tr_1']);
        expect(second.nextCursor).toBeNull();
      });

      it('filters by status, call and channel, together', async () => {
        await store.putTransfer(aRecord(1, { status: 'active' }));
        await store.putTransfer(aRecord(2, { callId: callId('2') }));
        await store.putTransfer(aRecord(3, { channelId: 'other' }));
        await store.putTransfer(endedRecord(4, { callId: callId('2') }));
        const ids = async (filter: Omit<TransferFilter, 'limit'>) =>
          (await store.listTransfers({ limit: 10, ...filter })).items.map((r) => r.transferId);
        expect(await ids({ status: 'active' })).toEqual(['tr_1']);
        expect(await ids({ callId: callId('2') })).toEqual(['tr_4', 'tr_2']);
        expect(await ids({ channelId: 'other' })).toEqual(['tr_3']);
        expect(await ids({ callId: callId('2'), status: 'ended' })).toEqual(['tr_4']);
        expect(await ids({ channelId: 'other', status: 'ended' })).toEqual([]);
      });
    });

    describe('last status of a call', () => {
      it('is there from the first verdict on, and not before', async () => {
        await store.putTransfer(aRecord(1));
        expect(await store.lastStatus(callId('1'))).toBeUndefined();
        await store.putTransfer(endedRecord(1));
        expect(await store.lastStatus(callId('1'))).toEqual({ status: 'FAIL', hangup: false, number: '1' });
      });

      it('stays while the next transfer is pending, then follows it', async () => {
        await store.putTransfer(endedRecord(1));
        await store.putTransfer(aRecord(2));
        expect((await store.lastStatus(callId('1')))?.number).toBe('1');
        await store.putTransfer(endedRecord(2));
        expect((await store.lastStatus(callId('1')))?.number).toBe('2');
      });

      it('is not taken back by a late write of an earlier transfer', async () => {
        await store.putTransfer(endedRecord(1, { status: 'post_agent' }));
        await store.putTransfer(endedRecord(2));
        await store.putTransfer(endedRecord(1));
        expect((await store.lastStatus(callId('1')))?.number).toBe('2');
      });
    });

    describe('events', () => {
      it('reads back what was appended, in order, whole', async () => {
        const events = [anEvent(1), anEvent(2), aFailure(3)];
        for (const event of events) await store.appendEvent(event);
        expect((await store.readEvents(undefined, 10)).map((r) => r.event)).toEqual(events);
      });

      it('keeps the order of appends that did not wait for each other', async () => {
        const numbers = Array.from({ length: 300 }, (_, i) => i + 1);
        const cursors = await Promise.all(numbers.map((n) => store.appendEvent(anEvent(n))));
        const read = await store.readEvents(undefined, 1000);
        expect(read.map((r) => r.event.seq)).toEqual(numbers);
        expect(read.map((r) => r.cursor)).toEqual(cursors);
      });

      it('pages without gap or duplicate', async () => {
        for (let n = 1; n <= 10; n += 1) await store.appendEvent(anEvent(n));
        expect(await drain()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => `evt_1-${n}`));
      });

      it('reads from after the cursor an append returned', async () => {
        await store.appendEvent(anEvent(1));
        const cursor = await store.appendEvent(anEvent(2));
        expect(await drain(cursor)).toEqual([]);
        await store.appendEvent(anEvent(3));
        expect(await drain(cursor)).toEqual(['evt_1-3']);
      });

      it('reads everything kept after a cursor it never gave out', async () => {
        await store.appendEvent(anEvent(1));
        for (const foreign of ['', 'garbage', '1-1', '99999999999999-5', 'x-y', '-1']) {
          expect(await drain(foreign)).toEqual(['evt_1-1']);
        }
      });

      it('knows its last cursor', async () => {
        expect(await store.lastCursor()).toBeUndefined();
        await store.appendEvent(anEvent(1));
        const cursor = await store.appendEvent(anEvent(2));
        expect(await store.lastCursor()).toBe(cursor);
      });

      it('wakes who subscribed, until taken back', async () => {
        let woken = 0;
        const cancel = store.subscribe(() => (woken += 1));
        await store.appendEvent(anEvent(1));
        await eventually(() => woken).toBeGreaterThan(0);
        const before = woken;
        cancel();
        await store.appendEvent(anEvent(2));
        expect(woken).toBe(before);
      });
    });

    it('is well', () => {
      expect(store.health()).toEqual({ word: 'up', detail: null });
    });

    describe('idempotency keys', () => {
      const answer = { fingerprint: 'f1', status: 202, body: { transferId: 'tr_1' } };

      it('stores the first answer and returns it to everyone later', async () => {
        expect(await store.findIdempotentAnswer('s', 'k')).toBeUndefined();
        expect(await store.claimIdempotencyKey('s', 'k', answer)).toBeUndefined();
        expect(await store.claimIdempotencyKey('s', 'k', { ...answer, fingerprint: 'f2' })).toEqual(answer);
        expect(await store.findIdempotentAnswer('s', 'k')).toEqual(answer);
      });

      it('keeps scopes and keys apart', async () => {
        await store.claimIdempotencyKey('s', 'k', answer);
        expect(await store.claimIdempotencyKey('t', 'k', answer)).toBeUndefined();
        expect(await store.claimIdempotencyKey('s', 'l', answer)).toBeUndefined();
      });

      it('lets one of several at once win', async () => {
        const all = await Promise.all(
          Array.from({ length: 5 }, (_, i) =>
            store.claimIdempotencyKey('s', 'k', { ...answer, status: 200 + i }),
          ),
        );
        expect(all.filter((a) => a === undefined)).toHaveLength(1);
      });
    });
  });
}
