import { expect, it } from 'vitest';
import type { VoiceParty } from '../support/voice-party.js';
import { describeVoice } from '../support/voice-suite.js';

const WARM = { introduction: { file: 'intro.wav' }, key: '#', maxMs: 20_000 };

/** In words, in order. A moment in which one of three is missing may lie between: they come in one after the other. */
const inOrder = ({ heard }: VoiceParty): string => heard.join(', ');

/** Caller, agent and bot in a conference before the bot leaves. */
describeVoice('a warm transfer', (bench) => {
  /** All three hear the other two. */
  async function conference(): Promise<void> {
    const { caller, bot, agent } = bench();
    await bench().hears(caller, bot.tone, agent.tone);
    await bench().hears(bot, caller.tone, agent.tone);
    await bench().hears(agent, caller.tone, bot.tone);
  }

  it('introduction, three who hear each other, and the bot that leaves', async () => {
    const { caller, bot, agent } = bench();
    const call = await bench().ringing({ warm: WARM, waiting: 'music', music: 'moh.wav' });
    await bench().hearsNamed(caller, 'moh.wav');
    const agentCall = await agent.picksUp(call.ringing);
    await conference();
    expect(bench().toldOf('transfer.bridged')).toEqual([]);
    call.bot.bye();
    await bench().talk(caller, agent);
    await bench().event('transfer.bridged');
    agentCall.bye();
    await bench().event('call.ended');
    // Within the conference one of the two may be late on a busy machine; nobody else is ever heard.
    expect(inOrder(caller)).toMatch(
      /^bot, moh.wav, intro.wav, ((bot|agent|bot\+agent), )*bot\+agent, (bot, )?agent$/,
    );
    expect(inOrder(agent)).toMatch(/^intro.wav, ((caller|bot), )?caller\+bot, caller$/);
    expect(inOrder(bot)).toMatch(/^caller, caller\+agent$/);
    expect(bench().toldOf('transfer.completed')).toHaveLength(1);
  });

  it("ended by the agent's key; the bot is kept for the caller's return", async () => {
    const { caller, bot, agent } = bench();
    const call = await bench().ringing({
      warm: { key: '#', maxMs: 20_000 },
      returnToBot: true,
    });
    const agentCall = await agent.picksUp(call.ringing);
    await conference();
    await agent.rtp.press('#');
    await bench().talk(caller, agent);
    await bench().event('transfer.bridged');
    await bench().hearsNamed(bot, '');
    agentCall.bye();
    await bench().talk(caller, bot);
    call.caller.bye();
    await bench().event('call.ended');
    // An agent that presses a key says nothing meanwhile.
    expect(inOrder(caller)).toMatch(/^bot, bot\+agent, (bot, (bot\+agent, )?)?agent, bot$/);
    expect(inOrder(agent)).toMatch(/^((caller|bot), )?caller\+bot, caller$/);
    expect(inOrder(bot)).toMatch(/^caller, caller\+agent, (caller, caller\+agent, )?caller$/);
  });

  it('ended by its longest time', async () => {
    const { caller, bot, agent } = bench();
    const call = await bench().ringing({ warm: { key: '#', maxMs: 1500 } });
    await agent.picksUp(call.ringing);
    await conference();
    await bench().talk(caller, agent);
    await bench().event('transfer.bridged');
    await bench().byed(bot);
    call.caller.bye();
    await bench().event('call.ended');
    expect(inOrder(caller)).toMatch(/^bot, bot\+agent, agent$/);
  });

  it('the agent leaves the conference: the caller is with its bot, and the transfer has failed', async () => {
    const { caller, bot, agent } = bench();
    const call = await bench().ringing({ warm: { key: '#', maxMs: 20_000 } });
    const agentCall = await agent.picksUp(call.ringing);
    await conference();
    agentCall.bye();
    await bench().talk(caller, bot);
    await bench().event('transfer.failed');
    call.caller.bye();
    await bench().event('call.ended');
    expect(caller.heard.slice(-2)).toEqual(['bot+agent', 'bot']);
    expect(bench().toldOf('transfer.completed')).toEqual([]);
  });

  it('the caller leaves the conference: everybody is let go', async () => {
    const { bot, agent } = bench();
    const call = await bench().ringing({ warm: { key: '#', maxMs: 20_000 } });
    await agent.picksUp(call.ringing);
    await conference();
    call.caller.bye();
    await bench().event('call.ended');
    await bench().byed(agent);
    await bench().byed(bot);
    expect(bench().verdict).toBe('transfer.failed caller_hangup');
  });

  it('the caller leaves during the introduction', async () => {
    const { caller, agent } = bench();
    const call = await bench().ringing({ warm: WARM });
    await agent.picksUp(call.ringing);
    await bench().hearsNamed(caller, 'intro.wav');
    call.caller.bye();
    await bench().event('call.ended');
    await bench().byed(agent);
  });
});
