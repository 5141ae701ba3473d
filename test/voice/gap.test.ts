import { expect, it } from 'vitest';
import type { VoiceParty } from '../support/voice-party.js';
import { tone } from '../support/voice-bench.js';
import { describeVoice } from '../support/voice-suite.js';

/**
 * Longest silence between one that is heard and the next, in ms. 200 is what is promised and `bench/voice.ts` measures;
 * here it is more, for a machine that runs many tests at once.
 */
const LONGEST = { embedded: 300, real: 600 };

describeVoice('the gap at the bridge', (bench) => {
  const longest = (): number => LONGEST[bench().real ? 'real' : 'embedded'];
  const isShort = (party: VoiceParty, before: number, after: number, from = 0): void =>
    expect(party.gap(before, after, from)).toBeLessThan(longest());

  it('from the bot to the agent, who hears the caller at once, and back', async () => {
    const { caller, bot, agent } = bench();
    const call = await bench().ringing({ returnToBot: true });
    const answered = performance.now();
    const agentCall = await agent.picksUp(call.ringing);
    await bench().talk(caller, agent);
    isShort(caller, bot.tone, agent.tone);
    expect((agent.rtp.firstHeard(caller.tone) ?? Infinity) - answered).toBeLessThan(longest());
    const hungUp = performance.now();
    agent.rtp.stopSending();
    agentCall.bye();
    await bench().talk(caller, bot);
    isShort(caller, agent.tone, bot.tone, hungUp);
    call.caller.bye();
    await bench().event('call.ended');
  });

  it('from the music to the agent, and from the whisper to the caller', async () => {
    const { caller, agent } = bench();
    const call = await bench().ringing({
      waiting: 'music',
      music: 'moh.wav',
      whisper: { file: 'whisper.wav' },
    });
    await bench().hearsNamed(caller, 'moh.wav');
    await agent.picksUp(call.ringing);
    await bench().talk(caller, agent);
    isShort(caller, tone('moh.wav'), agent.tone);
    isShort(agent, tone('whisper.wav'), caller.tone);
    call.caller.bye();
    await bench().event('call.ended');
  });

  it('from the bot to the music, and from a failed target to the prompt and back to the bot', async () => {
    const { caller, bot, agent } = bench();
    const call = await bench().ringing({
      waiting: 'music',
      music: 'moh.wav',
      onFailure: [{ match: ['*'], action: 'play', message: { file: 'sorry.wav' } }],
    });
    await bench().hearsNamed(caller, 'moh.wav');
    isShort(caller, bot.tone, tone('moh.wav'));
    const refused = performance.now();
    await agent.refuses(call.ringing, 486);
    await bench().talk(caller, bot);
    isShort(caller, tone('moh.wav'), tone('sorry.wav'));
    isShort(caller, tone('sorry.wav'), bot.tone, refused);
    call.caller.bye();
    await bench().event('call.ended');
  });

  it('from the conference to the agent', async () => {
    const { caller, bot, agent } = bench();
    const call = await bench().ringing({ warm: { key: '#', maxMs: 20_000 } });
    await agent.picksUp(call.ringing);
    await bench().hears(caller, bot.tone, agent.tone);
    const left = performance.now();
    bot.rtp.stopSending();
    call.bot.bye();
    await bench().talk(caller, agent);
    expect(longestPause(caller, left)).toBeLessThan(longest());
    expect(longestPause(agent, left)).toBeLessThan(longest());
    call.caller.bye();
    await bench().event('call.ended');
  });

  /** Longest time without the other's voice since. */
  function longestPause(party: VoiceParty, since: number): number {
    const { caller, agent } = bench();
    const heard = party.times(party === caller ? agent.tone : caller.tone).filter((at) => at >= since);
    return Math.max(...heard.map((at, i) => at - (heard[i - 1] ?? since)));
  }
});
