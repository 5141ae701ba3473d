import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { Webhook } from 'standardwebhooks';
import { answer, hang, WebhookReceiver } from '../../support/webhook-receiver.js';
import { aFailure, anEvent } from '../../support/records.js';
import { botsBench, SECRET, type BotsBench } from './bots-bench.js';

let bench: BotsBench;
afterEach(() => bench.stop());

const settled = (b: BotsBench) => b.runtime.drain(60_000);

describe('what is sent', () => {
  it('is the native envelope, members in order, as JSON', async () => {
    bench = await botsBench();
    bench.runtime.publish(anEvent(7));
    await settled(bench);
    const [request] = bench.receiver.received;
    expect(request?.headers['content-type']).toBe('application/json');
    expect(request?.body).toBe(
      '{"id":"evt_1-7","seq":7,"type":"call.started","time":"2026-01-01T00:00:00.000Z","callId":"call_1",' +
        '"channel":"line","data":{"from":"16125550000","to":"18005550000","trunk":"carrier"}}',
    );
  });

  it('carries a signature others can verify, over the exact bytes', async () => {
    bench = await botsBench();
    bench.clock.advance(Date.now() - bench.clock.now());
    bench.runtime.publish(aFailure(1));
    await settled(bench);
    const { headers, body } = bench.receiver.received[0]!;
    const webhook = new Webhook(SECRET);
    const signed = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    expect(webhook.verify(body, signed)).toEqual(JSON.parse(body));
    expect(() => webhook.verify(`${body} `, signed)).toThrow();
  });

  it('is unsigned without a secret', async () => {
    bench = await botsBench({}, { secret: null });
    bench.runtime.publish(anEvent(1));
    await settled(bench);
    expect(bench.receiver.received[0]?.headers).not.toHaveProperty('webhook-signature');
    expect(bench.receiver.received[0]?.headers['webhook-id']).toBe('evt_1-1');
  });

  it('is in JAICP words the verdict only, exactly', async () => {
    bench = await botsBench({}, { dialect: 'jaicp' });
    bench.runtime.publish(anEvent(1));
    bench.runtime.publish(aFailure(2));
    await settled(bench);
    expect(bench.receiver.received.map((r) => r.body)).toEqual([
      '{"event":"transfer","transferStatus":{"status":"FAIL","hangup":false,"number":"16123456789"},' +
        '"callId":"call_1","channel":"line"}',
    ]);
  });

  it('is nothing for a channel without a sink', async () => {
    bench = await botsBench({}, {}, { deaf: null });
    bench.runtime.publish(aFailure(1, '1', 'deaf'));
    await settled(bench);
    expect(bench.receiver.received).toEqual([]);
    expect(bench.metrics.told).toEqual([]);
  });
});

describe('order', () => {
  it('is kept per call, also over a failure', async () => {
    bench = await botsBench();
    bench.receiver.script.push(answer(200), answer(500), answer(503));
    for (const n of [1, 2, 3, 4]) bench.runtime.publish(anEvent(n));
    const done = settled(bench);
    await eventually(() => bench.seqs()).toEqual([1, 2]);
    await eventually(() => bench.count('eventDelivered(refused)')).toBe(1);
    bench.clock.advance(bench.clock.nextIn!);
    await eventually(() => bench.count('eventDelivered(refused)')).toBe(2);
    bench.clock.advance(750);
    await done;
    expect(bench.seqs()).toEqual([1, 2, 2, 2, 3, 4]);
  });

  it('between calls nobody waits for another', async () => {
    bench = await botsBench();
    bench.receiver.otherwise = (request, response) => {
      if (request.json['callId'] === 'call_slow') hang(request, response);
      else response.writeHead(200).end();
    };
    bench.runtime.publish(anEvent(1, 'slow'));
    bench.runtime.publish(anEvent(2, 'slow'));
    for (const n of [1, 2, 3]) bench.runtime.publish(anEvent(n, 'quick'));
    await eventually(() => bench.count('eventDelivered(delivered)')).toBe(3);
    expect(bench.receiver.received.filter((r) => r.json['callId'] === 'call_slow')).toHaveLength(1);
  });

  it('an endpoint gets so many requests at once and no more', async () => {
    bench = await botsBench({ concurrency: 3 });
    const held: (() => void)[] = [];
    bench.receiver.otherwise = (_request, response) => held.push(() => response.writeHead(200).end());
    for (let call = 1; call <= 10; call += 1) bench.runtime.publish(anEvent(1, String(call)));
    await eventually(() => held.length).toBe(3);
    for (let n = 0; n < 10; n += 1) {
      await eventually(() => held.length).toBeGreaterThan(n);
      held[n]!();
    }
    await settled(bench);
    expect(bench.receiver.received).toHaveLength(10);
    expect(bench.receiver.most).toBe(3);
    expect(bench.receiver.connections).toBeLessThanOrEqual(3);
  });

  it('a slow endpoint does not slow another', async () => {
    const other = await WebhookReceiver.start();
    const sink = {
      url: other.url,
      dialect: 'native',
      secret: null,
      converses: false,
      retryForMs: 0,
    } as const;
    bench = await botsBench({ concurrency: 1 }, {}, { other: sink });
    bench.receiver.otherwise = hang;
    for (const call of ['1', '2', '3']) bench.runtime.publish(anEvent(1, call));
    bench.runtime.publish(anEvent(1, '4', { channel: 'other' }));
    await eventually(() => other.received).toHaveLength(1);
    await other.stop();
  });
});

describe('drain', () => {
  it('waits for what was published, and not longer than told', async () => {
    bench = await botsBench();
    await settled(bench);
    const release: (() => void)[] = [];
    bench.receiver.otherwise = (_request, response) => release.push(() => response.writeHead(200).end());
    bench.runtime.publish(anEvent(1));
    let drained = false;
    const first = bench.runtime.drain(1_000).then(() => (drained = true));
    await eventually(() => release).toHaveLength(1);
    expect(drained).toBe(false);
    bench.clock.advance(1_000);
    await first;
    const second = bench.runtime.drain(1_000);
    bench.runtime.publish(anEvent(2, 'later'));
    release[0]!();
    await second;
    expect(bench.count('eventDelivered(delivered)')).toBe(1);
  });

  it('close gives up what is left and says so', async () => {
    bench = await botsBench();
    bench.receiver.otherwise = hang;
    bench.runtime.publish(anEvent(1));
    bench.runtime.publish(anEvent(2));
    await eventually(() => bench.receiver.received).toHaveLength(1);
    await bench.runtime.close();
    bench.runtime.publish(anEvent(3));
    expect(bench.count('eventLost(closed)')).toBe(3);
    await settled(bench);
    await eventually(() => bench.clock.pending).toBe(0);
  });
});

describe('what is settled', () => {
  it('is told once, after the delivery, and not from within', async () => {
    bench = await botsBench();
    const told: number[] = [];
    bench.receiver.script.push(answer(500));
    for (const n of [1, 2]) bench.runtime.publish(anEvent(n), null, () => told.push(n));
    await eventually(() => bench.count('eventDelivered(refused)')).toBe(1);
    expect(told).toEqual([]);
    bench.clock.advance(bench.clock.nextIn!);
    await eventually(() => told).toEqual([1, 2]);
  });

  it('is what nobody is to be told', async () => {
    bench = await botsBench({}, { dialect: 'jaicp' }, { deaf: null });
    const told: number[] = [];
    bench.runtime.publish(anEvent(1), null, () => told.push(1));
    bench.runtime.publish(aFailure(2, '1', 'deaf'), null, () => told.push(2));
    expect(told).toEqual([]);
    await eventually(() => told).toEqual([1, 2]);
    expect(bench.receiver.received).toEqual([]);
  });

  it('is not what a closed runtime had no time for: that is for another engine to tell', async () => {
    bench = await botsBench();
    bench.receiver.otherwise = hang;
    const told: number[] = [];
    for (const n of [1, 2]) bench.runtime.publish(anEvent(n), null, () => told.push(n));
    await eventually(() => bench.receiver.received.length).toBe(1);
    await bench.runtime.close();
    bench.runtime.publish(anEvent(3), null, () => told.push(3));
    await bench.runtime.drain(0);
    expect(told).toEqual([]);
  });

  it('counts as lost at the end only where no other engine tells it', async () => {
    for (const unsettledIsKept of [false, true]) {
      bench = await botsBench({}, {}, {}, { unsettledIsKept });
      bench.receiver.otherwise = hang;
      bench.runtime.publish(anEvent(1));
      await eventually(() => bench.receiver.received.length).toBe(1);
      await bench.stop();
      expect(bench.count('eventLost(closed)')).toBe(unsettledIsKept ? 0 : 1);
    }
  });
});
