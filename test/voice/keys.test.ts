import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import type { VoiceParty } from '../support/voice-party.js';
import { describeVoice } from '../support/voice-suite.js';

const keysOf = (party: VoiceParty): string => party.rtp.digits.map(({ digit }) => digit).join('');

/** Keys that are pressed in a conversation, and behind a number. */
describeVoice('keys', (bench) => {
  it("the agent's return key ends its part and brings the caller back", async () => {
    const { caller, bot, agent } = bench();
    const call = await bench().bridged({ returnToBot: true, returnKey: '*' });
    await agent.rtp.press('*');
    await bench().talk(caller, bot);
    await bench().event('transfer.returned');
    await bench().byed(agent);
    expect(bench().toldOf('transfer.completed')).toHaveLength(1);
    call.caller.bye();
    await bench().event('call.ended');
    expect([caller.heard, agent.heard]).toEqual([['bot', 'agent', 'bot'], ['caller']]);
  });

  it("the caller's star is no return key", async () => {
    const { caller, agent } = bench();
    const call = await bench().bridged({ returnToBot: true, returnKey: '*' });
    await caller.rtp.press('*');
    await bench().event('call.input');
    await eventually(() => keysOf(agent)).toBe('*');
    await bench().talk(caller, agent);
    call.caller.bye();
    await bench().event('call.ended');
    expect(caller.heard).toEqual(['bot', 'agent']);
  });

  it('pass through the bridge in both directions, and the bot is told them', async () => {
    const { caller, agent, bot } = bench();
    const call = await bench().bridged({ returnToBot: true });
    await caller.rtp.press('5');
    await eventually(() => keysOf(agent)).toBe('5');
    await agent.rtp.press('7', 160);
    await eventually(() => keysOf(caller)).toBe('7');
    await bench().event('call.input', 2);
    expect(
      bench()
        .toldOf('call.input')
        .map(({ data }) => data),
    ).toEqual([
      { input: 'dtmf', digits: '5', from: 'caller' },
      { input: 'dtmf', digits: '7', from: 'agent' },
    ]);
    expect([keysOf(caller), keysOf(agent), keysOf(bot)]).toEqual(['7', '5', '']);
    call.caller.bye();
    await bench().event('call.ended');
  });

  it('pass from the caller to its SIP bot', async () => {
    const { caller, bot } = bench();
    const call = await bench().talking();
    for (const key of '12#') await caller.rtp.press(key);
    await eventually(() => keysOf(bot)).toBe('12#');
    call.caller.bye();
    await bench().event('call.ended');
  });

  it('behind a number are pressed at the agent after its answer, pauses kept', async () => {
    const { caller, agent } = bench();
    await bench().talking();
    await bench().transfer({ target: { sipUri: agent.uri, postDial: '12w#' } });
    await agent.answers();
    await bench().talk(caller, agent);
    await eventually(() => keysOf(agent)).toBe('12#');
    const [, two, hash] = agent.rtp.digits;
    expect((hash?.at ?? 0) - (two?.at ?? 0)).toBeGreaterThan(450);
    expect(keysOf(caller)).toBe('');
    await bench().renew();
  });
});
