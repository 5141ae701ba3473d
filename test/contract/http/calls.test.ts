import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callId, sessionId } from '../../../src/domain/ids.js';
import { aCall } from '../../support/fake-control.js';
import { httpBench, type HttpBench } from '../../support/http-bench.js';
import { aRecord, endedRecord } from '../../support/records.js';

let bench: HttpBench;
beforeEach(async () => {
  bench = await httpBench();
});
afterEach(() => bench.api.close());

describe('calls', () => {
  it('lists and shows live calls', async () => {
    bench.control.live.set(callId('2'), aCall(callId('2')));
    const list = await bench.get('/v1/calls');
    expect(list.json).toEqual({ items: [aCall(callId('1')), aCall(callId('2'))] });
    expect((await bench.get('/v1/calls/call_2')).json).toEqual(aCall(callId('2')));
    const none = await bench.get('/v1/calls/call_x');
    expect([none.status, none.json['code']]).toEqual([404, 'call_not_found']);
  });

  it('names the engines whose calls are missing', async () => {
    bench.control.partial = [{ engine: null, detail: 'Redis is away.' }];
    const { json } = await bench.get('/v1/calls');
    expect(json).toEqual({
      items: [aCall(callId('1'))],
      partial: [{ engine: null, detail: 'Redis is away.' }],
    });
  });

  it('hangs up', async () => {
    const reply = await bench.del('/v1/calls/call_1');
    expect([reply.status, reply.json]).toEqual([202, { callId: 'call_1' }]);
    expect(bench.control.hungUp).toEqual(['call_1']);
    expect((await bench.del('/v1/calls/call_x')).status).toBe(404);
  });
});

describe('ladder', () => {
  const PATH = '/v1/calls/call_1/ladder';
  beforeEach(() => {
    bench.control.ladders.set(callId('1'), [
      { at: 1000, leg: 'caller', direction: 'in', text: 'INVITE', sdp: true, peer: '127.0.0.1:5062' },
      {
        at: 1250,
        leg: 'caller',
        direction: 'out',
        text: '200 OK (INVITE)',
        sdp: true,
        peer: '127.0.0.1:5062',
      },
    ]);
  });

  it('is plain text by default', async () => {
    for (const headers of [undefined, { accept: '*/*' }, { accept: 'image/png' }]) {
      const reply = await bench.get(PATH, headers);
      expect(reply.type).toBe('text/plain; charset=utf-8');
      expect(reply.text).toMatch(/\+0\.250\s+\|<-+ 200 OK \(INVITE\) \(SDP\) -+\|/);
    }
  });

  it('is JSON or Mermaid by Accept', async () => {
    const json = await bench.get(PATH, { accept: 'text/html;q=0.2, application/json' });
    expect(json.json).toMatchObject({ callId: 'call_1', entries: [{ offsetMs: 0 }, { offsetMs: 250 }] });
    for (const accept of ['text/vnd.mermaid', 'text/x-mermaid']) {
      const reply = await bench.get(PATH, { accept });
      expect(reply.type).toBe(`${accept}; charset=utf-8`);
      expect(reply.text).toMatch(/^sequenceDiagram\n/);
    }
  });

  it('is 404 for an unknown call', async () => {
    expect((await bench.get('/v1/calls/call_x/ladder')).json['code']).toBe('call_not_found');
  });
});

describe('transfer sessions', () => {
  it('shows one by its id, whatever is in the id', async () => {
    const id = sessionId('u'.repeat(36), 'conv:with/slash', 'a-channel-with-quite-a-long-name-'.repeat(4));
    await bench.store.putTransfer(aRecord(1, { sessionId: id }));
    const reply = await bench.get(`/v1/transfer-sessions/${encodeURIComponent(id)}`);
    expect(reply.json['transferId']).toBe('tr_1');
    expect((await bench.get('/v1/transfer-sessions/agent_transfer:x')).json['code']).toBe(
      'session_not_found',
    );
  });

  it('pages and filters', async () => {
    for (let n = 1; n <= 5; n += 1) await bench.store.putTransfer(n % 2 ? aRecord(n) : endedRecord(n));
    const ids = (reply: { json: Record<string, unknown> }) =>
      (reply.json['items'] as { transferId: string }[]).map((r) => r.transferId);
    const first = await bench.get('/v1/transfer-sessions?limit=3');
    expect(ids(first)).toEqual(['tr_5', 'tr_4', 'tr_3']);
    const second = await bench.get(
      `/v1/transfer-sessions?limit=3&cursor=${String(first.json['nextCursor'])}`,
    );
    expect([ids(second), second.json['nextCursor']]).toEqual([['tr_2', 'tr_1'], null]);
    expect(ids(await bench.get('/v1/transfer-sessions?status=ended'))).toEqual(['tr_4', 'tr_2']);
    expect(ids(await bench.get('/v1/transfer-sessions?callId=call_9'))).toEqual([]);
    expect(ids(await bench.get('/v1/transfer-sessions?channelId=line&status=pending'))).toHaveLength(3);
  });

  it('refuses a query that makes no sense, naming each field', async () => {
    const reply = await bench.get('/v1/transfer-sessions?limit=0&status=gone');
    expect(reply.status).toBe(422);
    expect((reply.json['errors'] as { path: string }[]).map((e) => e.path).sort()).toEqual([
      'limit',
      'status',
    ]);
    expect((await bench.get('/v1/transfer-sessions?limit=abc')).status).toBe(422);
    // Empty variables of scripts: not the end of the list.
    expect((await bench.get('/v1/transfer-sessions?cursor=')).status).toBe(422);
  });

  it('refuses what is misspelt, and says what may stand there', async () => {
    const { status, json } = await bench.get('/v1/inbox?followUp=shut&chanel=line');
    expect(status).toBe(422);
    expect(json['errors']).toEqual(
      expect.arrayContaining([
        { path: 'chanel', message: 'is not known here' },
        { path: 'followUp', message: 'must be one of open, done' },
      ]),
    );
    expect((await bench.post('/v1/dead-letters/redeliver?chanel=line', {})).status).toBe(422);
  });
});
