import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tone, VoiceBench, VOICES } from '../support/voice-bench.js';

describe('a call whose media is ours', { timeout: 60_000 }, () => {
  let bench: VoiceBench;
  beforeEach(async () => {
    bench = await VoiceBench.start();
  });
  afterEach(() => bench.close());

  it('caller and bot hear each other, then caller and agent, then the bot again', async () => {
    const call = await bench.talkingToBot();
    await bench.hears(bench.caller, VOICES.bot);
    await bench.hears(bench.bot, VOICES.caller);
    await bench.transfer({
      target: { sipUri: bench.agent.uri },
      returnToBot: true,
      waiting: 'music',
      music: 'moh.wav',
    });
    const ringing = await bench.agent.rings();
    await bench.hears(bench.caller, tone('moh.wav'));
    const agent = await bench.agent.picksUp(ringing);
    await bench.hears(bench.caller, VOICES.agent);
    await bench.hears(bench.agent, VOICES.caller);
    await bench.event('transfer.bridged');
    agent.bye();
    await bench.hears(bench.caller, VOICES.bot);
    await bench.event('transfer.returned');
    call.bye();
    await bench.event('call.ended');
    await bench.settled();
    expect(bench.told.filter((e) => e.type === 'transfer.completed')).toHaveLength(1);
  });
});
