import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { answer, hang, type Behaviour } from '../../support/webhook-receiver.js';
import { aFailure, anEvent } from '../../support/records.js';
import { botsBench, type BotsBench } from './bots-bench.js';

let bench: BotsBench;
afterEach(() => bench.stop());

const result = (name: string) => bench.count(`eventDelivered(${name})`);

describe('retries', () => {
  it('a 500, then a 200: the same id and body, a new time', async () => {
    bench = await botsBench({ firstDelayMs: 4_000 });
    bench.receiver.script.push(answer(500));
    bench.runtime.publish(anEvent(1));
    await eventually(() => result('refused')).toBe(1);
    bench.clock.advance(3_000);
    await eventually(() => result('delivered')).toBe(1);
    const [first, second] = bench.receiver.received;
    expect(second?.body).toBe(first?.body);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(Number(second?.headers['webhook-timestamp'])).toBe(
      Number(first?.headers['webhook-timestamp']) + 3,
    );
    expect(second?.headers['webhook-signature']).not.toBe(first?.headers['webhook-signature']);
  });

  it('come at growing distance, and end', async () => {
    bench = await botsBench({ maxDelayMs: 2_000 }, { retryForMs: 5_000 });
    bench.receiver.otherwise = answer(500);
    bench.runtime.publish(aFailure(1));
    const delays: number[] = [];
    for (let n = 1; n <= 4; n += 1) {
      await eventually(() => bench.logged.filter((l) => l.includes('trying again')).length).toBe(n);
      delays.push(bench.clock.nextIn!);
      bench.clock.advance(bench.clock.nextIn!);
    }
    expect(delays).toEqual([375, 750, 1500, 1500]);
    await eventually(() => bench.count('eventLost(given_up)')).toBe(1);
    expect(bench.logged.at(-1)).toMatch(
      /^warn event not delivered.*"eventId":"evt_1-1".*"status":500.*"attempts":5/,
    );
    expect(bench.clock.pending).toBe(0);
    await bench.runtime.drain(0);
  });

  it('end after the total time, and the next event of the call goes out', async () => {
    bench = await botsBench({}, { retryForMs: 1_000 });
    bench.receiver.script.push(answer(500), answer(500));
    bench.runtime.publish(anEvent(1));
    bench.runtime.publish(anEvent(2));
    await eventually(() => result('refused')).toBe(1);
    bench.clock.advance(375);
    await eventually(() => result('delivered')).toBe(1);
    expect(bench.seqs()).toEqual([1, 1, 2]);
    expect(bench.count('eventLost(given_up)')).toBe(1);
  });

  it('a request that is not answered ends at its timeout', async () => {
    bench = await botsBench();
    bench.receiver.script.push(hang);
    bench.runtime.publish(anEvent(1));
    await eventually(() => bench.receiver.received).toHaveLength(1);
    expect(bench.clock.nextIn).toBe(5_000);
    bench.clock.advance(5_000);
    await eventually(() => result('timeout')).toBe(1);
    bench.clock.advance(375);
    await eventually(() => result('delivered')).toBe(1);
  });

  it('nobody listening', async () => {
    bench = await botsBench({}, { retryForMs: 1_000, url: 'http://127.0.0.1:1/events' });
    bench.runtime.publish(anEvent(1));
    await eventually(() => result('unreachable')).toBe(1);
    bench.clock.advance(375);
    await eventually(() => bench.count('eventLost(given_up)')).toBe(1);
  });

  it('an answer that is not HTTP', async () => {
    const garbage = createServer((socket) => socket.end('SIP/2.0 200 OK\r\n\r\n'));
    await new Promise<void>((resolve) => garbage.listen(0, '127.0.0.1', resolve));
    const { port } = garbage.address() as { port: number };
    bench = await botsBench({}, { retryForMs: 0, url: `http://127.0.0.1:${port}/` });
    bench.runtime.publish(anEvent(1));
    await eventually(() => bench.count('eventLost(given_up)')).toBe(1);
    expect(result('unreachable')).toBe(1);
    garbage.close();
  });
});

describe('answers', () => {
  it('410: nothing is sent there any more, said once in the log', async () => {
    bench = await botsBench();
    bench.receiver.script.push(answer(410));
    for (const n of [1, 2]) bench.runtime.publish(anEvent(n));
    await eventually(() => result('gone')).toBe(1);
    bench.runtime.publish(anEvent(1, 'other'));
    await bench.runtime.drain(1_000);
    expect(bench.receiver.received).toHaveLength(1);
    expect(bench.count('eventLost(endpoint_gone)')).toBe(3);
    expect(bench.logged.filter((l) => l.startsWith('error'))).toHaveLength(1);
  });

  it('a redirect is a failure and is not followed', async () => {
    bench = await botsBench({}, { retryForMs: 0 });
    bench.receiver.script.push(answer(307, { location: `${bench.receiver.url}/elsewhere` }));
    bench.runtime.publish(anEvent(1));
    await eventually(() => bench.count('eventLost(given_up)')).toBe(1);
    expect(bench.receiver.received.map((r) => r.path)).toEqual(['/events']);
  });

  it('5 MB of answer are not read, and the event is delivered', async () => {
    bench = await botsBench();
    let sent = 0;
    const flood: Behaviour = (_request, response) => {
      response.writeHead(200);
      const pour = (): void => {
        while (sent < 5_000_000 && !response.destroyed) {
          sent += 16_384;
          if (!response.write(Buffer.alloc(16_384))) return void response.once('drain', pour);
        }
        response.end();
      };
      pour();
    };
    bench.receiver.script.push(flood);
    bench.runtime.publish(anEvent(1));
    bench.runtime.publish(anEvent(2));
    await eventually(() => result('delivered')).toBe(2);
    expect(sent).toBeLessThan(5_000_000);
  });

  it('a short body is read, and the connection used again', async () => {
    bench = await botsBench();
    bench.receiver.otherwise = answer(200, {}, '{"replies":[]}');
    for (let n = 1; n <= 30; n += 1) bench.runtime.publish(anEvent(n));
    await bench.runtime.drain(1_000);
    expect(bench.receiver.received).toHaveLength(30);
    // The next request may leave a moment before the connection of the last one counts as free.
    expect(bench.receiver.connections).toBeLessThanOrEqual(2);
  });
});

describe('memory is bounded', () => {
  it('a call gives up its oldest events, never a verdict, and names each', async () => {
    bench = await botsBench({ perCall: 3 });
    bench.receiver.script.push(hang);
    bench.runtime.publish(anEvent(1));
    await eventually(() => bench.receiver.received).toHaveLength(1);
    bench.runtime.publish(aFailure(2));
    for (const n of [3, 4, 5]) bench.runtime.publish(anEvent(n));
    bench.runtime.publish(aFailure(6));
    bench.runtime.publish(anEvent(7));
    expect(bench.count('eventLost(queue_full)')).toBe(4);
    const lost = bench.logged.filter((l) => l.startsWith('warn event not delivered'));
    expect(lost.map((l) => /evt_1-(\d)/.exec(l)?.[1])).toEqual(['3', '4', '5', '7']);
    bench.clock.advance(5_000);
    await eventually(() => result('timeout')).toBe(1);
    bench.clock.advance(375);
    await bench.runtime.drain(1_000);
    expect(bench.seqs()).toEqual([1, 1, 2, 6]);
  });

  it('over all calls', async () => {
    bench = await botsBench({ overall: 4 });
    bench.receiver.otherwise = hang;
    for (let call = 1; call <= 6; call += 1) bench.runtime.publish(anEvent(1, String(call)));
    expect(bench.count('eventLost(queue_full)')).toBe(2);
  });

  it('of one endpoint, leaving room for the others', async () => {
    const deaf = {
      url: 'http://127.0.0.1:1/',
      dialect: 'native',
      secret: null,
      converses: false,
      retryForMs: 60_000,
    } as const;
    bench = await botsBench({ overall: 10, perEndpoint: 5 }, {}, { deaf });
    for (let call = 1; call <= 20; call += 1)
      bench.runtime.publish(anEvent(1, `d${call}`, { channel: 'deaf' }));
    bench.runtime.publish(anEvent(1, 'ok'));
    await eventually(() => result('delivered')).toBe(1);
    expect(bench.count('eventLost(queue_full)')).toBe(15);
  });
});
