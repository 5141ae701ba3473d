import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callId } from '../../../src/domain/ids.js';
import { httpBench, type HttpBench } from '../../support/http-bench.js';

const PATH = '/v1/calls/call_1/recording';

let bench: HttpBench;
beforeEach(async () => {
  bench = await httpBench();
  bench.control.recorded.add(callId('1'));
});
afterEach(() => bench.api.close());

describe('POST /v1/calls/{callId}/recording', () => {
  it.each(['pause', 'resume', 'stop'])('asks for %s and answers 202', async (action) => {
    const reply = await bench.post(PATH, { action });
    expect([reply.status, reply.json]).toEqual([202, { callId: 'call_1', action }]);
    expect(bench.control.recordings).toEqual([{ callId: 'call_1', action }]);
  });

  it('answers 409 when nothing is recorded, and 404 for an unknown call', async () => {
    bench.control.recorded.clear();
    const none = await bench.post(PATH, { action: 'stop' });
    expect(none.type).toBe('application/problem+json');
    expect([none.status, none.json['code']]).toEqual([409, 'not_recording']);
    const unknown = await bench.post('/v1/calls/call_x/recording', { action: 'stop' });
    expect([unknown.status, unknown.json['code']]).toEqual([404, 'call_not_found']);
  });

  it.each([
    [{ action: 'erase' }, 'action'],
    [{}, 'action'],
    [{ action: 'stop', path: '/etc/passwd' }, 'path'],
    [{ action: ['stop'] }, 'action'],
  ])('refuses %j, naming the field, and asks for nothing', async (body, field) => {
    const reply = await bench.post(PATH, body);
    expect([reply.status, reply.json['code']]).toEqual([422, 'invalid_field']);
    expect(JSON.stringify(reply.json['errors'])).toContain(field);
    expect(bench.control.recordings).toEqual([]);
  });

  it('wants the token like everything else', async () => {
    await bench.api.close();
    bench = await httpBench({ tokens: ['secret-token-of-the-test'] });
    bench.control.recorded.add(callId('1'));
    expect((await bench.post(PATH, { action: 'stop' })).status).toBe(401);
    expect(bench.control.recordings).toEqual([]);
  });
});
