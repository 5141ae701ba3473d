import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { describeVoice } from '../support/voice-suite.js';

const answerWith = (media: string): string =>
  ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', media, ''].join('\r\n');

const UNUSABLE = {
  'of a codec we did not offer': answerWith('m=audio 40000 RTP/AVP 9\r\na=rtpmap:9 G722/8000'),
  'without audio': answerWith('m=audio 0 RTP/AVP 0'),
  garbage: 'v=0\r\nnothing of the kind\r\n',
};

/** Parties that go, and orders to stop, at any moment: nobody is left behind. */
describeVoice('leaving', (bench) => {
  it('the caller while its bot is being called', async () => {
    const { caller, bot } = bench();
    const call = caller.dials(bench().sip, '18005550100');
    await bot.rings();
    await call.expect(180);
    call.cancel();
    call.ack(await call.expect(487));
    await eventually(() => bot.requests('CANCEL')).toHaveLength(1);
  });

  it('the caller while the agent rings', async () => {
    const { agent, bot } = bench();
    const call = await bench().ringing();
    call.caller.bye();
    await bench().event('call.ended');
    await eventually(() => agent.requests('CANCEL')).toHaveLength(1);
    await bench().byed(bot);
    expect(bench().verdict).toBe('transfer.failed caller_hangup');
  });

  it('the caller while the target is heard early', async () => {
    const { caller, agent } = bench();
    const call = await bench().talking();
    await bench().transfer({ target: { sipUri: agent.uri }, waiting: 'early' });
    await agent.rings(183, agent.rtp.sdp());
    await bench().hears(caller, agent.tone);
    call.caller.bye();
    await bench().event('call.ended');
    await eventually(() => agent.requests('CANCEL')).toHaveLength(1);
    expect(bench().verdict).toBe('transfer.failed caller_hangup');
  });

  it('the caller in the moment the agent answers', async () => {
    const { agent } = bench();
    const call = await bench().ringing();
    const { ringing } = call;
    agent.rtp.follow(ringing.invite.body);
    ringing.call.accept(ringing.invite, { body: agent.rtp.sdp() });
    call.caller.bye();
    await bench().event('call.ended');
    await bench().byed(agent);
    expect(bench().verdict).toContain('caller_hangup');
  });

  it('the caller while the music plays', async () => {
    const { caller, agent } = bench();
    const call = await bench().ringing({ waiting: 'music', music: 'moh.wav' });
    await bench().hearsNamed(caller, 'moh.wav');
    call.caller.bye();
    await bench().event('call.ended');
    await eventually(() => agent.requests('CANCEL')).toHaveLength(1);
  });

  it('the caller in its talk with the agent, while the bot waits', async () => {
    const { agent, bot } = bench();
    const call = await bench().bridged({ returnToBot: true });
    call.caller.bye();
    await bench().event('call.ended');
    await bench().byed(agent);
    await bench().byed(bot);
    expect(bench().toldOf('transfer.completed')).toMatchObject([
      { data: { transferStatus: { hangup: true } } },
    ]);
  });

  it('the bot that waits, during the talk: the agent keeps the caller', async () => {
    const { caller, agent } = bench();
    const call = await bench().bridged({ returnToBot: true });
    call.bot.bye();
    await bench().talk(caller, agent);
    call.agent.bye();
    await bench().event('call.ended');
    await bench().byed(caller);
    expect(caller.heard).toEqual(['bot', 'agent']);
  });

  it('a ringing target is cancelled: the caller is with its bot', async () => {
    const { caller, bot, agent } = bench();
    const call = await bench().talking();
    const { transferId } = await bench().transfer({
      target: { sipUri: agent.uri },
      waiting: 'ringback',
    });
    await agent.rings();
    await bench().hearsNamed(caller, 'ringback');
    await bench().cancel(transferId);
    await bench().event('transfer.cancelled');
    await bench().talk(caller, bot);
    await eventually(() => agent.requests('CANCEL')).toHaveLength(1);
    call.caller.bye();
    await bench().event('call.ended');
    expect(caller.heard).toEqual(['bot', 'ringback', 'bot']);
  });

  it('a target that answers without a session description is no target', async () => {
    const { caller, bot, agent } = bench();
    const call = await bench().ringing();
    call.ringing.call.respond(call.ringing.invite, 200, { body: '' });
    await call.ringing.call.expect('ACK');
    await bench().event('transfer.failed');
    await bench().byed(agent);
    await bench().talk(caller, bot);
    expect(bench().verdict).toBe('transfer.failed media_incompatible');
    call.caller.bye();
    await bench().event('call.ended');
    expect([caller.heard, agent.heard]).toEqual([['bot'], []]);
  });

  for (const [name, body] of Object.entries(UNUSABLE)) {
    it(`a target whose answer is ${name} is no target`, async () => {
      const { caller, bot, agent, second } = bench();
      const call = await bench().talking();
      await bench().transfer({
        target: [{ sipUri: agent.uri }, { sipUri: second.uri }],
        waiting: 'ringback',
        onFailure: [{ match: ['media_incompatible'], action: 'next' }],
      });
      const ringing = await agent.rings();
      await bench().hearsNamed(caller, 'ringback');
      await agent.picksUp(ringing, body);
      await bench().byed(agent);
      await second.answers();
      await bench().talk(caller, second);
      await bench().hearsNamed(bot, '');
      call.caller.bye();
      await bench().event('call.ended');
      expect(caller.heard).toEqual(['bot', 'ringback', 'second']);
      expect(agent.heard).toEqual([]);
    });
  }
});
