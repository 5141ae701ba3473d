import { afterEach, describe, expect, it } from 'vitest';
import { eventId } from '../../../src/domain/ids.js';
import { AppError } from '../../../src/errors.js';
import { eventually } from '../../support/eventually.js';
import { aFailure, anEvent } from '../../support/records.js';
import { answer } from '../../support/webhook-receiver.js';
import { socketBench, type SocketBench } from './socket-bench.js';

let bench: SocketBench;
afterEach(() => bench.stop());

const hello = [{ type: 'text', text: 'Hello' }];
const said = [{ kind: 'say', message: { text: 'Hello' } }];
const delivered = () => bench.count('eventDelivered(delivered)');
const theEnd = (n: number, call = '1') =>
  anEvent(n, call, { type: 'call.ended', data: { by: 'caller', sipCode: null, reason: null } });

describe('what a connected bot is sent', () => {
  it('is what the webhook would get, in order, without waiting for acknowledgements', async () => {
    bench = await socketBench();
    const bot = await bench.connect();
    const events = [anEvent(1), anEvent(2), aFailure(3)];
    for (const event of events) bench.runtime.publish(event);
    await eventually(() => bot.frames).toEqual(
      events.map((event) => JSON.parse(JSON.stringify(event)) as object),
    );
    expect(bench.receiver.received).toEqual([]);
    expect(delivered()).toBe(0);
  });

  it('has the id of the event also where the dialect has none', async () => {
    bench = await socketBench({ sink: { dialect: 'jaicp' } });
    const bot = await bench.connect();
    bench.runtime.publish(aFailure(1));
    await eventually(() => bot.frames).toHaveLength(1);
    expect(JSON.stringify(bot.frames[0])).toBe(
      '{"event":"transfer","transferStatus":{"status":"FAIL","hangup":false,"number":"16123456789"},' +
        '"callId":"call_1","channel":"line","id":"evt_1-1"}',
    );
  });

  it('is of its own channel only', async () => {
    bench = await socketBench();
    const bot = await bench.connect('/v1/bot?channel=other');
    bench.runtime.publish(anEvent(1));
    bench.runtime.publish(anEvent(1, '2', { channel: 'other' }));
    await eventually(() => bot.frames).toHaveLength(1);
    expect(bot.frames[0]).toMatchObject({ callId: 'call_2' });
    await eventually(() => bench.receiver.received).toHaveLength(1);
  });

  it('is delivered once it is acknowledged, with all before it of that call', async () => {
    bench = await socketBench();
    const bot = await bench.connect();
    for (const n of [1, 2, 3]) bench.runtime.publish(anEvent(n));
    bench.runtime.publish(anEvent(1, 'other'));
    await eventually(() => bot.frames).toHaveLength(4);
    bot.say({ ack: 'evt_1-2' });
    await eventually(delivered).toBe(2);
    bot.say({ ack: 'evt_1-2' });
    bot.say({ ack: 'evt_1-3' });
    bot.say({ ack: 'evt_other-1' });
    await eventually(delivered).toBe(4);
    await bench.runtime.drain(60_000);
    expect(bot.frames).toHaveLength(4);
  });
});

describe('what a connected bot says', () => {
  it('answers the event it names, and acknowledges it', async () => {
    bench = await socketBench();
    const bot = await bench.connect();
    bench.runtime.publish(anEvent(1), 1);
    bench.runtime.publish(anEvent(2), 2);
    await eventually(() => bot.frames).toHaveLength(2);
    bot.say({ callId: 'call_1', inReplyTo: 'evt_1-2', replies: hello });
    await eventually(() => bench.answers).toEqual([{ callId: 'call_1', question: 2, replies: said }]);
    expect(delivered()).toBe(2);
  });

  it('answers the last question where it names none, and is unasked where there is none', async () => {
    bench = await socketBench();
    const bot = await bench.connect();
    bench.runtime.publish(anEvent(1), 1);
    bench.runtime.publish(anEvent(2));
    await eventually(() => bot.frames).toHaveLength(2);
    bot.say({ callId: 'call_1', data: { replies: hello } });
    await eventually(() => bench.answers).toHaveLength(1);
    bot.say({ callId: 'call_1', replies: hello });
    bot.say({ callId: 'call_1', inReplyTo: 'evt_1-2', replies: [{ type: 'hangup' }] });
    await eventually(() => bench.answers).toHaveLength(3);
    expect(bench.answers).toEqual([
      { callId: 'call_1', question: 1, replies: said },
      { callId: 'call_1', question: null, replies: said },
      { callId: 'call_1', question: null, replies: [{ kind: 'hangup' }] },
    ]);
  });

  it('twice is handed over once, and told', async () => {
    bench = await socketBench();
    const bot = await bench.connect();
    bench.runtime.publish(anEvent(1), 1);
    await eventually(() => bot.frames).toHaveLength(1);
    const reply = { callId: 'call_1', inReplyTo: 'evt_1-1', replies: hello };
    bot.say(reply);
    bot.say(reply);
    await eventually(() => bot.frames[1]).toEqual({
      warning: { detail: 'evt_1-1 has its answer; this one is passed over' },
      callId: 'call_1',
    });
    expect(bench.answers).toHaveLength(1);
  });

  it.each<[string, unknown, object]>([
    ['no JSON', '{"ack"', { error: { code: 'malformed_json' } }],
    ['a list', [], { error: { code: 'invalid_field', errors: [{ path: '' }] } }],
    ['nothing we know', { hello: 1 }, { error: { code: 'invalid_field' } }],
    ['an ack of nothing', { ack: 1 }, { error: { errors: [{ path: 'ack' }] } }],
    ['a call that is not there', { callId: 'call_2', replies: [] }, { error: { code: 'call_not_found' } }],
    [
      'a call of another channel',
      { callId: 'call_other', replies: hello },
      { error: { code: 'call_not_found' }, callId: 'call_other' },
    ],
    ['no replies', { callId: 'call_1' }, { error: { errors: [{ path: 'replies' }] }, callId: 'call_1' }],
    [
      'a wrong switch',
      { callId: 'call_1', replies: [...hello, { type: 'switch' }] },
      { error: { code: 'invalid_field', errors: [{ path: 'replies[1].phoneNumber' }] }, callId: 'call_1' },
    ],
    ['64 KiB and more', ' '.repeat(65_537), { error: { code: 'payload_too_large' } }],
  ])('%s: told what is wrong, nothing done, the connection stays', async (_what, frame, error) => {
    bench = await socketBench();
    const bot = await bench.connect();
    bench.runtime.publish(anEvent(1));
    bench.runtime.publish(anEvent(1, 'other', { channel: 'another' }));
    await eventually(() => bot.frames).toHaveLength(1);
    bot.say(frame);
    await eventually(() => bot.frames).toHaveLength(2);
    expect(bot.frames[1]).toMatchObject(error);
    expect(bench.answers).toEqual([]);
    bot.say({ callId: 'call_1', replies: hello });
    await eventually(() => bench.answers).toHaveLength(1);
  });

  it('that cannot be understood is the answer of the one who was asked: none', async () => {
    bench = await socketBench();
    const bot = await bench.connect();
    bench.runtime.publish(anEvent(1), 5);
    await eventually(() => bot.frames).toHaveLength(1);
    bot.say({ callId: 'call_1', replies: [{ type: 'audio' }] });
    await eventually(() => bench.answers).toEqual([
      { callId: 'call_1', question: 5, problem: expect.stringContaining('replies[0].audioUri') as string },
    ]);
  });

  it('for the eye is passed over, and named', async () => {
    bench = await socketBench();
    const bot = await bench.connect();
    bench.runtime.publish(anEvent(1), 1);
    await eventually(() => bot.frames).toHaveLength(1);
    bot.say({ callId: 'call_1', replies: [{ type: 'image' }, ...hello] });
    await eventually(() => bot.frames[1]).toEqual({
      warning: { detail: 'passed over: image' },
      callId: 'call_1',
    });
    expect(bench.answers).toEqual([{ callId: 'call_1', question: 1, replies: said }]);
  });
});

describe('a connected bot that speaks for itself', () => {
  const toAgent = { type: 'switch', phoneNumber: '16123456789' };

  it('commands: the first reply that takes the caller away is done, the rest named', async () => {
    bench = await socketBench({ sink: { converses: false } });
    const bot = await bench.connect();
    bench.runtime.publish(anEvent(1));
    await eventually(() => bot.frames).toHaveLength(1);
    bot.say({ callId: 'call_1', replies: [...hello, toAgent, { type: 'image' }, { type: 'hangup' }] });
    await eventually(() => bench.commands).toEqual([{ callId: 'call_1', wish: 'switch' }]);
    await eventually(() => bot.frames[1]).toEqual({
      warning: { detail: 'passed over: text, image, hangup' },
      callId: 'call_1',
    });
    bot.say({ callId: 'call_1', replies: [{ type: 'hangup' }] });
    await eventually(() => bench.commands).toHaveLength(2);
    expect(bench.answers).toEqual([]);
  });

  it.each<[Error, object]>([
    [new AppError('transfer_pending', 'transfer tr_1 is pending'), { code: 'transfer_pending' }],
    [new Error('a secret of ours'), { code: 'internal', detail: 'it could not be carried out' }],
  ])('is told why it was not done (%s)', async (refusal, error) => {
    bench = await socketBench({ sink: { converses: false } });
    bench.refuse(refusal);
    const bot = await bench.connect();
    bench.runtime.publish(anEvent(1));
    await eventually(() => bot.frames).toHaveLength(1);
    bot.say({ callId: 'call_1', replies: [toAgent] });
    await eventually(() => bot.frames[1]).toMatchObject({ error, callId: 'call_1' });
  });
});

describe('who gets a call', () => {
  it('the first bot all of them; of several each its own, in turn, to the end', async () => {
    bench = await socketBench();
    const [one, two] = [await bench.connect(), await bench.connect()];
    for (const call of ['a', 'b', 'c']) bench.runtime.publish(anEvent(1, call));
    for (const call of ['a', 'b', 'c']) bench.runtime.publish(theEnd(2, call));
    await eventually(() => one.frames.map(({ id }) => id)).toEqual([
      'evt_a-1',
      'evt_c-1',
      'evt_a-2',
      'evt_c-2',
    ]);
    await eventually(() => two.frames.map(({ id }) => id)).toEqual(['evt_b-1', 'evt_b-2']);
  });

  it('the other one, with everything unacknowledged, when its bot is gone', async () => {
    bench = await socketBench();
    const [one, two] = [await bench.connect(), await bench.connect()];
    for (const n of [1, 2, 3]) bench.runtime.publish(anEvent(n));
    await eventually(() => one.seqs).toEqual([1, 2, 3]);
    one.say({ ack: 'evt_1-1' });
    await eventually(delivered).toBe(1);
    one.socket.close();
    await eventually(() => two.seqs).toEqual([2, 3]);
    bench.runtime.publish(anEvent(4));
    await eventually(() => two.seqs).toEqual([2, 3, 4]);
    expect(bench.receiver.received).toEqual([]);
  });

  it('the webhook, in order, when no bot is left; and a bot again when one connects', async () => {
    bench = await socketBench();
    const bot = await bench.connect();
    bench.runtime.publish(anEvent(1), 1);
    bench.runtime.publish(anEvent(2));
    await eventually(() => bot.seqs).toEqual([1, 2]);
    bench.receiver.script.push(answer(200, {}, JSON.stringify(hello)));
    bot.socket.close();
    await eventually(() => bench.seqs()).toEqual([1, 2]);
    expect(bench.receiver.received[0]?.headers['webhook-signature']).toBeDefined();
    await eventually(() => bench.answers).toEqual([{ callId: 'call_1', question: 1, replies: said }]);
    const again = await bench.connect();
    bench.runtime.publish(anEvent(3));
    await eventually(() => again.seqs).toEqual([3]);
    again.say({ callId: 'call_1', inReplyTo: 'evt_1-1', replies: [{ type: 'hangup' }] });
    await eventually(() => again.frames[1]).toMatchObject({ warning: {} });
    expect(bench.answers).toHaveLength(1);
  });

  it('a bot that connects, while the webhook is failing: what waits moves over, in order', async () => {
    bench = await socketBench();
    bench.receiver.otherwise = answer(500);
    for (const n of [1, 2]) bench.runtime.publish(anEvent(n));
    await eventually(() => bench.count('eventDelivered(refused)')).toBe(1);
    const bot = await bench.connect();
    bench.runtime.publish(anEvent(3));
    await eventually(() => bot.seqs).toEqual([1, 2, 3]);
    expect(bench.clock.pending).toBeGreaterThan(0);
    bench.clock.advance(1_000);
    expect(bench.receiver.received).toHaveLength(1);
  });

  it('a bot that connects, while the webhook is being asked: what follows moves over behind the answer', async () => {
    bench = await socketBench();
    const held: (() => void)[] = [];
    bench.receiver.otherwise = (_request, response) => held.push(() => response.writeHead(204).end());
    bench.runtime.publish(anEvent(1), 1);
    await eventually(() => held).toHaveLength(1);
    const bot = await bench.connect();
    for (const n of [2, 3]) bench.runtime.publish(anEvent(n));
    expect(bot.frames).toEqual([]);
    held[0]!();
    await eventually(() => bot.seqs).toEqual([2, 3]);
    expect(bench.answers).toEqual([{ callId: 'call_1', question: 1, replies: [] }]);
    expect(bench.receiver.received).toHaveLength(1);
  });
});

describe('without a webhook', () => {
  const sink = { url: null };

  it('events wait for the bot to connect, and are sent again after a reconnect', async () => {
    bench = await socketBench({ sink });
    bench.runtime.publish(anEvent(1), 1);
    const bot = await bench.connect();
    await eventually(() => bot.seqs).toEqual([1]);
    bot.socket.close();
    await eventually(() => bot.closed).toBeDefined();
    bench.runtime.publish(anEvent(2));
    const again = await bench.connect();
    await eventually(() => again.seqs).toEqual([1, 2]);
    again.say({ callId: 'call_1', inReplyTo: 'evt_1-1', replies: hello });
    await eventually(() => bench.answers).toHaveLength(1);
  });

  it('not for ever: given up after the total time, and whoever asked is told', async () => {
    bench = await socketBench({ sink, delivery: { unacknowledgedMs: 10_000 } });
    bench.runtime.publish(anEvent(1), 1);
    bench.clock.advance(6_000);
    bench.runtime.publish(anEvent(2));
    bench.clock.advance(4_000);
    expect(bench.count('eventLost(given_up)')).toBe(1);
    const bot = await bench.connect();
    await eventually(() => bot.seqs).toEqual([2]);
    expect(bench.answers).toEqual([
      { callId: 'call_1', question: 1, problem: 'the bot could not be told of it: given_up' },
    ]);
  });

  it('and not without bound: the oldest give way, a verdict never', async () => {
    bench = await socketBench({ sink, delivery: { perCall: 3 } });
    for (const event of [anEvent(1), aFailure(2), anEvent(3), anEvent(4), aFailure(5), anEvent(6)])
      bench.runtime.publish(event);
    expect(bench.count('eventLost(queue_full)')).toBe(3);
    const bot = await bench.connect();
    await eventually(() => bot.seqs).toEqual([1, 2, 5]);
  });
});

describe('what waited for a webhook that is down', () => {
  it('has all its time again with a bot that connects', async () => {
    bench = await socketBench({ sink: { retryForMs: 3_600_000 }, delivery: { unacknowledgedMs: 10_000 } });
    bench.receiver.otherwise = answer(503);
    bench.runtime.publish(anEvent(1));
    for (let failed = 1; failed <= 6; failed += 1) {
      await eventually(() => bench.count('eventDelivered(refused)')).toBe(failed);
      bench.clock.advance(bench.clock.nextIn!);
    }
    await eventually(() => bench.count('eventDelivered(refused)')).toBe(7);
    const bot = await bench.connect();
    await eventually(() => bot.seqs).toEqual([1]);
    bench.clock.advance(9_000);
    bot.say({ ack: 'evt_1-1' });
    await eventually(delivered).toBe(1);
    expect(await bench.beyond.letters.count()).toBe(0);
  });

  it('and died of it is redelivered to a bot that connects, also while the webhook is switched off', async () => {
    bench = await socketBench();
    bench.receiver.otherwise = answer(410);
    bench.runtime.publish(anEvent(1));
    await eventually(() => bench.beyond.letters.count()).toBe(1);
    const bot = await bench.connect();
    await bench.runtime.redeliver(eventId('1-1'));
    await eventually(() => bot.seqs).toEqual([1]);
    expect(await bench.beyond.letters.count()).toBe(1);
    bot.say({ ack: 'evt_1-1' });
    await eventually(() => bench.beyond.letters.count()).toBe(0);
  });
});
