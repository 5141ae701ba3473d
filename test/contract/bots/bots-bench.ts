import { createBotRuntime } from '../../../src/adapters/bots/bot-runtime.js';
import type { Beyond, BotSink, DeliveryLimits } from '../../../src/adapters/bots/options.js';
import { createMemoryDeadLetters } from '../../../src/adapters/memory/dead-letters.js';
import { createMemoryEndpointSwitches } from '../../../src/adapters/memory/endpoint-switches.js';
import { parseReplies } from '../../../src/commands/jaicp-replies.js';
import type { BotReply } from '../../../src/domain/reply.js';
import type { Log } from '../../../src/ports/log.js';
import { FakeClock } from '../../support/fake-clock.js';
import { FakeMetrics } from '../../support/fake-metrics.js';
import { WebhookReceiver } from '../../support/webhook-receiver.js';

export const SECRET = `whsec_${Buffer.from('a secret of the bot, 24+').toString('base64')}`;

/** What a listener is told: what the bot wants, or why that cannot be known. */
export type BotAnswer = { readonly callId: string; readonly question: number | null } & (
  { readonly replies: readonly BotReply[] } | { readonly problem: string }
);

/** The runtime, a receiver, a clock that stands still, randomness without surprise. */
export async function botsBench(
  delivery: Partial<DeliveryLimits> = {},
  sink: Partial<BotSink> = {},
  others: Readonly<Record<string, BotSink | null>> = {},
  kept: Partial<Beyond> = {},
) {
  const receiver = await WebhookReceiver.start();
  const clock = new FakeClock();
  const metrics = new FakeMetrics();
  const logged: string[] = [];
  const note = (level: string) => (fields: object, message: string) =>
    void logged.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const log: Log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
  const own: BotSink = {
    url: receiver.url,
    dialect: 'native',
    secret: SECRET,
    converses: false,
    retryForMs: 300_000,
    ...sink,
  };
  const answers: BotAnswer[] = [];
  const commands: { readonly callId: string; readonly wish: string }[] = [];
  let refusal: Error | null = null;
  const beyond: Beyond = {
    letters: createMemoryDeadLetters({ log }),
    switches: createMemoryEndpointSwitches(),
    unsettledIsKept: false,
    ...kept,
  };
  const runtime = createBotRuntime({
    sink: (channel) => (channel in others ? (others[channel] ?? null) : own),
    channels: ['line', ...Object.keys(others)],
    beyond,
    replies: parseReplies,
    clock,
    random: { next: () => 0.5 },
    metrics,
    log,
    delivery,
  });
  runtime.listen({
    replied: (callId, question, replies) => void answers.push({ callId, question, replies }),
    garbled: (callId, question, problem) => void answers.push({ callId, question, problem }),
    commanded: (callId, wish) => {
      if (refusal !== null) return Promise.reject(refusal);
      commands.push({ callId, wish: wish.kind });
      return Promise.resolve();
    },
  });
  return {
    ...{ receiver, clock, metrics, logged, runtime, beyond },
    /** What the engine was told of the bot's answers. */
    answers,
    /** What it was told to do by bots that speak for themselves. */
    commands,
    /** Every further command is refused. */
    refuse: (error: Error) => (refusal = error),
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
