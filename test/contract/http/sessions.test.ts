import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TransferCommand } from '../../../src/domain/command.js';
import { asTransferId, callId } from '../../../src/domain/ids.js';
import { AppError } from '../../../src/errors.js';
import type { TransferRecord } from '../../../src/ports/transfer-record.js';
import { httpBench, type HttpBench } from '../../support/http-bench.js';
import { aRecord, endedRecord } from '../../support/records.js';

let bench: HttpBench;
beforeEach(async () => {
  bench = await httpBench();
});
afterEach(() => bench.api.close());

const SESSION = '/v1/transfer-sessions/agent_transfer:1:call_1:line';
const failed = (n: number, over: Partial<TransferRecord> = {}) =>
  endedRecord(n, { followUp: { state: 'open' }, ...over });
const items = async (path: string) =>
  ((await bench.get(path)).json['items'] as { transferId: string }[]).map(({ transferId }) => transferId);
const act = (action: string, session = SESSION) => bench.post(`${session}/actions`, { action });
const code = async (reply: Promise<{ status: number; json: Record<string, unknown> }>) => {
  const { status, json } = await reply;
  return [status, json['code'] ?? null];
};

describe('a session as it is shown', () => {
  it('says how long everything took so far', async () => {
    const at = (s: number) => new Date(Date.parse('2026-01-01T00:00:00.000Z') + s * 1000).toISOString();
    const live = aRecord(1, { createdAt: at(0), activeAt: at(10), status: 'active' });
    await bench.store.putTransfer(live);
    bench.clock.advance(30_000);
    expect((await bench.get(SESSION)).json).toMatchObject({
      ...{ durationMs: 30_000, waitMs: 10_000, talkMs: 20_000 },
      ladder: '/v1/transfer-sessions/agent_transfer%3A1%3Acall_1%3Aline/ladder',
    });
    const over = { status: 'ended', verdictAt: at(25), endedAt: at(28), revision: 2 } as const;
    await bench.store.putTransfer({ ...live, ...over });
    bench.clock.advance(30_000);
    expect((await bench.get(SESSION)).json).toMatchObject({
      ...{ durationMs: 28_000, waitMs: 10_000, talkMs: 15_000 },
    });
  });

  it('keeps the command to itself, and says whether it can be given once more', async () => {
    const command = {
      targets: [{ phoneNumber: '1612' }],
      method: 'auto',
      headers: [['X-Pin', 'pin-0815']],
    } as const;
    await bench.store.putTransfer(failed(1, { command: { ...command, metadata: {} } }));
    const reply = await bench.get(SESSION);
    expect(reply.text).not.toContain('pin-0815');
    expect(reply.json).toMatchObject({ retryable: true });
  });

  it('has its contact whole, a list only the beginning', async () => {
    await bench.store.putTransfer(aRecord(1, { contact: '16125550199' }));
    expect((await bench.get(SESSION)).json['contact']).toBe('16125550199');
    const list = await bench.get('/v1/transfer-sessions?contact=16125550199');
    expect(list.json['items']).toMatchObject([{ contact: '16125550…' }]);
    expect(list.text).not.toContain('16125550199');
  });

  it('is found by any of its filters', async () => {
    await bench.store.putTransfer(aRecord(1, { provider: 'genesys', queue: 'support' }));
    await bench.store.putTransfer(aRecord(2, { channel: 'chat', channelId: 'web' }));
    await bench.store.putTransfer(endedRecord(3));
    const of = (query: string) => items(`/v1/transfer-sessions?${query}`);
    expect(await of('provider=genesys&queue=support')).toEqual(['tr_1']);
    expect(await of('channel=chat')).toEqual(['tr_2']);
    expect(await of('outcome=busy&state=failed')).toEqual(['tr_3']);
    expect(await of('from=2026-01-01T00:00:00.002Z&to=2026-01-01T00:00:00.003Z')).toEqual(['tr_2']);
    expect(await code(bench.get('/v1/transfer-sessions?from=yesterday'))).toEqual([422, 'invalid_field']);
    expect(await code(bench.get('/v1/transfer-sessions?channel=pigeon'))).toEqual([422, 'invalid_field']);
  });
});

describe('the ladder of a session', () => {
  const entry = { at: 1, leg: 'caller', direction: 'in', text: 'INVITE', sdp: true, peer: null } as const;

  it('is that of the live call, and the kept one when the call is over', async () => {
    await bench.store.putTransfer(aRecord(1));
    expect(await code(bench.get(`${SESSION}/ladder`))).toEqual([404, 'ladder_not_found']);
    bench.control.ladders.set(callId('1'), [entry]);
    const json = { accept: 'application/json' };
    expect((await bench.get(`${SESSION}/ladder`, json)).text).toContain('INVITE');
    bench.control.ladders.clear();
    await bench.store.putLadder(callId('1'), [{ ...entry, text: 'BYE' }]);
    expect((await bench.get(`${SESSION}/ladder`, json)).text).toContain('BYE');
    expect((await bench.get(`${SESSION}/ladder`)).type).toContain('text/plain');
    expect(await code(bench.get('/v1/transfer-sessions/x/ladder'))).toEqual([404, 'session_not_found']);
  });
});

describe('actions on the session of a call', () => {
  const stored = (over: Partial<TransferRecord>) => bench.store.putTransfer(aRecord(1, over));

  it('end lets everybody go while it waits or talks', async () => {
    await stored({ status: 'active' });
    expect((await act('end')).json).toEqual({
      ...{ action: 'end', sessionId: 'agent_transfer:1:call_1:line', transfer: null },
    });
    expect(bench.control.hungUp).toEqual(['call_1']);
  });

  it('end closes the record alone where the agent is gone', async () => {
    await stored({ status: 'post_agent', state: 'completed' });
    bench.control.closable.add(asTransferId('tr_1'));
    expect((await act('end')).status).toBe(202);
    expect(bench.control.hungUp).toEqual([]);
    expect((await bench.get(SESSION)).json['status']).toBe('post_agent');
  });

  it('end of a call that no engine has ends the record, and leaves it to be looked after by nobody', async () => {
    await stored({ status: 'queued', revision: 4 });
    bench.control.live.clear();
    expect((await act('end')).status).toBe(202);
    expect((await bench.get(SESSION)).json).toMatchObject({
      ...{ status: 'ended', state: 'cancelled', endReason: 'closed', followUp: null },
    });
    // The engine that had it, should it come back, is too late.
    expect(await stored({ status: 'active', revision: 5 })).toBe('stale');
  });

  it('cancel asks for the transfer to be cancelled, and nothing else can be', async () => {
    await stored({ status: 'queued' });
    bench.control.nextError = new AppError('transfer_answered', 'Too late.');
    expect(await code(act('cancel'))).toEqual([409, 'transfer_answered']);
    await stored({ status: 'post_agent', state: 'completed' });
    expect(await code(act('cancel'))).toEqual([409, 'session_state']);
    await stored({ status: 'ended', state: 'completed' });
    expect(await code(act('cancel'))).toEqual([409, 'session_over']);
    expect(bench.control.cancelled).toEqual([]);
  });

  it('return brings the caller back from a conversation', async () => {
    await stored({ status: 'active' });
    expect((await act('return')).status).toBe(202);
    expect(bench.control.broughtBack).toEqual(['tr_1']);
    bench.control.nextError = new AppError('return_not_possible', 'The bot was let go.');
    expect(await code(act('return'))).toEqual([409, 'return_not_possible']);
    await stored({ status: 'queued' });
    expect(await code(act('return'))).toEqual([409, 'session_state']);
  });

  it('retry gives the command of a transfer that failed once more', async () => {
    const command: TransferCommand = {
      ...{ targets: [{ queue: 'support' }], method: 'auto', headers: [], metadata: {} },
    };
    await bench.store.putTransfer(failed(1, { command }));
    expect((await act('retry')).json).toMatchObject({
      transfer: { transferId: 'tr_1', sessionId: 'agent_transfer:1:call_1:line' },
    });
    expect(bench.control.transfers).toEqual([{ callId: 'call_1', command }]);
    bench.control.nextError = new AppError('transfer_pending', 'Another one is.');
    expect(await code(act('retry'))).toEqual([409, 'transfer_pending']);
    bench.control.live.clear();
    expect(await code(act('retry'))).toEqual([409, 'session_state']);
  });

  it('a retry that is asked twice under one key is carried out once', async () => {
    const key = { 'idempotency-key': 'k' };
    const command = {
      targets: [{ phoneNumber: '1612' }],
      method: 'auto',
      headers: [],
      metadata: {},
    } as const;
    await bench.store.putTransfer(failed(1, { command }));
    const first = await bench.post(`${SESSION}/actions`, { action: 'retry' }, key);
    expect(first.status).toBe(202);
    expect((await bench.post(`${SESSION}/actions`, { action: 'retry' }, key)).json).toEqual(first.json);
    // The engine of the call knows it as well: the repetition may come to another one.
    expect(bench.control.onceKeys).toMatchObject([{ key: 'k' }]);
    expect(await code(bench.post(`${SESSION}/actions`, { action: 'end' }, key))).toEqual([
      422,
      'idempotency_mismatch',
    ]);
  });

  it('retry needs a verdict that was none, and a command', async () => {
    await stored({ status: 'queued' });
    expect(await code(act('retry'))).toEqual([409, 'session_state']);
    await stored({ status: 'ended', state: 'completed', outcome: 'answered' });
    expect(await code(act('retry'))).toEqual([409, 'session_state']);
    await bench.store.putTransfer(failed(1));
    expect(await code(act('retry'))).toEqual([409, 'session_state']);
    expect(bench.control.transfers).toEqual([]);
  });

  it('are of sessions there are, by words there are', async () => {
    expect(await code(act('end', '/v1/transfer-sessions/x'))).toEqual([404, 'session_not_found']);
    expect(await code(act('explode'))).toEqual([422, 'invalid_field']);
    expect(await code(bench.post(`${SESSION}/actions`, {}))).toEqual([422, 'invalid_field']);
  });
});

describe('what a provider says', () => {
  it('about the session of a call stands beside what the call says', async () => {
    await bench.store.putTransfer(aRecord(1));
    const said = { providerSessionId: 'g-1', providerData: { n: 1 }, queue: 'vip' };
    expect((await bench.ask('PATCH', SESSION, said)).json).toMatchObject(said);
    await bench.store.putTransfer(aRecord(1, { status: 'active', revision: 2 }));
    expect((await bench.get(SESSION)).json).toMatchObject({ ...said, status: 'active' });
    expect(await code(bench.ask('PATCH', SESSION, { status: 'ended' }))).toEqual([
      409,
      'session_follows_call',
    ]);
    expect(await code(bench.ask('PATCH', SESSION, {}))).toEqual([422, 'invalid_field']);
    expect(await code(bench.ask('PATCH', SESSION, { state: 'failed' }))).toEqual([422, 'invalid_field']);
  });
});

describe('a session without a call', () => {
  const chat = {
    channel: 'chat',
    contact: 'ada',
    provider: 'genesys',
    conversationId: 'c:1',
    queue: 'claims',
  };
  const create = async (over: object = {}) => {
    const reply = await bench.post('/v1/transfer-sessions', { ...chat, ...over });
    expect(reply.status).toBe(201);
    return { path: `/v1/transfer-sessions/${encodeURIComponent(String(reply.json['sessionId']))}`, reply };
  };

  it('is pending, and runs out unless something is heard of it', async () => {
    const { path, reply } = await create({ metadata: { a: 1 } });
    expect(reply.json).toMatchObject({
      ...{ status: 'pending', channel: 'chat', channelId: 'chat', callId: 'c:1', metadata: { a: 1 } },
      ...{ expiresAt: '2026-01-01T00:30:00.000Z', ladder: null, retryable: false },
    });
    expect(reply.json['sessionId']).toMatch(/^agent_transfer:[0-9a-f-]{36}:c%3A1:chat$/);
    bench.clock.advance(60_000);
    const patched = await bench.ask('PATCH', path, { providerData: {} });
    expect(patched.json['expiresAt']).toBe('2026-01-01T00:31:00.000Z');
    expect((await create({ channel: 'email' })).reply.json['expiresAt']).toBe('2026-01-02T00:01:00.000Z');
  });

  it('is made once under one key', async () => {
    const key = { 'idempotency-key': 'k' };
    const first = await bench.post('/v1/transfer-sessions', chat, key);
    expect([first.status, first.json]).toEqual([201, expect.objectContaining({ status: 'pending' })]);
    expect((await bench.post('/v1/transfer-sessions', chat, key)).json).toEqual(first.json);
    expect(await items('/v1/transfer-sessions')).toHaveLength(1);
  });

  it('goes from waiting over a person to its end', async () => {
    const { path } = await create();
    for (const status of ['queued', 'active', 'queued', 'active', 'post_agent'])
      expect((await bench.ask('PATCH', path, { status })).json['status']).toBe(status);
    expect(await code(bench.ask('PATCH', path, { status: 'active' }))).toEqual([409, 'session_state']);
    const over = await bench.ask('PATCH', path, { status: 'ended' });
    expect(over.json).toMatchObject({
      ...{
        status: 'ended',
        state: 'completed',
        outcome: 'answered',
        endReason: 'completed',
        expiresAt: null,
      },
    });
    expect(await code(bench.ask('PATCH', path, { status: 'active' }))).toEqual([409, 'session_over']);
    expect((await bench.ask('PATCH', path, { providerData: { csat: 5 } })).json).toMatchObject({
      ...{ status: 'ended', providerData: { csat: 5 } },
    });
  });

  it('is ended and cancelled by action, and nothing else', async () => {
    const one = await create();
    expect(await code(act('return', one.path))).toEqual([409, 'session_state']);
    expect(await code(act('retry', one.path))).toEqual([409, 'session_state']);
    expect((await act('cancel', one.path)).status).toBe(202);
    expect((await bench.get(one.path)).json).toMatchObject({ state: 'cancelled', endReason: 'cancelled' });
    expect(await code(act('end', one.path))).toEqual([409, 'session_over']);
    const other = await create();
    await bench.ask('PATCH', other.path, { status: 'active' });
    expect(await code(act('cancel', other.path))).toEqual([409, 'session_state']);
    expect((await act('end', other.path)).status).toBe(202);
    expect((await bench.get(other.path)).json).toMatchObject({ state: 'completed', endReason: 'completed' });
    expect(bench.control.hungUp).toEqual([]);
  });

  it('changed by several at once keeps what each has said', async () => {
    const { path } = await create();
    const said = [
      { status: 'queued' },
      { providerSessionId: 'g' },
      { providerData: { a: 1 } },
      { queue: 'vip' },
    ];
    const replies = await Promise.all(said.map((one) => bench.ask('PATCH', path, one)));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await bench.get(path)).json).toMatchObject(Object.assign({ revision: 5 }, ...said) as object);
  });

  it('is refused where it is none', async () => {
    const make = (body: object) => code(bench.post('/v1/transfer-sessions', body));
    expect(await make({ ...chat, channel: 'voice' })).toEqual([422, 'invalid_field']);
    expect(await make({ ...chat, conversationId: 'a b' })).toEqual([422, 'invalid_field']);
    expect(await make({ ...chat, contact: '' })).toEqual([422, 'invalid_field']);
    expect(await make({ channel: 'chat' })).toEqual([422, 'invalid_field']);
  });
});

describe('the inbox', () => {
  const done = (n: number, body?: object) =>
    bench.post(`/v1/inbox/agent_transfer:${n}:call_1:line/done`, body);

  it('has those who asked for a person and got none, newest first, until somebody has looked after them', async () => {
    for (const n of [1, 2, 3]) await bench.store.putTransfer(failed(n));
    await bench.store.putTransfer(endedRecord(4, { state: 'completed', outcome: 'answered' }));
    expect(await items('/v1/inbox')).toEqual(['tr_3', 'tr_2', 'tr_1']);
    const page = await bench.get('/v1/inbox?limit=2');
    expect(await items(`/v1/inbox?limit=2&cursor=${String(page.json['nextCursor'])}`)).toEqual(['tr_1']);
    expect((await done(2, { note: 'Called back.' })).json['followUp']).toEqual({
      ...{ state: 'done', at: '2026-01-01T00:00:00.000Z', by: 'api', note: 'Called back.' },
    });
    expect(await items('/v1/inbox')).toEqual(['tr_3', 'tr_1']);
    expect(await items('/v1/inbox?followUp=done')).toEqual(['tr_2']);
  });

  it('opens nothing again, and forgets no note', async () => {
    await bench.store.putTransfer(failed(1));
    expect((await done(1)).status).toBe(200);
    bench.clock.advance(1000);
    expect((await done(1, { note: 'late' })).json['followUp']).toMatchObject({
      ...{ at: '2026-01-01T00:00:00.000Z', note: null },
    });
    await bench.store.putTransfer(failed(1, { revision: 9 }));
    expect(await items('/v1/inbox')).toEqual([]);
  });

  it('is of sessions that need it', async () => {
    await bench.store.putTransfer(aRecord(1));
    expect(await code(done(1))).toEqual([409, 'session_state']);
    expect(await code(done(9))).toEqual([404, 'session_not_found']);
    expect(await code(done(1, { note: 5 }))).toEqual([422, 'invalid_field']);
  });
});
