import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../../src/adapters/memory/memory-store.js';
import { CommandMemory } from '../../../src/engine/command-memory.js';
import { CallRecords, type WrittenSoFar } from '../../../src/engine/sessions/call-records.js';
import { SESSION_SETTINGS } from '../../../src/engine/sessions/session-settings.js';
import type { BotEvent } from '../../../src/domain/bot-event.js';
import type { TransferCommand } from '../../../src/domain/command.js';
import { asSessionId, asTransferId, callId, transferId } from '../../../src/domain/ids.js';
import type { Queue, Settings } from '../../../src/domain/settings.js';
import type { PublishedEvent } from '../../../src/ports/bot-runtime.js';
import type { CallDetailRecord } from '../../../src/ports/cdr.js';
import { silentLog } from '../../../src/ports/log.js';
import type { Store } from '../../../src/ports/store.js';
import { FakeClock } from '../../support/fake-clock.js';
import { FakeMetrics } from '../../support/fake-metrics.js';
import { anEvent } from '../../support/records.js';

const CALL = callId('1');
const ID = asTransferId('tr_1');
const OF = { transferId: ID, sessionId: asSessionId('agent_transfer:1:call_1:line') };
const QUEUE = { provider: { name: 'genesys', sessionHeader: 'X-Id' } } as Partial<Queue> as Queue;
const settings: Pick<Settings, 'targets' | 'trunks'> = {
  targets: { queues: new Map([['support', QUEUE]]), extensions: new Map([['7001', { queue: 'support' }]]) },
  trunks: new Map(),
};
const command = (...targets: TransferCommand['targets']): TransferCommand => ({
  ...{ targets, method: 'auto', headers: [], metadata: {} },
});

let clock: FakeClock;
let store: ReturnType<typeof createMemoryStore>;
let cdrs: CallDetailRecord[];
let commands: CommandMemory;
let n: number;

beforeEach(() => {
  clock = new FakeClock();
  store = createMemoryStore({ clock });
  cdrs = [];
  commands = new CommandMemory();
  n = 0;
});

const engine = (over: { ttlMs?: number; store?: Pick<Store, 'putTransfer'> } = {}) => {
  const sessions = { ...SESSION_SETTINGS, ttlMs: { ...SESSION_SETTINGS.ttlMs, voice: over.ttlMs ?? 0 } };
  const cdr = { write: (record: CallDetailRecord) => void cdrs.push(record) };
  const kept = over.store === undefined ? store : { ...bound(store), ...over.store };
  return new CallRecords(
    { store: kept, metrics: new FakeMetrics(), settings, sessions, clock, log: silentLog, cdr },
    commands,
  );
};
const bound = (of: Store) => ({
  annotateTransfer: of.annotateTransfer.bind(of),
  getTransfer: of.getTransfer.bind(of),
  putLadder: of.putLadder.bind(of),
});

const published = (event: BotEvent): PublishedEvent =>
  anEvent((n += 1), '1', { ...event, time: new Date(clock.now()).toISOString() });
const tell = (records: CallRecords, ...events: BotEvent[]) => {
  for (const event of events) records.told(published(event), { contact: '1612', agent: 'line' });
};
const attempt = (target: string) => ({
  ...OF,
  attempt: { n: 1, of: 1, target, method: 'invite', trunk: null, because: null },
});
const requested = (...targets: string[]): BotEvent => ({
  type: 'transfer.requested',
  data: { ...OF, targets, method: 'auto', reason: null, metadata: {} },
});
const verdict = (
  type: 'transfer.completed' | 'transfer.failed',
  over: { action?: 'return' | 'end' | 'stay'; by?: 'interrupted' } = {},
): BotEvent => ({
  type,
  data: {
    ...OF,
    outcome: type === 'transfer.completed' ? 'answered' : 'busy',
    evidence: {
      ...{ sipCode: 200, sipReason: null, q850: null, phase: 'bridge', attempt: 1 },
      decidedBy: over.by ?? 'far_end',
    },
    next: { action: over.action ?? 'stay', node: null, message: null },
    transferStatus: { status: 'FAIL', hangup: false, number: '1' },
  },
});
const record = () => store.getTransfer(ID);
const open = (records: CallRecords) =>
  records.began({ callId: CALL, channel: 'line', trunk: 'carrier', from: '1', to: '2', toBot: true });

describe('the record of a transfer', () => {
  it('is queued while it waits in a queue, by whatever name that was asked for', async () => {
    for (const [given, label] of [
      [command({ queue: 'support' }), 'support'],
      [command({ extension: '7001' }), '7001'],
    ] as const) {
      store = createMemoryStore({ clock });
      const records = engine();
      commands.keep(ID, given);
      tell(records, requested(label));
      expect(await record()).toMatchObject({
        status: 'pending',
        provider: 'genesys',
        queue: null,
        command: given,
      });
      tell(records, { type: 'transfer.attempt.started', data: attempt(label) });
      expect(await record()).toMatchObject({ status: 'queued', queue: 'support', provider: 'genesys' });
      tell(records, { type: 'transfer.bridged', data: attempt(label) });
      expect(await record()).toMatchObject({ status: 'active' });
    }
  });

  it('is not queued by a number that is called like a queue', async () => {
    commands.keep(ID, command({ phoneNumber: 'support' }));
    const records = engine();
    tell(records, requested('support'), { type: 'transfer.attempt.started', data: attempt('support') });
    expect(await record()).toMatchObject({ status: 'pending', queue: null, provider: 'sip' });
  });

  it('is open behind the talk until the next transfer, or the end', async () => {
    const records = engine();
    tell(records, requested('1'), verdict('transfer.completed', { action: 'return' }));
    expect(await record()).toMatchObject({ status: 'post_agent', endReason: null });
    expect(records.close(transferId('other'))).toBe(false);
    tell(records, {
      ...requested('2'),
      data: { ...requested('2').data, transferId: asTransferId('tr_2') },
    } as BotEvent);
    expect(await record()).toMatchObject({ status: 'ended', endReason: 'completed' });
    expect(records.close(ID)).toBe(false);
  });

  it('is closed by request, and not ended once more with its call', async () => {
    const records = engine();
    tell(records, requested('1'), verdict('transfer.completed', { action: 'return' }));
    expect(records.close(ID)).toBe(true);
    const { revision } = (await record())!;
    records.ended(CALL, { legs: [], ladder: [] });
    expect(await record()).toMatchObject({ status: 'ended', endReason: 'closed', revision });
  });

  it('says why it ended', async () => {
    tell(engine(), requested('1'), verdict('transfer.failed', { by: 'interrupted' }));
    expect(await record()).toMatchObject({ endReason: 'interrupted', followUp: { state: 'open' } });
  });

  it('runs out later by every sign of life, where sessions of calls run out', async () => {
    const records = engine({ ttlMs: 60_000 });
    tell(records, requested('1'));
    expect((await record())?.expiresAt).toBe('2026-01-01T00:01:00.000Z');
    clock.advance(30_000);
    tell(records, { type: 'call.input', data: { input: 'dtmf', digits: '1', from: 'caller' } });
    expect((await record())?.expiresAt).toBe('2026-01-01T00:01:30.000Z');
    tell(records, verdict('transfer.failed'));
    expect((await record())?.expiresAt).toBeNull();
  });
});

describe('a call whose engine is gone', () => {
  const moved = (records: CallRecords): WrittenSoFar =>
    JSON.parse(JSON.stringify(records.export(CALL))) as WrittenSoFar;

  it('is written on by another one, and the first cannot write any more', async () => {
    const first = engine();
    open(first);
    tell(first, requested('1'));
    const second = engine();
    second.import(CALL, moved(first));
    tell(first, { type: 'transfer.bridged', data: attempt('1') });
    expect((await record())?.status).toBe('pending');
    tell(second, verdict('transfer.failed'), {
      type: 'call.ended',
      data: { by: 'bot', sipCode: null, reason: null },
    });
    second.ended(CALL, { legs: [], ladder: [] });
    expect(await record()).toMatchObject({ status: 'ended', state: 'failed' });
    expect(cdrs).toMatchObject([{ callId: CALL, endedBy: 'bot', transfers: [{ state: 'failed' }] }]);
  });

  it('has the last of its records written that its engine could not write', async () => {
    const first = engine({ store: { putTransfer: () => new Promise(() => undefined) } });
    tell(first, requested('1'), verdict('transfer.failed'));
    expect(await record()).toBeUndefined();
    engine().import(CALL, moved(first));
    expect(await record()).toMatchObject({ status: 'ended', state: 'failed' });
  });

  it('and that was over has its verdict in its record all the same', async () => {
    tell(engine(), requested('1'));
    const told = [published(verdict('transfer.completed', { action: 'return' }))];
    await engine().retold(CALL, told);
    expect(await record()).toMatchObject({ status: 'ended', state: 'completed', endReason: 'completed' });
    const { revision } = (await record())!;
    await engine().retold(CALL, told);
    expect((await record())?.revision).toBe(revision);
  });
});

describe('commands that may be given again', () => {
  it('are taken once, bounded, and never those about one dialog', () => {
    commands.keep(ID, command({ queue: 'a' }));
    expect(commands.take(ID)).toEqual(command({ queue: 'a' }));
    expect(commands.take(ID)).toBeNull();
    commands.keep(ID, { ...command({ queue: 'a' }), replaces: 'abc' });
    expect(commands.take(ID)).toBeNull();
    for (let i = 0; i <= 1000; i += 1) commands.keep(transferId(String(i)), command({ queue: 'a' }));
    expect([commands.take(transferId('0')), commands.take(transferId('1'))]).toEqual([
      null,
      command({ queue: 'a' }),
    ]);
  });
});
