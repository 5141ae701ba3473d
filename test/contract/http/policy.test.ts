import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { httpBench, type HttpBench } from '../../support/http-bench.js';

const PATH = '/v1/policy/simulate';

let bench: HttpBench;
beforeEach(async () => {
  bench = await httpBench();
});
afterEach(() => bench.api.close());

describe('POST /v1/policy/simulate', () => {
  it('shows attempt by attempt what the rules do', async () => {
    const reply = await bench.post(PATH, {
      channel: 'line',
      code: 486,
      targets: ['1612', 'sip:bob@host'],
      onFailure: [
        { match: ['busy'], action: 'retry', afterMs: 50, times: 1 },
        { match: ['4xx'], action: 'next' },
        { match: ['*'], action: 'goto', node: 'Sorry', message: { text: 'All agents are busy.' } },
      ],
    });
    expect(reply.status).toBe(200);
    const matching = [1, 2, 3];
    expect(reply.json).toEqual({
      outcome: 'busy',
      sipCode: 486,
      chain: [
        { attempt: 1, target: '1612', matching, action: 'retry', afterMs: 50 },
        { attempt: 2, target: '1612', matching, action: 'next' },
        {
          attempt: 3,
          target: 'sip:bob@host',
          matching,
          action: 'goto',
          node: 'Sorry',
          message: { text: 'All agents are busy.' },
        },
      ],
      problems: [],
    });
  });

  it("asks for the channel's own rules when the request brings none", async () => {
    const { json } = await bench.post(PATH, {
      channel: 'line',
      outcome: 'no_answer',
      attempt: 3,
      target: 'x',
    });
    expect(json).toEqual({
      outcome: 'no_answer',
      sipCode: null,
      chain: [{ attempt: 3, target: 'x', matching: [], action: 'stay' }],
      problems: [],
    });
    expect(bench.control.simulations).toEqual([
      {
        channel: 'line',
        simulation: {
          failure: { outcome: 'no_answer', sipCode: null },
          targets: ['x'],
          target: 'x',
          attempt: 3,
        },
      },
    ]);
  });

  it('ends a call that nothing else acts for when the request says so', async () => {
    const { json } = await bench.post(PATH, { channel: 'line', code: 486, otherwise: 'end' });
    expect(json['chain']).toEqual([{ attempt: 1, target: 'target', matching: [], action: 'end' }]);
  });

  it('says what a configuration with these rules would be refused for', async () => {
    const { json } = await bench.post(PATH, {
      channel: 'line',
      code: 600,
      onFailure: [
        { match: ['*'], action: 'next' },
        { match: ['6xx'], action: 'end' },
        { match: ['603'], action: 'end' },
      ],
    });
    expect(json['chain']).toEqual([{ attempt: 1, target: 'target', matching: [1, 2], action: 'end' }]);
    expect(json['problems']).toMatchObject([{ path: 'onFailure[2]' }]);
    const open = await bench.post(PATH, {
      channel: 'line',
      code: 600,
      onFailure: [{ match: ['busy'], action: 'next' }],
    });
    expect(open.json['problems']).toMatchObject([{ path: 'onFailure' }]);
  });

  it.each([
    [{}, ['channel']],
    [{ channel: 'line' }, ['code']],
    [{ channel: 'line', code: 200 }, ['code']],
    [{ channel: 'line', code: '486' }, ['code']],
    [{ channel: 'line', code: 486, outcome: 'busy' }, ['outcome']],
    [{ channel: 'line', outcome: 'answered' }, ['outcome']],
    [{ channel: 'line', code: 486, targets: [] }, ['targets']],
    [{ channel: 'line', code: 486, targets: ['a'], target: 'b' }, ['target']],
    [{ channel: 'line', code: 486, attempt: 0 }, ['attempt']],
    [{ channel: 'line', code: 486, atempt: 1 }, ['atempt']],
    [{ channel: 'line', code: 486, otherwise: 'leave' }, ['otherwise']],
    [{ channel: 'line', code: 486, onFailure: [{ match: ['*'], action: 'goto' }] }, ['onFailure[0].node']],
    [{ channel: 'line', code: 486, onFailure: [{ match: ['x'], action: 'end' }] }, ['onFailure[0].match[0]']],
  ])('%j is refused naming %j', async (body, paths) => {
    const { status, json } = await bench.post(PATH, body);
    expect([status, json['code']]).toEqual([422, 'invalid_field']);
    expect((json['errors'] as { path: string }[]).map(({ path }) => path)).toEqual(paths);
    expect(bench.control.simulations).toEqual([]);
  });

  it('knows the channels', async () => {
    const { status, json } = await bench.post(PATH, { channel: 'nobody', code: 486 });
    expect([status, json['code']]).toEqual([422, 'unknown_channel']);
  });
});
