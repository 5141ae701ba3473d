import { afterEach, describe, expect, it } from 'vitest';
import { BotClient } from '../contract/bots/socket-bench.js';
import { eventually } from '../support/eventually.js';
import { play, say, ScriptBench, type Reply } from '../support/script-bench.js';
import { tone, VOICES } from '../support/voice-bench.js';

const A = 2900;

describe('a bot on its own connection', { timeout: 60_000 }, () => {
  let bench: ScriptBench;
  let bot: BotClient;
  afterEach(async () => {
    bot.socket.close();
    await bench.close();
  });

  async function connect(): Promise<void> {
    bench = await ScriptBench.start({
      bot: ({ agent }) => ({
        digitTimeoutMs: 300,
        decisionTimeoutMs: 1000,
        fallback: { message: { file: 'sorry.wav' }, target: { sipUri: agent } },
      }),
    });
    bot = new BotClient(`${bench.voice.app.apiUrl.replace('http', 'ws')}/v1/bot?channel=line`, {});
    await bot.opened;
  }

  /** Answers the first event of that type. */
  async function answers(type: string, ...replies: readonly Reply[]): Promise<void> {
    const found = () => bot.frames.find((frame) => frame['type'] === type);
    await eventually(found).toBeDefined();
    bot.say({ callId: found()?.['callId'], inReplyTo: found()?.['id'], replies });
  }

  it('holds the same conversation: words, keys, an agent, and the caller back', async () => {
    await connect();
    const [menu, back] = [bench.tones.toneOf('Press 1.'), bench.tones.toneOf('Welcome back.')];
    await bench.calls();
    await answers('call.started', say('Press 1.'), play(bench.tones.audio(A, 5000)));
    await bench.hearsTone(menu);
    await bench.hearsTone(A);
    await bench.voice.caller.rtp.press('1');
    const target = { sipUri: bench.voice.agent.uri };
    await answers('call.input', { type: 'transfer', target, returnToBot: true });
    const talk = await bench.voice.agent.answers();
    await bench.voice.hears(bench.voice.caller, VOICES.agent);
    talk.bye();
    await answers('transfer.completed', say('Welcome back.'));
    await bench.hearsTone(back);
    expect(bench.voice.told).toEqual([]);
  });

  it('speaks unasked', async () => {
    await connect();
    await bench.calls();
    await answers('call.started');
    bot.say({ callId: bot.frames[0]?.['callId'], replies: [say('News.')] });
    await bench.hasHeardWhole([bench.tones.toneOf('News.'), 400]);
  });

  it('says nothing in time: its fallback is done', async () => {
    await connect();
    await bench.calls();
    const answered = performance.now();
    await bench.hearsTone(tone('sorry.wav'));
    expect(performance.now() - answered).toBeLessThan(2000);
    await bench.voice.agent.answers();
    await bench.voice.hears(bench.voice.caller, VOICES.agent);
  });

  it('is gone in the middle of a call: the webhook is asked in its place', async () => {
    await connect();
    bench.when('call.started', play(bench.tones.audio(A)));
    await bench.calls();
    await eventually(() => bot.frames.length).toBe(1);
    bot.socket.close();
    await bench.hasHeardWhole([A, 400]);
  });
});
