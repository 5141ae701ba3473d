import { afterEach, it } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { anEvent } from '../../support/records.js';
import { answer } from '../../support/webhook-receiver.js';
import { socketBench, type SocketBench } from './socket-bench.js';

let bench: SocketBench;
afterEach(() => bench.stop());

it('deliveries are told apart: those a caller waits for, those nobody waits for, those on the bot’s own connection', async () => {
  bench = await socketBench();
  bench.receiver.script.push(answer(200, {}, '{"replies":[]}'), answer(500));
  bench.runtime.publish(anEvent(1), 7);
  await eventually(() => bench.metrics.deliveries).toEqual(['question delivered']);
  bench.runtime.publish(anEvent(1, '2'));
  await eventually(() => bench.metrics.deliveries).toEqual(['question delivered', 'event refused']);
  const bot = await bench.connect();
  const event = anEvent(1, '3');
  bench.runtime.publish(event);
  await eventually(() => bot.frames.map(({ id }) => id)).toContain(event.id);
  bot.say({ ack: event.id });
  await eventually(() => bench.metrics.deliveries.at(-1)).toBe('socket delivered');
});
