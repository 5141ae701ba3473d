import { beforeEach, describe, expect, it } from 'vitest';
import { createMemorySiblings, type Neighbours } from '../../src/adapters/memory/siblings.js';
import { createMemoryStore } from '../../src/adapters/memory/memory-store.js';
import type { TransferCommand } from '../../src/domain/command.js';
import { asTransferId, callId, sessionId, transferId, type CallId } from '../../src/domain/ids.js';
import { answersOf, type LocalControl } from '../../src/engine/questions.js';
import { Once } from '../../src/engine/once.js';
import { SharedControl } from '../../src/engine/shared-control.js';
import { AppError } from '../../src/errors.js';
import type { EngineId } from '../../src/ports/call-book.js';
import type { CallView } from '../../src/ports/control.js';
import type { LadderEntry } from '../../src/ports/ladder.js';
import type { Siblings } from '../../src/ports/siblings.js';
import { FakeClock } from '../support/fake-clock.js';
import { A_DRY_RUN, aCall } from '../support/fake-control.js';
import { aRecord, endedRecord } from '../support/records.js';

const A = 'eng_a' as EngineId;
const B = 'eng_b' as EngineId;
const C = 'eng_c' as EngineId;
const CALL = callId('1');
const COMMAND: TransferCommand = {
  ...{ targets: [{ phoneNumber: '1612' }], method: 'auto', headers: [['X-A', 'ä']], metadata: { a: [1] } },
};

/** One engine's own calls, and what was asked of them. */
class FakeLocal implements LocalControl {
  readonly live = new Map<CallId, CallView>();
  readonly asked: unknown[][] = [];
  readonly ladders = new Map<CallId, readonly LadderEntry[]>();
  /** Refusal of every command. */
  error: AppError | null = null;
  /** Transfers wait for it. */
  gate: Promise<void> = Promise.resolve();

  constructor(private readonly engine: EngineId) {}

  add(id: CallId, over: Partial<CallView> = {}): void {
    this.live.set(id, aCall(id, { engine: this.engine, ...over }));
  }

  calls() {
    return [...this.live.values()];
  }
  call(id: CallId) {
    return this.live.get(id);
  }
  ladder(id: CallId) {
    return this.ladders.get(id);
  }
  hasPending(id: string) {
    return this.calls().some((call) => call.transferId === id);
  }
  async transfer(id: CallId, command: TransferCommand) {
    this.heard('transfer', id, command);
    await this.gate;
    const n = String(this.asked.length);
    return { transferId: transferId(n), sessionId: sessionId(n, id, 'line') };
  }
  dryRun(id: CallId, command: TransferCommand) {
    return this.later(A_DRY_RUN, 'dryRun', id, command);
  }
  cancelTransfer(id: string) {
    return this.later(undefined, 'cancelTransfer', id);
  }
  bringBack(id: CallId, transfer: string) {
    return this.later(undefined, 'bringBack', id, transfer);
  }
  closeSession(id: CallId, transfer: string) {
    return this.later(true, 'closeSession', id, transfer);
  }
  hangup(id: CallId) {
    return this.later(undefined, 'hangup', id);
  }
  record(id: CallId, action: string) {
    return this.later(undefined, 'record', id, action);
  }
  reply(id: CallId, replies: unknown) {
    return this.later(true, 'reply', id, replies);
  }
  simulatePolicy() {
    return [];
  }
  readiness() {
    return { ready: true, dependencies: {} };
  }
  hasChannel() {
    return true;
  }

  private async later<T>(value: T, ...what: unknown[]): Promise<T> {
    this.heard(...what);
    return Promise.resolve(value);
  }

  private heard(...what: unknown[]): void {
    this.asked.push(what);
    if (this.error !== null) throw this.error;
    const [name, id] = what;
    if (name !== 'cancelTransfer' && !this.live.has(id as CallId))
      throw new AppError('call_not_found', `there is no live call "${String(id)}"`);
  }
}

let clock: FakeClock;
let neighbours: Neighbours;
let owners: Map<CallId, EngineId>;
let engines: EngineId[];
let store: ReturnType<typeof createMemoryStore>;
let storeAway: boolean;

beforeEach(() => {
  clock = new FakeClock();
  neighbours = new Map();
  owners = new Map();
  engines = [A, B];
  storeAway = false;
  store = createMemoryStore({ clock });
});

const unlessAway = <T>(value: () => T): Promise<T> =>
  storeAway ? Promise.reject(new AppError('store_unavailable', 'Redis is away.')) : Promise.resolve(value());

async function engine(id: EngineId, siblings?: Siblings) {
  const local = new FakeLocal(id);
  const control = new SharedControl(local, {
    siblings: siblings ?? createMemorySiblings(id, clock, neighbours),
    book: {
      engineOf: (call) => unlessAway(() => owners.get(call) ?? null),
      engines: () => unlessAway(() => engines),
    },
    ...{ store, clock },
  });
  await control.start();
  return { local, control };
}

const thrownBy = (promise: Promise<unknown>): Promise<unknown> => promise.catch((thrown: unknown) => thrown);

describe('a call on another engine', () => {
  it('is shown, transferred, hung up, recorded and spoken to as if it were here', async () => {
    const [a, b] = [await engine(A), await engine(B)];
    b.local.add(CALL);
    b.local.ladders.set(CALL, [
      { at: 1, leg: 'caller', direction: 'in', text: 'INVITE', sdp: true, peer: null },
    ]);
    owners.set(CALL, B);
    expect(await a.control.call(CALL)).toEqual(aCall(CALL, { engine: B }));
    expect(await a.control.ladder(CALL)).toHaveLength(1);
    expect(await a.control.transfer(CALL, COMMAND)).toMatchObject({ transferId: 'tr_1' });
    expect(await a.control.dryRun(CALL, COMMAND)).toEqual(A_DRY_RUN);
    await a.control.hangup(CALL);
    await a.control.record(CALL, 'pause');
    expect(await a.control.reply(CALL, [{ kind: 'hangup' }])).toBe(true);
    await a.control.bringBack(CALL, transferId('5'));
    expect(await a.control.closeSession(CALL, transferId('5'))).toBe(true);
    expect(a.local.asked).toEqual([]);
    expect(b.local.asked).toEqual([
      ['transfer', CALL, COMMAND],
      ['dryRun', CALL, COMMAND],
      ['hangup', CALL],
      ['record', CALL, 'pause'],
      ['reply', CALL, [{ kind: 'hangup' }]],
      ['bringBack', CALL, 'tr_5'],
      ['closeSession', CALL, 'tr_5'],
    ]);
  });

  it('refuses in its own words', async () => {
    const [a, b] = [await engine(A), await engine(B)];
    b.local.add(CALL);
    owners.set(CALL, B);
    b.local.error = new AppError('transfer_pending', 'tr_9 is pending', [{ path: 'p', message: 'm' }], {
      transferId: 'tr_9',
    });
    expect(await thrownBy(a.control.transfer(CALL, COMMAND))).toEqual(b.local.error);
  });

  it('its pending transfer is cancelled there; one that is over, or unknown, is answered here', async () => {
    const [a, b] = [await engine(A), await engine(B)];
    await store.putTransfer(aRecord(1, { callId: CALL }));
    await store.putTransfer(endedRecord(2, { callId: CALL }));
    b.local.add(CALL);
    owners.set(CALL, B);
    await a.control.cancelTransfer(asTransferId('tr_1'));
    expect([a.local.asked, b.local.asked]).toEqual([[], [['cancelTransfer', 'tr_1']]]);
    await a.control.cancelTransfer(asTransferId('tr_2'));
    await a.control.cancelTransfer(asTransferId('tr_3'));
    expect(a.local.asked).toEqual([
      ['cancelTransfer', 'tr_2'],
      ['cancelTransfer', 'tr_3'],
    ]);
  });

  it('a call nobody has is not found, and no engine is asked', async () => {
    const [a, b] = [await engine(A), await engine(B)];
    expect(await a.control.call(CALL)).toBeUndefined();
    expect(await thrownBy(a.control.hangup(CALL))).toMatchObject({ code: 'call_not_found' });
    expect(b.local.asked).toEqual([]);
  });

  it('a call of ours needs no book', async () => {
    const a = await engine(A);
    a.local.add(CALL, { transferId: asTransferId('tr_1') });
    storeAway = true;
    await a.control.transfer(CALL, COMMAND);
    await a.control.cancelTransfer(asTransferId('tr_1'));
    expect(a.local.asked).toHaveLength(2);
    expect(await thrownBy(a.control.hangup(callId('2')))).toMatchObject({ code: 'store_unavailable' });
  });

  it('whose engine died is unreachable; taken over meanwhile, its new engine is asked', async () => {
    const [a, b] = [await engine(A), await engine(B)];
    owners.set(CALL, C);
    expect(await thrownBy(a.control.hangup(CALL))).toMatchObject({ code: 'engine_unreachable' });
    b.local.add(CALL);
    const moving = await engine('eng_m' as EngineId, {
      engine: 'eng_m' as EngineId,
      start: () => Promise.resolve(),
      stop: () => Promise.resolve(),
      ask: (to, question) => {
        // The first question comes too late: the call has just gone.
        if (to === C) {
          owners.set(CALL, B);
          return Promise.reject(new AppError('call_not_found', 'gone'));
        }
        const { args } = question as { args: [CallId] };
        return answersOf(b.local, new Once(clock)).hangup(...args);
      },
    });
    await moving.control.hangup(CALL);
    expect(b.local.asked).toEqual([['hangup', CALL]]);
  });

  it('the ladder of an ended call is asked of everybody', async () => {
    engines = [A, B, C];
    const [a, b] = [await engine(A), await engine(B)];
    b.local.ladders.set(CALL, [
      { at: 1, leg: 'caller', direction: 'in', text: 'BYE', sdp: false, peer: null },
    ]);
    expect(await a.control.ladder(CALL)).toMatchObject([{ text: 'BYE' }]);
    expect(await a.control.ladder(callId('2'))).toBeUndefined();
  });
});

describe('the list of calls', () => {
  it('has those of all engines, oldest first, each with its engine, none twice', async () => {
    const [a, b] = [await engine(A), await engine(B)];
    a.local.add(callId('2'), { startedAt: '2026-01-01T00:00:02.000Z' });
    b.local.add(callId('1'), { startedAt: '2026-01-01T00:00:01.000Z' });
    b.local.add(callId('2'), { startedAt: '2026-01-01T00:00:02.000Z' });
    const { items, partial } = await a.control.calls();
    expect(items.map((call) => [call.callId, call.engine])).toEqual([
      ['call_1', B],
      ['call_2', A],
    ]);
    expect(partial).toEqual([]);
  });

  it('names engines that do not answer, in time', async () => {
    engines = [A, B, C];
    const a = await engine(A);
    a.local.add(CALL);
    neighbours.set(B, () => new Promise(() => undefined));
    const list = a.control.calls();
    await Promise.resolve();
    await Promise.resolve();
    clock.advance(3_000);
    const { items, partial } = await list;
    expect(items).toHaveLength(1);
    expect(partial.map((one) => one.engine).sort()).toEqual([B, C]);
  });

  it('says so when nobody knows which engines there are', async () => {
    const a = await engine(A);
    a.local.add(CALL);
    storeAway = true;
    expect(await a.control.calls()).toEqual({
      items: [aCall(CALL, { engine: A })],
      partial: [{ engine: null, detail: 'Redis is away.' }],
    });
  });
});

describe('the same command, sent to several engines', () => {
  const once = { key: 'k', fingerprint: 'f' };

  it('is carried out once, and all get its answer', async () => {
    engines = [A, B, C];
    const [a, b, c] = [await engine(A), await engine(B), await engine(C)];
    b.local.add(CALL);
    owners.set(CALL, B);
    let open = (): void => undefined;
    b.local.gate = new Promise((resolve) => (open = resolve));
    const answers = [a, b, c].map(({ control }) => control.transfer(CALL, COMMAND, once));
    open();
    const [one, two, three] = await Promise.all(answers);
    expect([two, three]).toEqual([one, one]);
    expect(await a.control.transfer(CALL, COMMAND, once)).toEqual(one);
    expect(b.local.asked).toHaveLength(1);
  });

  it('is another one with another key or another call, and a mistake with another body', async () => {
    const a = await engine(A);
    a.local.add(CALL);
    a.local.add(callId('2'));
    await a.control.transfer(CALL, COMMAND, once);
    await a.control.transfer(callId('2'), COMMAND, once);
    await a.control.transfer(CALL, COMMAND, { ...once, key: 'l' });
    await a.control.transfer(CALL, COMMAND);
    expect(a.local.asked).toHaveLength(4);
    expect(await thrownBy(a.control.transfer(CALL, COMMAND, { ...once, fingerprint: 'g' }))).toMatchObject({
      code: 'idempotency_mismatch',
    });
  });

  it('may be tried again when it was refused, and is forgotten after a minute', async () => {
    const a = await engine(A);
    a.local.add(CALL);
    a.local.error = new AppError('transfer_not_possible', 'not now');
    expect(await thrownBy(a.control.transfer(CALL, COMMAND, once))).toEqual(a.local.error);
    a.local.error = null;
    await a.control.transfer(CALL, COMMAND, once);
    await a.control.transfer(CALL, COMMAND, once);
    expect(a.local.asked).toHaveLength(2);
    clock.advance(60_000);
    await a.control.transfer(CALL, COMMAND, once);
    expect(a.local.asked).toHaveLength(3);
  });
});

it('a question of another version is refused with words', async () => {
  await engine(A);
  const other = createMemorySiblings(B, clock, neighbours);
  expect(await thrownBy(other.ask(A, { ask: 'dance', args: [] }))).toMatchObject({
    code: 'not_supported',
    detail: expect.stringContaining('dance') as unknown,
  });
});
