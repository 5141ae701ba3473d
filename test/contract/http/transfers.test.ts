import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { asTransferId, callId, transferId } from '../../../src/domain/ids.js';
import { AppError } from '../../../src/errors.js';
import { A_DRY_RUN, aCall } from '../../support/fake-control.js';
import { httpBench, type HttpBench } from '../../support/http-bench.js';
import { aRecord, endedRecord } from '../../support/records.js';

const PATH = '/v1/calls/call_1/transfers';
const command = { target: { phoneNumber: '16123456789' } };

let bench: HttpBench;
beforeEach(async () => {
  bench = await httpBench();
});
afterEach(() => bench.api.close());

describe('POST /v1/calls/{callId}/transfers', () => {
  it('starts a transfer and answers 202 with its ids', async () => {
    const reply = await bench.post(PATH, command);
    expect(reply.status).toBe(202);
    expect(reply.json).toEqual({ transferId: 'tr_1', sessionId: 'agent_transfer:1:call_1:line' });
    expect(bench.control.transfers).toEqual([
      { callId: 'call_1', command: { targets: [command.target], method: 'auto', headers: [], metadata: {} } },
    ]);
  });

  it('answers 409 with the pending transfer', async () => {
    bench.control.live.set(callId('1'), aCall(callId('1'), { transferId: transferId('9') }));
    const reply = await bench.post(PATH, command);
    expect(reply.status).toBe(409);
    expect(reply.type).toBe('application/problem+json');
    expect(reply.json).toMatchObject({ code: 'transfer_pending', status: 409, transferId: 'tr_9' });
  });

  it('answers 404 for an unknown call and 422 with the path of a wrong field', async () => {
    expect((await bench.post('/v1/calls/call_x/transfers', command)).json['code']).toBe('call_not_found');
    const wrong = await bench.post(PATH, { target: { phoneNumber: 7 } });
    expect(wrong.status).toBe(422);
    expect(wrong.json).toMatchObject({
      code: 'invalid_field',
      errors: [{ path: 'target.phoneNumber', message: 'must be a string' }],
    });
    expect(bench.control.transfers).toEqual([]);
  });

  it('shows a dry run and starts nothing, also while a transfer is pending', async () => {
    bench.control.live.set(callId('1'), aCall(callId('1'), { transferId: transferId('9') }));
    const reply = await bench.post(`${PATH}?dryRun=true`, command, { 'idempotency-key': 'k' });
    expect(reply.status).toBe(200);
    expect(reply.json).toEqual(A_DRY_RUN);
    expect(bench.control.dryRuns).toMatchObject([
      { callId: 'call_1', command: { targets: [command.target] } },
    ]);
    expect(bench.control.transfers).toEqual([]);
  });

  it('refuses a dry run as it would the transfer, and runs one only when asked to', async () => {
    bench.control.nextError = new AppError('header_budget', 'Too many.', [
      { path: 'headers', message: 'no' },
    ]);
    expect((await bench.post(`${PATH}?dryRun=true`, command)).json).toMatchObject({
      code: 'header_budget',
      status: 422,
      errors: [{ path: 'headers', message: 'no' }],
    });
    expect((await bench.post(`${PATH}?dryRun=true`, {})).json['code']).toBe('invalid_field');
    expect((await bench.post('/v1/calls/call_x/transfers?dryRun=true', command)).json['code']).toBe(
      'call_not_found',
    );
    expect((await bench.post(`${PATH}?dryRun=perhaps`, command)).json).toMatchObject({
      code: 'invalid_field',
      errors: [{ path: 'dryRun' }],
    });
    expect((await bench.post(`${PATH}?dryrun=true`, command)).json).toMatchObject({
      code: 'invalid_field',
      errors: [{ path: 'dryrun' }],
    });
    expect(bench.control.transfers).toEqual([]);
    expect((await bench.post(`${PATH}?dryRun=false`, command)).status).toBe(202);
    expect(bench.control.dryRuns).toEqual([]);
  });

  it('names the transfer the bot was told about when policy refuses one', async () => {
    bench.control.nextError = new AppError(
      'target_not_allowed',
      'No.',
      [{ path: 'target', message: 'No.' }],
      {
        transferId: 'tr_7',
      },
    );
    expect((await bench.post(PATH, command)).json).toMatchObject({
      code: 'target_not_allowed',
      status: 422,
      transferId: 'tr_7',
    });
  });

  it('says how long a trunk wants to be left alone', async () => {
    const extra = { transferId: 'tr_7', retryAfterMs: '1001' };
    bench.control.nextError = new AppError('rate_limited', 'Enough.', [], extra);
    const reply = await bench.post(PATH, command);
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([429, '2']);
    expect(reply.json).toMatchObject({ code: 'rate_limited', ...extra });
  });
});

describe('Idempotency-Key', () => {
  const key = { 'idempotency-key': 'k-1' };

  it('gives the same answer for the same key and body, and starts one transfer', async () => {
    const first = await bench.post(PATH, command, key);
    const second = await bench.post(PATH, command, key);
    expect(second.json).toEqual(first.json);
    expect(second.status).toBe(202);
    expect(bench.control.transfers).toHaveLength(1);
  });

  it('also after the call is gone', async () => {
    const first = await bench.post(PATH, command, key);
    bench.control.live.clear();
    expect((await bench.post(PATH, command, key)).json).toEqual(first.json);
  });

  it('answers 422 to the same key with another body', async () => {
    await bench.post(PATH, command, key);
    const other = await bench.post(PATH, { target: { phoneNumber: '1' } }, key);
    expect([other.status, other.json['code']]).toEqual([422, 'idempotency_mismatch']);
    expect(bench.control.transfers).toHaveLength(1);
  });

  it('starts a second transfer for another key, another call, or without a key', async () => {
    bench.control.live.set(callId('2'), aCall(callId('2')));
    await bench.post(PATH, command, key);
    await bench.post(PATH, command, { 'idempotency-key': 'k-2' });
    await bench.post('/v1/calls/call_2/transfers', command, key);
    await bench.post(PATH, command);
    expect(bench.control.transfers).toHaveLength(4);
  });

  it('goes along with the command, for the engine of the call may be another one', async () => {
    await bench.post(PATH, command, key);
    await bench.post(PATH, command);
    expect(bench.control.onceKeys).toEqual([
      { key: 'k-1', fingerprint: expect.stringMatching(/^[\w+/]{43}=$/) as unknown },
      undefined,
    ]);
  });

  it('holds concurrent duplicates until the first is answered', async () => {
    const release = bench.control.hold();
    const answers = [1, 2, 3, 4].map(() => bench.post(PATH, command, key));
    const mismatch = bench.post(PATH, { target: { phoneNumber: '1' } }, key);
    expect((await mismatch).json['code']).toBe('idempotency_mismatch');
    await eventually(() => bench.control.transfers).toHaveLength(1);
    release();
    const bodies = (await Promise.all(answers)).map((a) => a.text);
    expect(new Set(bodies).size).toBe(1);
    expect(bench.control.transfers).toHaveLength(1);
  });

  it('does not remember a refusal', async () => {
    bench.control.nextError = new AppError('draining', 'Going down.');
    expect((await bench.post(PATH, command, key)).status).toBe(503);
    expect((await bench.post(PATH, command, key)).status).toBe(202);
  });

  it('is forgotten after 24 h', async () => {
    await bench.post(PATH, command, key);
    bench.clock.advance(86_400_000);
    await bench.post(PATH, command, key);
    expect(bench.control.transfers).toHaveLength(2);
  });

  it('refuses a key that is not a key', async () => {
    for (const bad of ['', 'a b', 'x'.repeat(256)]) {
      const reply = await bench.post(PATH, command, { 'idempotency-key': bad });
      expect(reply.json).toMatchObject({
        code: 'invalid_field',
        errors: [{ path: 'headers.Idempotency-Key' }],
      });
    }
  });

  it('answers although the answer could not be stored', async () => {
    bench.store.claimIdempotencyKey = () => Promise.reject(new Error('store is down'));
    expect((await bench.post(PATH, command, key)).status).toBe(202);
    expect(bench.log.join()).toContain('store is down');
  });
});

describe('GET and DELETE /v1/transfers/{id}', () => {
  it('shows the record whole', async () => {
    const record = endedRecord(1, { metadata: { any: { thing: [1] } } });
    await bench.store.putTransfer(record);
    const reply = await bench.get('/v1/transfers/tr_1');
    expect(reply.status).toBe(200);
    expect({ ...reply.json, command: null }).toMatchObject(record);
    expect((await bench.get('/v1/transfers/tr_x')).json['code']).toBe('transfer_not_found');
  });

  it('cancels, also when the client sets a Content-Type', async () => {
    bench.control.live.set(callId('1'), aCall(callId('1'), { transferId: asTransferId('tr_5') }));
    expect((await bench.del('/v1/transfers/tr_5')).status).toBe(202);
    const typed = await bench.del('/v1/transfers/tr_5', { 'content-type': 'application/json' });
    expect([typed.status, typed.json]).toEqual([202, { transferId: 'tr_5' }]);
    expect(bench.control.cancelled).toEqual(['tr_5', 'tr_5']);
  });

  it('tells an unknown transfer from one that is over', async () => {
    await bench.store.putTransfer(endedRecord(1));
    expect((await bench.del('/v1/transfers/tr_1')).json['code']).toBe('transfer_over');
    expect((await bench.del('/v1/transfers/tr_x')).json['code']).toBe('transfer_not_found');
    bench.control.nextError = new AppError('transfer_answered', 'The target has answered.');
    expect((await bench.del('/v1/transfers/tr_1')).json['code']).toBe('transfer_answered');
  });
});

describe('GET /v1/calls/{callId}/transfer-status', () => {
  it('goes from no call over no verdict to the status, which outlives the call', async () => {
    const ask = () => bench.get('/v1/calls/call_1/transfer-status');
    expect((await bench.get('/v1/calls/call_x/transfer-status')).json['code']).toBe('call_not_found');
    await bench.store.putTransfer(aRecord(1));
    expect((await ask()).json['code']).toBe('no_transfer_yet');
    await bench.store.putTransfer(endedRecord(1));
    expect((await ask()).text).toBe('{"status":"FAIL","hangup":false,"number":"1"}');
    bench.control.live.clear();
    expect((await ask()).status).toBe(200);
  });
});

describe('POST /v1/calls/{callId}/replies', () => {
  const replies = (...list: unknown[]) => bench.post('/v1/calls/call_1/replies', { replies: list });
  const toOperator = { type: 'switch', phoneNumber: '16123456789' };

  it('carries out a switch', async () => {
    const reply = await replies({ type: 'text', text: 'One moment.' }, toOperator);
    expect(reply.status).toBe(202);
    expect(reply.json).toEqual({
      transferId: 'tr_1',
      sessionId: 'agent_transfer:1:call_1:line',
      replies: [
        {
          type: 'text',
          status: 'skipped',
          detail: 'The bot of this call is on the line itself: it says this.',
        },
        { type: 'switch', status: 'accepted' },
      ],
    });
  });

  it('skips what follows the item that takes the caller away', async () => {
    const reply = await replies(toOperator, { type: 'hangup' }, toOperator);
    expect((reply.json['replies'] as { status: string }[]).map((r) => r.status)).toEqual([
      'accepted',
      'skipped',
      'skipped',
    ]);
    expect(bench.control.transfers).toHaveLength(1);
    expect(bench.control.hungUp).toEqual([]);
  });

  it('hangs up', async () => {
    expect((await replies({ type: 'hangup' }, toOperator)).status).toBe(202);
    expect(bench.control.hungUp).toEqual(['call_1']);
    expect(bench.control.transfers).toEqual([]);
  });

  it('of a bot that speaks by replies are all its own to say, in order', async () => {
    bench.control.scripted.add(callId('1'));
    const reply = await replies({ type: 'buttons' }, toOperator, { type: 'hangup' });
    expect([reply.status, reply.json]).toEqual([
      202,
      {
        replies: [
          { type: 'buttons', status: 'skipped', detail: 'This type is not carried out here.' },
          { type: 'switch', status: 'accepted' },
          { type: 'hangup', status: 'accepted' },
        ],
      },
    ]);
    expect(bench.control.replied.map(({ replies: list }) => list.map(({ kind }) => kind))).toEqual([
      ['switch', 'hangup'],
    ]);
    expect(bench.control.transfers).toEqual([]);
  });

  it('for a call that is over are refused, also when nothing would be done', async () => {
    const reply = await bench.post('/v1/calls/call_9/replies', { replies: [{ type: 'text', text: 'Hi' }] });
    expect([reply.status, reply.json['code']]).toEqual([404, 'call_not_found']);
  });

  it('checks every item before running any', async () => {
    expect((await replies({ type: 'hangup' }, { type: 'switch' })).status).toBe(422);
    expect(bench.control.hungUp).toEqual([]);
  });

  it('is idempotent under a key', async () => {
    const body = { replies: [toOperator] };
    const send = () => bench.post('/v1/calls/call_1/replies', body, { 'idempotency-key': 'r' });
    expect((await send()).json).toEqual((await send()).json);
    expect(bench.control.transfers).toHaveLength(1);
  });
});
