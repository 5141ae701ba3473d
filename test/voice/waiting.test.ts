import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { describeVoice } from '../support/voice-suite.js';

/** What the caller hears while a target is sought. */
describeVoice('waiting for an agent', (bench) => {
  it('the bot goes on speaking, and hears the caller, until the agent is there', async () => {
    const { caller, bot, agent } = bench();
    const call = await bench().bridged({ waiting: 'bot' });
    call.caller.bye();
    await bench().event('call.ended');
    expect([caller.heard, bot.heard, agent.heard]).toEqual([['bot', 'agent'], ['caller'], ['caller']]);
    await bench().byed(agent);
  });

  it('ringback', async () => {
    const { caller, bot, agent } = bench();
    const { ringing } = await bench().ringing({ waiting: 'ringback' });
    await bench().hearsNamed(caller, 'ringback');
    await bench().hearsNamed(bot, '');
    await agent.picksUp(ringing);
    await bench().talk(caller, agent);
    expect(caller.heard).toEqual(['bot', 'ringback', 'agent']);
    await bench().renew();
  });

  it("the target's own early media, in place of ringback", async () => {
    const { caller, agent } = bench();
    await bench().talking();
    await bench().transfer({ target: { sipUri: agent.uri }, waiting: 'early' });
    const first = await agent.rings();
    await bench().hearsNamed(caller, 'ringback');
    first.call.respond(first.invite, 183, { body: agent.rtp.sdp() });
    agent.rtp.follow(first.invite.body);
    await bench().hears(caller, agent.tone);
    await bench().event('transfer.attempt.ringing');
    expect(bench().toldOf('transfer.bridged')).toEqual([]);
    const call = await agent.picksUp(first);
    await bench().event('transfer.bridged');
    await bench().talk(caller, agent);
    call.bye();
    await bench().event('call.ended');
    expect(caller.heard).toEqual(['bot', 'ringback', 'agent']);
  });

  it('early media of a target that fails gives way to the bot', async () => {
    const { caller, bot, agent } = bench();
    const { caller: call } = await bench().talking();
    await bench().transfer({ target: { sipUri: agent.uri }, waiting: 'early' });
    const ringing = await agent.rings(183, agent.rtp.sdp());
    await bench().hears(caller, agent.tone);
    await agent.refuses(ringing, 486);
    await bench().talk(caller, bot);
    await bench().event('transfer.returned');
    call.bye();
    await bench().event('call.ended');
    expect(
      bench()
        .toldOf('transfer.failed')
        .map(({ data }) => data['outcome']),
    ).toEqual(['busy']);
  });

  it('queue music while all agents ring; the first to answer has the caller', async () => {
    const { caller, agent, second } = bench();
    const call = await bench().talking();
    await bench().transfer({ target: { queue: 'desk' } });
    const [, ringing] = await Promise.all([agent.rings(), second.rings()]);
    await bench().hearsNamed(caller, 'moh.wav');
    await second.picksUp(ringing);
    await bench().talk(caller, second);
    await bench().event('transfer.bridged');
    await eventually(() => agent.requests('CANCEL')).toHaveLength(1);
    call.caller.bye();
    await bench().event('call.ended');
    expect(caller.heard).toEqual(['bot', 'moh.wav', 'second']);
    expect(agent.heard).toEqual([]);
    expect(second.heard).toEqual(['caller']);
  });

  it('music goes on from one target to the next', async () => {
    const { caller, agent, second } = bench();
    await bench().talking();
    await bench().transfer({
      target: [{ sipUri: agent.uri }, { sipUri: second.uri }],
      waiting: 'music',
      music: 'moh.wav',
      onFailure: [{ match: ['busy'], action: 'next' }],
    });
    const first = await agent.rings();
    await bench().hearsNamed(caller, 'moh.wav');
    await agent.refuses(first, 486);
    const next = await second.rings();
    await second.picksUp(next);
    await bench().talk(caller, second);
    expect(caller.heard).toEqual(['bot', 'moh.wav', 'second']);
    await bench().renew();
  });
});
