import { expect, it } from 'vitest';
import type { SdpOptions } from '../support/sip-phone/index.js';
import { eventually } from '../support/eventually.js';
import { describeVoice } from '../support/voice-suite.js';

const HOLDS: readonly (readonly [string, SdpOptions, answer: string])[] = [
  ['sendonly', { direction: 'sendonly' }, 'a=recvonly'],
  ['inactive', { direction: 'inactive' }, 'a=inactive'],
  ['c=0.0.0.0', { host: '0.0.0.0' }, 'm=audio'],
];

/** Re-INVITEs and offers of the parties, each settled between that party and the media server alone. */
describeVoice('hold and late offers', (bench) => {
  for (const [name, hold, answered] of HOLDS) {
    it(`the caller holds its bot by ${name}, and takes it back`, async () => {
      const { caller, bot } = bench();
      const call = await bench().talking();
      expect(await caller.reoffers(call.caller, hold)).toContain(answered);
      await bench().hearsNamed(caller, '');
      // FreeSWITCH lets nobody hear who holds.
      if (name === 'sendonly' && !bench().real) await bench().hears(bot, caller.tone);
      await caller.reoffers(call.caller, {});
      await bench().talk(caller, bot);
      await eventually(() => bot.requests('INVITE')).toHaveLength(1);
      call.caller.bye();
      await bench().event('call.ended');
    });

    it(`the caller holds its agent by ${name}, and takes it back`, async () => {
      const { caller, agent } = bench();
      const call = await bench().bridged();
      await caller.reoffers(call.caller, hold);
      await bench().hearsNamed(caller, '');
      await caller.reoffers(call.caller, {});
      await bench().talk(caller, agent);
      await eventually(() => agent.requests('INVITE')).toHaveLength(1);
      call.caller.bye();
      await bench().event('call.ended');
    });
  }

  it('the agent holds the caller, and takes it back', async () => {
    const { caller, agent } = bench();
    const call = await bench().bridged();
    await agent.reoffers(call.agent, { direction: 'inactive' });
    await bench().hearsNamed(agent, '');
    await agent.reoffers(call.agent, {});
    await bench().talk(caller, agent);
    call.agent.bye();
    await bench().event('call.ended');
    expect(caller.requests('INVITE')).toEqual([]);
  });

  it('a caller on hold is transferred, and hears the agent when it is back', async () => {
    const { caller, agent } = bench();
    const call = await bench().talking();
    await caller.reoffers(call.caller, { direction: 'inactive' });
    await bench().transfer({ target: { sipUri: agent.uri } });
    await agent.answers();
    await bench().event('transfer.bridged');
    await bench().hearsNamed(caller, '');
    await caller.reoffers(call.caller, {});
    await bench().talk(caller, agent);
    call.caller.bye();
    await bench().event('call.ended');
  });

  it('a caller that leaves the offer to us', async () => {
    const { caller, bot, agent } = bench();
    const call = caller.dials(bench().sip, '18005550100', '');
    const answering = bot.answers();
    await caller.isAnswered(call);
    await answering;
    await bench().talk(caller, bot);
    await bench().transfer({ target: { sipUri: agent.uri } });
    await agent.answers();
    await bench().talk(caller, agent);
    call.bye();
    await bench().event('call.ended');
    expect([caller.heard, agent.heard]).toEqual([['bot', 'agent'], ['caller']]);
  });

  it('a caller with A-law, and an agent with mu-law', async () => {
    const { caller, bot, agent } = bench();
    await caller.renew(8);
    const call = await bench().talking();
    await bench().transfer({ target: { sipUri: agent.uri } });
    await agent.answers();
    await bench().talk(caller, agent);
    expect(new Set(caller.rtp.packets.map(({ payloadType }) => payloadType))).toEqual(new Set([8]));
    expect(new Set(agent.rtp.packets.map(({ payloadType }) => payloadType))).toEqual(new Set([0]));
    call.caller.bye();
    await bench().event('call.ended');
    expect([caller.heard, bot.heard, agent.heard]).toEqual([['bot', 'agent'], ['caller'], ['caller']]);
  });
});
