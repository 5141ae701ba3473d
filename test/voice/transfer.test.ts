import { expect, it } from 'vitest';
import { describeVoice } from '../support/voice-suite.js';

describeVoice('a call whose media is ours', (bench) => {
  it('caller and bot hear each other, then caller and agent, then the bot again', async () => {
    const { caller: callers, bot: bots, agent: agents } = bench();
    const { caller, ringing } = await bench().ringing({
      returnToBot: true,
      waiting: 'music',
      music: 'moh.wav',
    });
    await bench().hearsNamed(callers, 'moh.wav');
    await bench().hearsNamed(bots, '');
    const agent = await agents.picksUp(ringing);
    await bench().talk(callers, agents);
    await bench().event('transfer.bridged');
    agent.bye();
    await bench().talk(callers, bots);
    await bench().event('transfer.returned');
    caller.bye();
    await bench().event('call.ended');
    expect(callers.heard).toEqual(['bot', 'moh.wav', 'agent', 'bot']);
    expect(agents.heard).toEqual(['caller']);
    expect(bots.heard).toEqual(['caller']);
    expect(bench().toldOf('transfer.completed')).toHaveLength(1);
  });

  it('the bot goes when the caller has the agent, and the call ends with the agent', async () => {
    const { caller: callers, bot: bots, agent: agents } = bench();
    const { agent } = await bench().bridged();
    await bench().byed(bots);
    agent.bye();
    await bench().event('call.ended');
    await bench().byed(callers);
    expect(callers.heard).toEqual(['bot', 'agent']);
    expect(agents.heard).toEqual(['caller']);
  });
});
