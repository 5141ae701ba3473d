import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { anEvent, aFailure } from '../../support/records.js';
import { eventually } from '../../support/eventually.js';
import { answer, hang, type Behaviour } from '../../support/webhook-receiver.js';
import { botsBench, type BotsBench } from './bots-bench.js';

let bench: BotsBench;
afterEach(() => bench.stop());

const json = (body: unknown): Behaviour => answer(200, {}, JSON.stringify(body));
const hello = { replies: [{ type: 'text', text: 'Hello' }] };
const said = [{ kind: 'say', message: { text: 'Hello' } }];

/** What the listener is told when question 1 of a call never reached the bot. */
const unreached = (reason: string) => ({
  callId: 'call_1',
  question: 1,
  problem: `the bot could not be told of it: ${reason}`,
});

/** What the listener is told when the bot's only answer is this. */
async function toldAfter(behaviour: Behaviour) {
  bench = await botsBench({}, { converses: true });
  bench.receiver.script.push(behaviour);
  bench.runtime.publish(anEvent(1), 7);
  await eventually(() => bench.answers).toHaveLength(1);
  return bench.answers[0];
}

describe('the answer to a question', () => {
  it.each<[string, Behaviour]>([
    ['{"replies": [...]}', json(hello)],
    ['{"data": {"replies": [...]}}', json({ data: hello, botId: 'b', timestamp: 1 })],
    ['the list itself', json(hello.replies)],
    ['with a type of its own, and 201', answer(201, { 'content-type': 'text/plain' }, JSON.stringify(hello))],
  ])('as %s is what the bot wants', async (_shape, behaviour) => {
    expect(await toldAfter(behaviour)).toEqual({ callId: 'call_1', question: 7, replies: said });
  });

  it.each<[string, Behaviour]>([
    ['204', answer(204)],
    ['an empty body', answer(200)],
    ['an empty list', json({ replies: [] })],
  ])('%s: the bot wants nothing', async (_shape, behaviour) => {
    expect(await toldAfter(behaviour)).toEqual({ callId: 'call_1', question: 7, replies: [] });
  });

  it.each<[string, Behaviour, RegExp]>([
    ['HTML', answer(200, {}, '<html>'), /^the answer is not JSON$/],
    ['JSON without replies', json({ ok: true }), /^the body holds no list of replies/],
    ['null', json(null), /no list of replies/],
    ['a number as text', json({ replies: [{ type: 'text', text: 5 }] }), /^replies\[0\]\.text: /],
    ['a type that is none', json({ replies: ['hangup'] }), /^replies\[0\]: every reply needs a type/],
    [
      'a wrong switch behind a good text',
      json({ replies: [...hello.replies, { type: 'switch', phoneNumber: 'nobody' }] }),
      /^replies\[1\]\.phoneNumber: /,
    ],
    ['64 KiB and a byte', answer(200, {}, ' '.repeat(65_537)), /longer than the limit/],
    ['__proto__', answer(200, {}, '{"replies":[],"__proto__":{}}'), /__proto__/],
    ['half a character', answer(200, {}, '{"replies":['), /not JSON/],
  ])('%s: nothing of it is done, and why', async (_what, behaviour, problem) => {
    const told = await toldAfter(behaviour);
    expect(told).toEqual({
      callId: 'call_1',
      question: 7,
      problem: expect.stringMatching(problem) as string,
    });
    expect(bench.count('eventDelivered(delivered)')).toBe(1);
  });

  it('types for the eye are passed over, and named in the log', async () => {
    const list = [{ type: 'image', imageUrl: 'x' }, ...hello.replies, { type: 'buttons', buttons: [] }];
    expect(await toldAfter(json({ replies: list }))).toMatchObject({ replies: said });
    expect(bench.logged).toEqual([expect.stringMatching(/^warn .*passed over.*\["image","buttons"\]/)]);
  });

  it('is handed over once, when it comes at last', async () => {
    bench = await botsBench({}, { converses: true });
    bench.receiver.script.push(answer(500, {}, JSON.stringify(hello)), hang, json(hello));
    bench.runtime.publish(anEvent(1), 1);
    await eventually(() => bench.count('eventDelivered(refused)')).toBe(1);
    bench.clock.advance(375);
    await eventually(() => bench.receiver.received).toHaveLength(2);
    bench.clock.advance(5_000);
    await eventually(() => bench.count('eventDelivered(timeout)')).toBe(1);
    expect(bench.answers).toEqual([]);
    bench.clock.advance(750);
    await eventually(() => bench.answers).toHaveLength(1);
    expect(new Set(bench.receiver.received.map((r) => r.headers['webhook-id']))).toEqual(
      new Set(['evt_1-1']),
    );
    await bench.runtime.drain(0);
    expect(bench.answers).toEqual([{ callId: 'call_1', question: 1, replies: said }]);
  });

  it('that breaks off in the middle is asked for again', async () => {
    bench = await botsBench({}, { converses: true });
    bench.receiver.script.push((_request, response) => {
      response.writeHead(200, { 'content-length': 500 }).write('{"replies":[');
      response.socket?.end();
    }, json(hello));
    bench.runtime.publish(anEvent(1), 1);
    await eventually(() => bench.count('eventDelivered(unreachable)')).toBe(1);
    bench.clock.advance(375);
    await eventually(() => bench.answers).toEqual([{ callId: 'call_1', question: 1, replies: said }]);
  });

  it('that is written a byte at a time still ends at the timeout', async () => {
    bench = await botsBench({}, { retryForMs: 0, converses: true });
    bench.receiver.script.push((_request, response) => void response.writeHead(200).write('{'));
    bench.runtime.publish(anEvent(1), 1);
    await eventually(() => bench.receiver.received).toHaveLength(1);
    bench.clock.advance(5_000);
    await eventually(() => bench.count('eventDelivered(timeout)')).toBe(1);
    await eventually(() => bench.answers).toEqual([unreached('given_up')]);
  });

  it('comes in order of the questions, also over a failure', async () => {
    bench = await botsBench({}, { converses: true });
    const texts = ['one', 'two', 'three'];
    bench.receiver.script.push(answer(503), ...texts.map((text) => json([{ type: 'text', text }])));
    for (const n of [1, 2, 3]) bench.runtime.publish(anEvent(n), n);
    await eventually(() => bench.count('eventDelivered(refused)')).toBe(1);
    bench.clock.advance(375);
    await eventually(() => bench.answers).toHaveLength(3);
    expect(bench.answers).toEqual(
      texts.map((text, i) => ({
        callId: 'call_1',
        question: i + 1,
        replies: [{ kind: 'say', message: { text } }],
      })),
    );
  });
});

describe('without an answer', () => {
  it('410: whoever waits is told at once, now and from then on', async () => {
    expect(await toldAfter(answer(410))).toEqual({ ...unreached('endpoint_gone'), question: 7 });
    bench.runtime.publish(anEvent(1, 'next'), 1);
    await eventually(() => bench.answers).toHaveLength(2);
    expect(bench.answers[1]).toEqual({ ...unreached('endpoint_gone'), callId: 'call_next' });
  });

  it('a redirect is not followed, and its body is no answer', async () => {
    bench = await botsBench({}, { retryForMs: 0, converses: true });
    bench.receiver.script.push(
      answer(307, { location: `${bench.receiver.url}/elsewhere` }, JSON.stringify(hello)),
    );
    bench.runtime.publish(anEvent(1), 1);
    await eventually(() => bench.answers).toEqual([unreached('given_up')]);
    expect(bench.receiver.received.map((r) => r.path)).toEqual(['/events']);
  });

  it('nobody there: given up, and told', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as { port: number };
    await new Promise((resolve) => closed.close(resolve));
    bench = await botsBench({}, { retryForMs: 0, converses: true, url: `http://127.0.0.1:${port}/bot` });
    bench.runtime.publish(anEvent(1), 1);
    await eventually(() => bench.answers).toEqual([unreached('given_up')]);
  });

  it('a slow bot delays nobody: publish returns, other calls go on, its late answer is handed over as such', async () => {
    bench = await botsBench({}, { converses: true });
    const release: (() => void)[] = [];
    bench.receiver.otherwise = (request, response) => {
      const send = (): void => void response.writeHead(200).end(JSON.stringify(hello));
      if (request.json['callId'] === 'call_slow') release.push(send);
      else send();
    };
    bench.runtime.publish(anEvent(1, 'slow'), 1);
    bench.runtime.publish(anEvent(1, 'quick'), 1);
    await eventually(() => bench.answers).toHaveLength(1);
    await eventually(() => release).toHaveLength(1);
    expect(bench.answers[0]?.callId).toBe('call_quick');
    release[0]!();
    await eventually(() => bench.answers).toHaveLength(2);
    expect(bench.answers[1]).toEqual({ callId: 'call_slow', question: 1, replies: said });
  });
});

describe('where nothing is asked', () => {
  it('what the bot answers is not even read', async () => {
    bench = await botsBench({}, { converses: true });
    bench.receiver.otherwise = json(hello);
    bench.runtime.publish(anEvent(1));
    bench.runtime.publish(anEvent(2), null);
    await bench.runtime.drain(60_000);
    expect(bench.count('eventDelivered(delivered)')).toBe(2);
    expect(bench.answers).toEqual([]);
  });

  it("an answer after the call has ended is nobody's", async () => {
    bench = await botsBench({}, { converses: true });
    bench.receiver.otherwise = json(hello);
    bench.runtime.publish(anEvent(1), 1);
    bench.runtime.publish(
      anEvent(2, '1', { type: 'call.ended', data: { by: 'caller', sipCode: null, reason: null } }),
    );
    await bench.runtime.drain(60_000);
    expect(bench.answers).toEqual([]);
  });
});

describe('one question told by two events', () => {
  it('nothing said to the first is not the answer', async () => {
    bench = await botsBench({}, { converses: true });
    bench.receiver.script.push(answer(204), json(hello));
    bench.runtime.publish(aFailure(1), 4);
    bench.runtime.publish(anEvent(2), 4);
    await eventually(() => bench.answers).toEqual([{ callId: 'call_1', question: 4, replies: said }]);
  });

  it('the first that says something is the answer', async () => {
    bench = await botsBench({}, { converses: true });
    bench.receiver.otherwise = json(hello);
    bench.runtime.publish(aFailure(1), 4);
    bench.runtime.publish(anEvent(2), 4);
    await bench.runtime.drain(60_000);
    expect(bench.answers).toHaveLength(1);
  });

  it('two that say nothing are one answer that says nothing', async () => {
    bench = await botsBench({}, { converses: true });
    bench.runtime.publish(aFailure(1), 4);
    bench.runtime.publish(anEvent(2), 4);
    await bench.runtime.drain(60_000);
    expect(bench.answers).toEqual([{ callId: 'call_1', question: 4, replies: [] }]);
  });
});
