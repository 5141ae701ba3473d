import { afterEach, describe, expect, it } from 'vitest';
import type { EndedBy } from '../../../src/domain/bot-event.js';
import { NOTHING_TOLD, remembering } from '../../../src/domain/call-memory.js';
import { callId } from '../../../src/domain/ids.js';
import type { PublishedEvent } from '../../../src/ports/bot-runtime.js';
import { eventually } from '../../support/eventually.js';
import { aFailure, anEvent } from '../../support/records.js';
import { answer } from '../../support/webhook-receiver.js';
import { botsBench, type BotsBench } from './bots-bench.js';

let bench: BotsBench;
afterEach(() => bench.stop());

const input = (n: number, digits: string, over: object = {}): PublishedEvent =>
  anEvent(n, '1', {
    type: 'call.input',
    data: { input: digits === '' ? 'none' : 'dtmf', digits, from: 'caller', ...over },
  });

const ended = (n: number, by: EndedBy): PublishedEvent =>
  anEvent(n, '1', { type: 'call.ended', data: { by, sipCode: null, reason: null } });

/** Bodies a JAICP bot that speaks by replies gets for these events. */
async function bodies(...events: PublishedEvent[]): Promise<Record<string, unknown>[]> {
  bench = await botsBench({}, { dialect: 'jaicp', converses: true });
  for (const event of events) bench.runtime.publish(event);
  await bench.runtime.drain(60_000);
  return bench.receiver.received.map(({ json }) => json);
}

describe('a JAICP bot is told', () => {
  it('a call as the query /start, in the envelope of a bot request', async () => {
    expect(await bodies(anEvent(1))).toEqual([
      {
        query: '/start',
        callId: 'call_1',
        channel: 'line',
        rawRequest: { caller: '16125550000', extension: '18005550000' },
        data: {},
        version: 1,
        botId: 'line',
        channelType: 'resterisk',
        channelBotId: 'line',
        channelUserId: '16125550000',
        questionId: 'evt_1-1',
        timestamp: 1_767_225_600,
        userFrom: { id: '16125550000' },
      },
    ]);
  });

  it.each(['anonymous', ''])(
    'a caller that hides (%j) by the call, not as one client with all that hide',
    async (from) => {
      const [told] = await bodies(anEvent(1, '1', { data: { from, to: '1800', trunk: 'carrier' } }));
      expect(told).toMatchObject({
        rawRequest: { caller: from },
        channelUserId: 'call_1',
        userFrom: { id: 'call_1' },
      });
    },
  );

  it('keys as a query, silence and the end as events', async () => {
    const told = await bodies(anEvent(1), input(2, '12'), input(3, ''), ended(4, 'caller'));
    expect(told.slice(1).map(({ query, event }) => ({ query, event }))).toEqual([
      { query: '12', event: undefined },
      { query: undefined, event: 'noDtmfAnswerEvent' },
      { query: undefined, event: 'hangup' },
    ]);
    for (const body of told)
      expect(body).toMatchObject({
        callId: 'call_1',
        channel: 'line',
        rawRequest: { caller: '16125550000' },
      });
  });

  it.each<[EndedBy, string]>([
    ['caller', 'hangup'],
    ['signalling_lost', 'hangup'],
    ['bot', 'botHangup'],
    ['agent', 'botHangup'],
    ['api', 'botHangup'],
    ['policy', 'botHangup'],
    ['transfer', 'botHangup'],
    ['engine', 'botHangup'],
  ])('a call ended by %s as %s', async (by, event) => {
    expect(await bodies(ended(1, by))).toMatchObject([{ event }]);
  });

  it('the verdict exactly as every JAICP bot, and from then on with every request', async () => {
    const told = await bodies(anEvent(1), aFailure(2), input(3, '5'));
    expect(bench.receiver.received[1]?.body).toBe(
      '{"event":"transfer","transferStatus":{"status":"FAIL","hangup":false,"number":"16123456789"},' +
        '"callId":"call_1","channel":"line"}',
    );
    expect(told[2]).toMatchObject({
      query: '5',
      rawRequest: { transferStatus: { status: 'FAIL', hangup: false, number: '16123456789' } },
    });
  });

  it('nothing of what JAICP has no word for', async () => {
    const nothing = [
      input(1, '5', { from: 'agent' }),
      anEvent(2, '1', { type: 'call.warning', data: { problem: 'p', detail: 'd' } }),
    ];
    expect(await bodies(...nothing)).toEqual([]);
  });
});

describe('a question', () => {
  it('in an event without a word is answered with nothing', async () => {
    bench = await botsBench({}, { dialect: 'jaicp', converses: true });
    bench.runtime.publish(anEvent(1, '1', { type: 'call.warning', data: { problem: 'p', detail: 'd' } }), 3);
    // Never from within publish: the listener may be in the middle of it.
    expect(bench.answers).toEqual([]);
    await eventually(() => bench.answers).toEqual([{ callId: 'call_1', question: 3, replies: [] }]);
  });

  it('told by the verdict, and by the return there is no word for, is answered by the first', async () => {
    bench = await botsBench({}, { dialect: 'jaicp', converses: true });
    const rate = [{ type: 'text', text: 'Please rate our service.' }];
    bench.receiver.script.push(answer(200, {}, JSON.stringify({ data: { replies: rate } })));
    const verdict = aFailure(1);
    bench.runtime.publish(verdict, 2);
    if (verdict.type !== 'transfer.failed') throw new Error('aFailure makes failures');
    const { transferId, sessionId } = verdict.data;
    bench.runtime.publish(anEvent(2, '1', { type: 'transfer.returned', data: { transferId, sessionId } }), 2);
    await bench.runtime.drain(60_000);
    expect(bench.answers).toEqual([
      {
        callId: 'call_1',
        question: 2,
        replies: [{ kind: 'say', message: { text: 'Please rate our service.' } }],
      },
    ]);
  });
});

describe('a JAICP bot whose call was taken over', () => {
  it('is told in the words of the engine before: who called, and how the last transfer had ended then', async () => {
    const before = [anEvent(1), aFailure(3), aFailure(6)].reduce(remembering, NOTHING_TOLD);
    bench = await botsBench({}, { dialect: 'jaicp', converses: true });
    const kept = JSON.parse(JSON.stringify(before)) as typeof before;
    bench.runtime.resume(callId('1'), 'line', kept);
    for (const event of [input(2, '1'), aFailure(3), input(4, '2'), ended(7, 'caller')])
      bench.runtime.publish(event);
    await bench.runtime.drain(60_000);
    const raw = bench.receiver.received.map(({ json }) => json['rawRequest'] as Record<string, unknown>);
    const status = { status: 'FAIL', hangup: false, number: '16123456789' };
    const who = { caller: '16125550000', extension: '18005550000' };
    expect([raw[0], raw[2], raw[3]]).toEqual([
      who,
      { ...who, transferStatus: status },
      { ...who, transferStatus: status },
    ]);
  });
});
