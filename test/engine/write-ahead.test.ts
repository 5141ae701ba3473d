import { beforeEach, describe, expect, it } from 'vitest';
import type { CallId } from '../../src/domain/ids.js';
import { AppError } from '../../src/errors.js';
import { Teller, type TellerParts } from '../../src/engine/teller.js';
import type { PublishedEvent } from '../../src/ports/bot-runtime.js';
import type { CallPage } from '../../src/ports/call-book.js';
import { silentLog } from '../../src/ports/log.js';
import { Crew, rest, type CrewCall, type Member } from '../support/crew.js';
import { FakeClock } from '../support/fake-clock.js';

const CALL = 'call_1' as CallId;
const event = (seq: number, type = 'transfer.requested'): PublishedEvent =>
  ({ id: `evt_${seq}`, seq, type, callId: CALL, data: {} }) as unknown as PublishedEvent; // of which only this is read

/** A book in the test's hands, and what the log, the bot and the book were told, in order. */
class Desk {
  readonly clock = new FakeClock();
  readonly pages: CallPage[] = [];
  readonly settle: { done: (result: 'written' | 'lost') => void; fail: (error: Error) => void }[] = [];
  readonly told: string[] = [];
  readonly delivered: (() => void)[] = [];
  logs: (event: PublishedEvent) => Promise<string> = () => Promise.resolve('1');
  isShared = true;

  teller(): Teller {
    const parts: TellerParts = {
      clock: this.clock,
      log: silentLog,
      book: {
        isShared: this.isShared,
        save: (page) => {
          this.pages.push(page);
          return new Promise((done, fail) => this.settle.push({ done, fail }));
        },
        settled: (_call, id) => this.told.push(`settled ${id}`),
      },
      store: {
        appendEvent: (one) => {
          this.told.push(`log ${one.id}`);
          return this.logs(one);
        },
      },
      bots: {
        publish: (one, _question, settled) => {
          this.told.push(`bot ${one.id}`);
          if (settled !== undefined) this.delivered.push(settled);
        },
      },
    };
    return new Teller(parts, CALL, 1);
  }
}

describe('what is told', () => {
  let desk: Desk;
  beforeEach(() => {
    desk = new Desk();
  });

  it('is written down first, then logged and told the bot; and settled when both have it', async () => {
    const teller = desk.teller();
    teller.tell(event(1), null);
    teller.save(() => 'a');
    expect(desk.pages).toEqual([{ callId: CALL, tenure: 1, state: 'a', events: [event(1)] }]);
    await rest();
    expect(desk.told).toEqual([]);
    desk.settle[0]?.done('written');
    await rest();
    expect(desk.told).toEqual(['log evt_1', 'bot evt_1']);
    desk.delivered[0]?.();
    expect(desk.told.slice(2)).toEqual(['settled evt_1']);
    expect(desk.clock.pending).toBe(0);
  });

  it('waits for a slow book a quarter of a second, and keeps its order', async () => {
    const teller = desk.teller();
    teller.tell(event(1), null);
    teller.save(() => 'a');
    desk.clock.advance(100);
    teller.tell(event(2), null);
    teller.save(() => 'b');
    desk.settle[1]?.done('written');
    await rest();
    expect(desk.told).toEqual([]);
    desk.clock.advance(149);
    expect(desk.told).toEqual([]);
    desk.clock.advance(1);
    expect(desk.told.filter((what) => what.startsWith('bot'))).toEqual(['bot evt_1', 'bot evt_2']);
    desk.settle[0]?.done('written');
    await rest();
    expect(desk.told.filter((what) => what === 'bot evt_1')).toHaveLength(1);
  });

  it('is told all the same when the book gives up, and stays in it while the log has not got it', async () => {
    const teller = desk.teller();
    desk.logs = () => Promise.reject(new AppError('store_unavailable', 'it is away'));
    teller.tell(event(1), null);
    teller.save(() => 'a');
    desk.settle[0]?.fail(new AppError('store_unavailable', 'it is away'));
    await rest();
    desk.delivered[0]?.();
    expect(desk.told).toEqual(['log evt_1', 'bot evt_1']);
  });

  it("is another engine's to tell once the call is that one's", async () => {
    const teller = desk.teller();
    teller.tell(event(1), null);
    teller.save(() => 'a');
    teller.tell(event(2), null);
    teller.save(() => 'b');
    const answer = teller.kept('accepted');
    desk.settle[0]?.done('lost');
    await expect(answer).rejects.toMatchObject({ code: 'engine_unreachable' });
    desk.clock.advance(1000);
    teller.save(() => 'c');
    expect([desk.told, desk.pages.length]).toEqual([[], 2]);
  });

  it('a page is written when there is something new in it, and not otherwise', () => {
    const teller = desk.teller();
    for (const state of ['a', 'a', 'b']) teller.save(() => state);
    teller.save(null);
    expect(desk.pages.map(({ state }) => state)).toEqual(['a', 'b', null]);
  });

  it('is told at once where nobody else could go on with the call, which is all that is written', () => {
    desk.isShared = false;
    const teller = desk.teller();
    teller.tell(event(1), null);
    expect(desk.told).toEqual(['log evt_1', 'bot evt_1']);
    for (const state of ['a', 'b']) teller.save(() => state);
    teller.save(null);
    expect(desk.pages.map(({ state, events }) => [state, events])).toEqual([
      ['{}', []],
      [null, []],
    ]);
  });
});

describe('a transfer', () => {
  let crew: Crew;
  let one: Member;
  let call: CrewCall;
  beforeEach(async () => {
    crew = new Crew();
    one = await crew.hire();
    call = await crew.talking(one);
  });

  const command = () =>
    one.engine.control.transfer(call.id, {
      targets: [{ sipUri: 'sip:target@127.0.0.1:5070' }],
      method: 'invite',
      headers: [],
      metadata: {},
    });

  it('is answered, told and sent when it is written; or after a quarter of a second', async () => {
    crew.shelf.cut(one.id);
    let answered = false;
    void command().then(() => (answered = true));
    const seen = () => [answered, one.bots.told.length, one.signalling.dialled.length];
    await crew.pass(200);
    expect(seen()).toEqual([false, 1, 1]);
    await crew.pass(50);
    expect(seen()).toEqual([true, 3, 2]);
  });

  it('is given up before its INVITE was sent: nothing is', async () => {
    crew.shelf.cut(one.id);
    void command();
    call.caller.hangUp();
    await crew.pass(300);
    expect(one.signalling.dialled).toHaveLength(1);
    expect(one.bots.told.map(({ type }) => type).slice(-2)).toEqual(['transfer.failed', 'call.ended']);
    expect(one.engine.liveCalls()).toBe(0);
  });

  it('waits for nothing where the book answers at once', async () => {
    await command();
    await rest();
    expect(one.signalling.dialled).toHaveLength(2);
    expect(one.bots.told.map(({ type }) => type)).toEqual([
      ...['call.started', 'transfer.requested', 'transfer.attempt.started'],
    ]);
  });
});
