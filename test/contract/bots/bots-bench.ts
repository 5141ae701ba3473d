import { createBotRuntime } from '../../../src/adapters/bots/bot-runtime.js';
import type { DeliveryLimits } from '../../../src/adapters/bots/options.js';
import type { EventSink } from '../../../src/domain/settings.js';
import type { Log } from '../../../src/ports/log.js';
import { FakeClock } from '../../support/fake-clock.js';
import { FakeMetrics } from '../../support/fake-metrics.js';
import { WebhookReceiver } from '../../support/webhook-receiver.js';

export const SECRET = `whsec_${Buffer.from('a secret of the bot, 24+').toString('base64')}`;

/** The runtime, a receiver, a clock that stands still, randomness without surprise. */
export async function botsBench(
  delivery: Partial<DeliveryLimits> = {},
  sink: Partial<EventSink> = {},
  others: Readonly<Record<string, EventSink | null>> = {},
) {
  const receiver = await WebhookReceiver.start();
  const clock = new FakeClock();
  const metrics = new FakeMetrics();
  const logged: string[] = [];
  const note = (level: string) => (fields: object, message: string) =>
    void logged.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const log: Log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
  const own: EventSink = { url: receiver.url, dialect: 'native', secret: SECRET, ...sink };
  const runtime = createBotRuntime({
    sink: (channel) => (channel in others ? (others[channel] ?? null) : own),
    clock,
    random: { next: () => 0.5 },
    metrics,
    log,
    delivery,
  });
  return {
    ...{ receiver, clock, metrics, logged, runtime },
    /** Sequence numbers in the order they came. */
    seqs: () => receiver.received.map((r) => r.json['seq'] as number),
    count: (told: string) => metrics.told.filter((t) => t === told).length,
    stop: async () => {
      await runtime.close();
      await receiver.stop();
    },
  };
}

export type BotsBench = Awaited<ReturnType<typeof botsBench>>;
