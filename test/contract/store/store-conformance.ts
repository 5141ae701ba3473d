import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { asSessionId, asTransferId, callId } from '../../../src/domain/ids.js';
import type { EventFeed } from '../../../src/ports/event-feed.js';
import type { Store } from '../../../src/ports/store.js';
import type { TransferFilter } from '../../../src/ports/transfer-record.js';
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

    describe('lists', () => {
      const ids = async (filter: Omit<TransferFilter, 'limit'>) =>
        (await store.listTransfers({ limit: 10, ...filter })).items.map((r) => r.transferId);

      it('filters by every field a list may be narrowed by', async () => {
        await store.putTransfer(aRecord(1, { contact: '15550001', provider: 'genesys', queue: 'support' }));
        await store.putTransfer(aRecord(2, { channel: 'chat', contact: '15550001' }));
        await store.putTransfer(endedRecord(3, { outcome: 'no_answer' }));
        await store.putTransfer(endedRecord(4, { state: 'completed', outcome: 'answered' }));
        expect(await ids({ contact: '15550001' })).toEqual(['tr_2', 'tr_1']);
        expect(await ids({ contact: '1555000' })).toEqual([]);
        expect(await ids({ contact: '15550001', channel: 'chat' })).toEqual(['tr_2']);
        expect(await ids({ provider: 'genesys' })).toEqual(['tr_1']);
        expect(await ids({ queue: 'support' })).toEqual(['tr_1']);
        expect(await ids({ outcome: 'no_answer' })).toEqual(['tr_3']);
        expect(await ids({ state: 'completed' })).toEqual(['tr_4']);
      });

      it('filters by when records were made, the beginning included, the end not', async () => {
        for (let n = 1; n <= 5; n += 1) await store.putTransfer(aRecord(n));
        const at = (n: number) => aRecord(n).createdAt;
        expect(await ids({ from: at(2), to: at(4) })).toEqual(['tr_3', 'tr_2']);
        expect(await ids({ from: at(4) })).toEqual(['tr_5', 'tr_4']);
        expect(await ids({ to: at(2) })).toEqual(['tr_1']);
        const first = await store.listTransfers({ from: at(2), to: at(5), limit: 2 });
        expect(first.items.map((r) => r.transferId)).toEqual(['tr_4', 'tr_3']);
        const rest = await store.listTransfers({
          ...{ from: at(2), to: at(5), limit: 2 },
          cursor: first.nextCursor!,
        });
        expect([rest.items.map((r) => r.transferId), rest.nextCursor]).toEqual([['tr_2'], null]);
      });

      it('comes to every record in the end, however few of many match', async () => {
        for (let n = 1; n <= 250; n += 1)
          void store.putTransfer(aRecord(n, n % 100 === 0 ? { provider: 'genesys' } : {}));
        const seen: string[] = [];
        for (let cursor: string | null = ''; cursor !== null;) {
          const after: Pick<TransferFilter, 'cursor'> = cursor === '' ? {} : { cursor };
          const page = await store.listTransfers({ limit: 1, provider: 'genesys', ...after });
          seen.push(...page.items.map((r) => r.transferId));
          cursor = page.nextCursor;
        }
        expect(seen).toEqual(['tr_200', 'tr_100']);
      });
    });

    describe('an exchange', () => {
      it('makes a record where there is none, once', async () => {
        const made = await Promise.all([1, 2, 3].map(() => store.exchangeTransfer(aRecord(1), 0)));
        expect(made.sort()).toEqual(['stale', 'stale', 'written']);
        expect((await store.listTransfers({ limit: 9 })).items).toEqual([aRecord(1)]);
      });

      it('changes what nobody else has changed', async () => {
        void store.putTransfer(aRecord(1, { revision: 3 }));
        expect(await store.exchangeTransfer(endedRecord(1, { revision: 3 }), 2)).toBe('stale');
        expect((await store.getTransfer(asTransferId('tr_1')))?.status).toBe('pending');
        const ends = [4, 5, 6].map((n) => store.exchangeTransfer(endedRecord(1, { revision: n }), 3));
        expect((await Promise.all(ends)).filter((result) => result === 'written')).toHaveLength(1);
        expect((await store.listTransfers({ limit: 9, status: 'pending' })).items).toEqual([]);
        expect((await store.listTransfers({ limit: 9, status: 'ended' })).items).toHaveLength(1);
      });
    });

    describe('notes', () => {
      const id = asTransferId('tr_1');
      const at = '2026-01-01T00:01:00.000Z';
      const providerData = { case: { number: 7 }, tags: [] };

      it('stand beside what the engine writes, whichever comes first', async () => {
        void store.putTransfer(aRecord(1));
        const noted = await store.annotateTransfer(id, { at, providerSessionId: 'g-1', providerData });
        expect(noted).toEqual(aRecord(1, { providerSessionId: 'g-1', providerData, updatedAt: at }));
        await store.putTransfer(endedRecord(1, { revision: 2, providerSessionId: 'from-a-header' }));
        await store.annotateTransfer(id, { at, queue: 'vip' });
        const expected = { revision: 2, providerSessionId: 'g-1', providerData, queue: 'vip', updatedAt: at };
        expect(await store.getTransfer(id)).toEqual(endedRecord(1, expected));
        expect(await store.getSession(aRecord(1).sessionId)).toEqual(endedRecord(1, expected));
        expect((await store.listTransfers({ limit: 9, queue: 'vip' })).items).toHaveLength(1);
      });

      it('of no record are none', async () => {
        expect(await store.annotateTransfer(id, { at, queue: 'vip' })).toBeUndefined();
        await store.putTransfer(aRecord(1));
        expect((await store.getTransfer(id))?.queue).toBeNull();
      });

      it('may take something back', async () => {
        await store.putTransfer(aRecord(1, { queue: 'support' }));
        await store.annotateTransfer(id, { at, queue: null, providerSessionId: null });
        expect(await store.getTransfer(id)).toMatchObject({ queue: null, providerSessionId: null });
      });
    });

    describe('follow-ups', () => {
      const at = '2026-01-01T00:01:00.000Z';
      const done = { state: 'done', at, by: 'api', note: 'called back' } as const;
      const ids = async (followUp: 'open' | 'done', more: Partial<TransferFilter> = {}) =>
        (await store.listTransfers({ limit: 10, followUp, ...more })).items.map((r) => r.transferId);

      it('are on the list of the open ones, newest first, until they are done', async () => {
        await store.putTransfer(aRecord(1));
        for (const n of [2, 3, 4]) await store.putTransfer(endedRecord(n, { followUp: { state: 'open' } }));
        expect(await ids('open')).toEqual(['tr_4', 'tr_3', 'tr_2']);
        const record = await store.annotateTransfer(asTransferId('tr_3'), { at, followUp: done });
        expect(record?.followUp).toEqual(done);
        expect(await ids('open')).toEqual(['tr_4', 'tr_2']);
        expect(await ids('done')).toEqual(['tr_3']);
        expect(await ids('open', { channelId: 'other' })).toEqual([]);
      });

      it('that are done are opened by nothing', async () => {
        await store.putTransfer(endedRecord(1, { followUp: { state: 'open' } }));
        await store.annotateTransfer(asTransferId('tr_1'), { at, followUp: done });
        await store.putTransfer(endedRecord(1, { followUp: { state: 'open' }, revision: 2 }));
        expect(await ids('open')).toEqual([]);
        expect(await ids('done')).toEqual(['tr_1']);
        expect((await store.getTransfer(asTransferId('tr_1')))?.followUp).toEqual(done);
      });

      it('are not made of a record that needs none', async () => {
        await store.putTransfer(aRecord(1));
        await store.annotateTransfer(asTransferId('tr_1'), { at, followUp: done });
        expect((await store.getTransfer(asTransferId('tr_1')))?.followUp).toBeNull();
        expect(await ids('done')).toEqual([]);
      });
    });

    describe('records that run out', () => {
      const ms = (text: string) => Date.parse(text);
      const due = (n: number) => `2026-01-01T01:00:0${n}.000Z`;
      const ids = async (now: string) =>
        (await store.expiredTransfers(ms(now))).map((r) => r.transferId).sort();

      it('are found when their time has come, live ones only', async () => {
        await store.putTransfer(aRecord(1));
        for (const n of [2, 3]) await store.putTransfer(aRecord(n, { expiresAt: due(n) }));
        expect(await ids(due(1))).toEqual([]);
        expect(await ids(due(2))).toEqual(['tr_2']);
        expect(await ids(due(3))).toEqual(['tr_2', 'tr_3']);
        await store.putTransfer(aRecord(2, { expiresAt: due(9), revision: 2 }));
        await store.putTransfer(endedRecord(3, { revision: 2 }));
        expect(await ids(due(3))).toEqual([]);
        expect(await ids(due(9))).toEqual(['tr_2']);
      });
    });

    it('keeps the ladder of a call', async () => {
      const entry = { at: 1, leg: 'caller', direction: 'in', text: 'INVITE', sdp: true, peer: null } as const;
      expect(await store.getLadder(callId('1'))).toBeUndefined();
      await store.putLadder(callId('1'), [entry, { ...entry, at: 2, direction: 'out' }]);
      expect(await store.getLadder(callId('1'))).toEqual([entry, { ...entry, at: 2, direction: 'out' }]);
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

      it('has an event once, however often it is appended, and where it came first', async () => {
        const first = await store.appendEvent(anEvent(1));
        const second = await store.appendEvent(anEvent(2));
        const again = await Promise.all([1, 2, 3, 2, 1, 3].map((n) => store.appendEvent(anEvent(n))));
        expect(await drain()).toEqual([1, 2, 3].map((n) => `evt_1-${n}`));
        expect(again.slice(0, 2)).toEqual([first, second]);
        expect(again.slice(3, 5)).toEqual([second, first]);
        expect(again[2]).toBe(again[5]);
        expect(await drain(second)).toEqual(['evt_1-3']);
        // Another call may be told the same under the same number.
        await store.appendEvent(anEvent(1, '2'));
        expect((await drain()).at(-1)).toBe('evt_2-1');
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
