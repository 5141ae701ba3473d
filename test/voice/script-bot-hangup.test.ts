import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import type { PhoneCall } from '../support/sip-phone/index.js';
import { play, say, ScriptBench } from '../support/script-bench.js';
import { VOICES } from '../support/voice-bench.js';
import { hang } from '../support/webhook-receiver.js';

const A = 2900;

describe('the caller of a webhook bot hangs up', { timeout: 60_000 }, () => {
  let bench: ScriptBench;
  let call: PhoneCall;
  beforeEach(async () => {
    bench = await ScriptBench.start({
      bot: ({ agent }) => ({ decisionTimeoutMs: 800, fallback: { target: { sipUri: agent } } }),
    });
  });
  afterEach(() => bench.close());

  const toAgent = () => ({
    type: 'transfer',
    target: { sipUri: bench.voice.agent.uri },
    returnToBot: true,
  });

  /** It hangs up now; the bot is told, nothing is left, and nobody rings any more. */
  async function hangsUp(): Promise<void> {
    call.bye();
    const ended = await bench.voice.event('call.ended');
    expect(ended.data).toMatchObject({ by: 'caller' });
    await bench.voice.settled();
    const accepted = bench.types.filter((type) => type === 'transfer.requested');
    const verdicts = bench.types.filter((type) => /^transfer\.(completed|failed|cancelled)$/.test(type));
    expect(verdicts).toHaveLength(accepted.length);
    expect(bench.types.at(-1)).toBe('call.ended');
  }

  it('while the bot thinks', async () => {
    bench.does('call.started', (_request, response) => setTimeout(() => response.writeHead(204).end(), 300));
    call = await bench.calls();
    await hangsUp();
  });

  it('while the bot speaks', async () => {
    bench.when('call.started', play(bench.tones.audio(A, 5000)), toAgent());
    call = await bench.calls();
    await bench.hearsTone(A);
    await hangsUp();
    expect(bench.types).not.toContain('transfer.requested');
  });

  it('in the middle of its input', async () => {
    call = await bench.calls();
    await eventually(() => bench.types).toEqual(['call.started']);
    await bench.voice.caller.rtp.press('4');
    await hangsUp();
    expect(bench.types).not.toContain('call.input');
  });

  it('while the agent rings', async () => {
    bench.when('call.started', toAgent());
    call = await bench.calls();
    await bench.voice.agent.rings();
    await hangsUp();
    const { data } = await bench.voice.event('transfer.failed');
    expect(data).toMatchObject({ outcome: 'caller_hangup', transferStatus: { hangup: true } });
    await eventually(() => bench.voice.agent.requests('CANCEL')).toHaveLength(1);
  });

  it('while it talks to the agent', async () => {
    bench.when('call.started', toAgent());
    call = await bench.calls();
    await bench.voice.agent.answers();
    await bench.voice.hears(bench.voice.caller, VOICES.agent);
    await hangsUp();
    const { data } = await bench.voice.event('transfer.completed');
    expect(data).toMatchObject({ outcome: 'answered', transferStatus: { hangup: true } });
    await eventually(() => bench.voice.agent.byes).toHaveLength(1);
  });

  it('when it is back with the bot', async () => {
    bench.when('call.started', toAgent());
    bench.when('transfer.completed', say('Welcome back.'));
    call = await bench.calls();
    const talk = await bench.voice.agent.answers();
    await bench.voice.hears(bench.voice.caller, VOICES.agent);
    talk.bye();
    await bench.hearsTone(bench.tones.toneOf('Welcome back.'));
    await hangsUp();
  });

  it('while the agent of its fallback rings, and the bot has never said a word', async () => {
    bench.does('call.started', hang);
    call = await bench.calls();
    await bench.voice.agent.rings();
    call.bye();
    // Nothing can be told to a bot that hangs: what is left is seen where calls and endpoints are counted.
    await bench.voice.settled();
    await eventually(() => bench.voice.agent.requests('CANCEL')).toHaveLength(1);
  });
});
