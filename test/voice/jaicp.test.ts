import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { ExampleBot } from '../support/example-bot.js';
import { ScriptBench } from '../support/script-bench.js';

/** The words of JAICP's page on transfers to an agent, and of the rating it leaves to the reader. */
const TEXTS = {
  hello: 'Hi! How can I help?',
  transferring: 'Transferring you to the agent. Please stay on the line.',
  puttingThrough: 'Putting you through to an agent. Please stay on the line.',
  busy: 'All our agents are currently busy. We will reach out to you later.',
  rate: 'Thank you for contacting us. Please rate our service.',
  thanks: 'Thank you!',
} as const;
/** The `transferChannel` and the number of the page. */
const PAGE_CHANNEL = '237-test-237-VDQ-28334674';
const NUMBER = '16123456789';

describe('the dialog of the JAICP page on the telephone', { timeout: 60_000 }, () => {
  let bot: ExampleBot;
  let bench: ScriptBench;
  beforeEach(async () => {
    bot = await ExampleBot.start('jaicp-bot/bot.mjs');
    bench = await ScriptBench.start({
      bot: () => ({ url: bot.url, dialect: 'jaicp', digitTimeoutMs: 300 }),
      channel: ({ dir }) => ({ recording: { dir: join(dir, 'recordings') } }),
      config: ({ agent }) => ({
        trunks: {
          carrier: { allow: ['127.0.0.1/32'] },
          vdq: { allow: ['127.0.0.2/32'], proxy: agent.replace(/^sip:.*@/, 'sip:') },
        },
      }),
      channels: ({ agent }) => ({ [PAGE_CHANNEL]: { trunk: 'vdq', bot: { kind: 'sip', uri: agent } } }),
    });
    for (const text of Object.values(TEXTS)) bench.tones.toneOf(text);
  });
  afterEach(async () => {
    await bench.close();
    await bot.stop();
  });

  const hears = (text: string): Promise<void> => bench.hearsTone(bench.tones.toneOf(text));

  /** Presses 1 and hears one of the two announcements to its end; the agent rings. */
  async function asksForAgent() {
    await bench.voice.caller.rtp.press('1');
    const ringing = await bench.voice.agent.rings();
    const announcements = [TEXTS.transferring, TEXTS.puttingThrough].map((text) => bench.tones.toneOf(text));
    const last = bench.heard(...Object.values(TEXTS).map((text) => bench.tones.toneOf(text)));
    const announced = last.findLast(({ hz }) => announcements.includes(hz));
    expect(Math.round((announced?.ms ?? 0) / 100)).toBe(4);
    return ringing;
  }

  /** The `transferStatus` of every `transfer` event, as it was written. */
  const statuses = (): readonly string[] =>
    bot.exchanges
      .filter(({ message }) => message['event'] === 'transfer')
      .map(({ message }) => JSON.stringify(message['transferStatus']));

  it('busy, then an agent, then the rating: word for word, and recorded all along', async () => {
    const { agent, caller } = bench.voice;
    await bench.calls();
    await hears(TEXTS.hello);
    await agent.refuses(await asksForAgent(), 486);
    await hears(TEXTS.busy);
    expect(statuses()).toEqual([`{"status":"FAIL","hangup":false,"number":"${NUMBER}"}`]);

    const ringing = await asksForAgent();
    expect(ringing.invite.uri).toMatch(new RegExp(`^sip:${NUMBER}@`));
    expect(ringing.invite.get('callReason')).toBe('support');
    expect(ringing.invite.get('crmClientId')).toBe(caller.sip.user);
    const talk = await agent.picksUp(ringing);
    await bench.voice.talk(caller, agent);
    talk.bye();
    await hears(TEXTS.rate);
    expect(statuses().at(-1)).toBe(`{"status":"SUCCESS","hangup":false,"number":"${NUMBER}"}`);
    await caller.rtp.press('5');
    await eventually(() => caller.byes).toHaveLength(1);
    await bench.voice.settled();

    const said = new Set(bench.tones.spoken);
    const announced = [TEXTS.transferring, TEXTS.puttingThrough].filter((text) => said.delete(text));
    expect(announced.length).toBeGreaterThan(0);
    expect([...said]).toEqual([TEXTS.hello, TEXTS.busy, TEXTS.rate, TEXTS.thanks]);
    const callId = String(bot.exchanges[0]?.message['callId']);
    const files = readdirSync(join(bench.voice.dir, 'recordings'));
    expect(files.sort()).toEqual(['1-bot', '2-agent', '3-bot'].map((name) => `${callId}-${name}.wav`));
  });

  it('the caller leaves while the agent rings: the bot is told, and says nothing', async () => {
    const call = await bench.calls();
    await hears(TEXTS.hello);
    await asksForAgent();
    call.bye();
    await eventually(statuses).toEqual([`{"status":"FAIL","hangup":true,"number":"${NUMBER}"}`]);
    await eventually(() => bot.exchanges.at(-1)).toMatchObject({
      message: { event: 'hangup' },
      answer: null,
    });
    await eventually(() => bench.voice.agent.requests('CANCEL')).toHaveLength(1);
    await bench.voice.settled();
    expect(bench.tones.spoken).not.toContain(TEXTS.busy);
  });
});
