import { expect, it } from 'vitest';
import { dialogOf, replacing } from '../support/consultation.js';
import type { PhoneCall } from '../support/sip-phone/index.js';
import { describeVoice } from '../support/voice-suite.js';

/** An agent that calls a colleague through us and joins its two calls, each with endpoints of its own. */
describeVoice('an attended transfer', (bench) => {
  /** The agent, bridged to the caller, holds it and talks to the colleague. */
  async function consulting(): Promise<{ caller: PhoneCall; agent: PhoneCall; consulting: PhoneCall }> {
    const { caller, agent, second } = bench();
    const call = await bench().bridged();
    await agent.reoffers(call.agent, { direction: 'inactive' });
    await bench().hearsNamed(caller, '');
    const [other] = await Promise.all([agent.calls(bench().sip, '7002'), second.answers()]);
    await bench().talk(agent, second);
    return { caller: call.caller, agent: call.agent, consulting: other };
  }

  it('the caller hears the colleague, and the agent nobody any more', async () => {
    const { caller, agent, second } = bench();
    const calls = await consulting();
    calls.agent.refer(replacing(dialogOf(calls.consulting), `sip:7002@127.0.0.1`));
    await calls.agent.expect(202);
    await bench().talk(caller, second);
    await bench().byed(agent);
    await bench().hearsNamed(agent, '');
    calls.agent.bye();
    await bench().talk(caller, second);
    calls.caller.bye();
    await bench().event('call.ended', 2);
    await bench().byed(second);
    expect(caller.heard).toEqual(['bot', 'agent', 'second']);
    expect(agent.heard).toEqual(['caller', 'second']);
    expect(second.heard).toEqual(['agent', 'caller']);
    expect(caller.requests('INVITE')).toEqual([]);
  });

  it('the caller gives up while the agent consults: the consultation goes on', async () => {
    const { agent, second } = bench();
    const calls = await consulting();
    calls.caller.bye();
    await bench().event('call.ended');
    await bench().byed(agent);
    await bench().talk(agent, second);
    calls.consulting.bye();
    await bench().event('call.ended', 2);
  });
});
