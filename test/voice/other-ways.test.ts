import { expect, it } from 'vitest';
import { describeVoice } from '../support/voice-suite.js';

/** Transfers asked for, or made, by other messages than a new INVITE alone. */
describeVoice('REFER and BYE', (bench) => {
  it('REFER of the SIP bot', async () => {
    const { caller, bot, agent } = bench();
    const call = await bench().talking();
    call.bot.refer(`<${agent.uri}>`);
    await call.bot.expect(202);
    const ringing = await agent.rings();
    await bench().talk(caller, bot);
    await agent.picksUp(ringing);
    await bench().talk(caller, agent);
    await bench().event('transfer.bridged');
    await bench().hearsNamed(bot, '');
    call.caller.bye();
    await bench().event('call.ended');
    expect([caller.heard, bot.heard, agent.heard]).toEqual([['bot', 'agent'], ['caller'], ['caller']]);
    expect(bench().toldOf('transfer.completed')).toHaveLength(1);
  });

  it('BYE of the SIP bot with X-Transfer-To: ringback, as nobody is there any more', async () => {
    const { caller, agent } = bench();
    const call = await bench().talking();
    call.bot.bye({ headers: [['X-Transfer-To', `<${agent.uri}>`]] });
    const ringing = await agent.rings();
    await bench().hearsNamed(caller, 'ringback');
    await agent.picksUp(ringing);
    await bench().talk(caller, agent);
    call.caller.bye();
    await bench().event('call.ended');
    expect(caller.heard).toEqual(['bot', 'ringback', 'agent']);
  });

  it('the bot hangs up while the agent rings: ringback instead of silence', async () => {
    const { caller, agent } = bench();
    const call = await bench().ringing({ waiting: 'bot' });
    call.bot.bye();
    await bench().hearsNamed(caller, 'ringback');
    await agent.picksUp(call.ringing);
    await bench().talk(caller, agent);
    call.caller.bye();
    await bench().event('call.ended');
    expect(caller.heard).toEqual(['bot', 'ringback', 'agent']);
  });

  it('REFER to the network of the caller: it talks to its bot until that has taken it', async () => {
    const { caller, bot, agent } = bench();
    const call = await bench().talking();
    await bench().transfer({ target: { sipUri: agent.uri }, method: 'refer' });
    const refer = await call.caller.expect('REFER');
    call.caller.respond(refer, 202);
    call.caller.notify('SIP/2.0 180 Ringing', 'active;expires=60');
    await call.caller.expect(200);
    await bench().talk(caller, bot);
    call.caller.notify('SIP/2.0 200 OK', 'terminated;reason=noresource');
    await bench().event('transfer.completed');
    call.caller.bye();
    await bench().event('call.ended');
    expect([caller.heard, bot.heard]).toEqual([['bot'], ['caller']]);
  });

  it('REFER that fails: the caller never left its bot', async () => {
    const { caller, bot, agent } = bench();
    const call = await bench().talking();
    await bench().transfer({ target: { sipUri: agent.uri }, method: 'refer', waiting: 'ringback' });
    const refer = await call.caller.expect('REFER');
    call.caller.respond(refer, 202);
    await bench().hearsNamed(caller, 'ringback');
    call.caller.notify('SIP/2.0 486 Busy Here', 'terminated;reason=noresource');
    await bench().event('transfer.failed');
    await bench().talk(caller, bot);
    call.caller.bye();
    await bench().event('call.ended');
    expect(caller.heard).toEqual(['bot', 'ringback', 'bot']);
  });

  it('BYE hands the caller back, after the announcement', async () => {
    const { caller, bot, agent } = bench();
    await bench().talking();
    await bench().transfer({
      target: { sipUri: agent.uri },
      method: 'bye',
      announce: { file: 'announce.wav' },
    });
    await bench().event('call.ended');
    await bench().byed(caller);
    await bench().byed(bot);
    expect(caller.heard).toEqual(['bot', 'announce.wav']);
    expect(agent.requests('INVITE')).toEqual([]);
  });
});
