import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { describeVoice } from '../support/voice-suite.js';

/** Calls that go straight to a target, and are not answered before it is. */
describeVoice('a routed call', (bench) => {
  it('rings, hears the early media of the target, and is answered with it', async () => {
    const { caller, agent } = bench();
    const call = caller.dials(bench().sip, '7001');
    const ringing = await agent.rings(183, agent.rtp.sdp());
    const progress = await call.expect(183);
    expect(progress.body).toContain('m=audio');
    caller.rtp.follow(progress.body);
    await bench().hears(caller, agent.tone);
    expect(bench().toldOf('transfer.bridged')).toEqual([]);
    await agent.picksUp(ringing);
    await caller.isAnswered(call);
    await bench().talk(caller, agent);
    await bench().event('transfer.bridged');
    call.bye();
    await bench().event('call.ended');
    expect([caller.heard, agent.heard]).toEqual([['agent'], ['caller']]);
    await bench().byed(agent);
  });

  it('180 without media, then the answer', async () => {
    const { caller, agent } = bench();
    const call = caller.dials(bench().sip, '7001');
    const ringing = await agent.rings();
    expect((await call.expect(180)).body).toBe('');
    const agentCall = await agent.picksUp(ringing);
    await caller.isAnswered(call);
    await bench().talk(caller, agent);
    agentCall.bye();
    await bench().event('call.ended');
    await bench().byed(caller);
  });

  it('a target that is busy: its code is the answer to the caller', async () => {
    const { caller, agent } = bench();
    const call = caller.dials(bench().sip, '7001');
    await agent.refuses(await agent.rings(), 486);
    const answer = await call.expect((m) => m.status >= 300);
    call.ack(answer);
    expect(answer.status).toBe(486);
    await bench().event('call.ended');
    expect(
      bench()
        .toldOf('transfer.failed')
        .map(({ data }) => data['outcome']),
    ).toEqual(['busy']);
  });

  it('early media of a target that fails, then the next target', async () => {
    const { caller, agent, second } = bench();
    const call = caller.dials(bench().sip, '7004');
    const first = await agent.rings(183, agent.rtp.sdp());
    caller.rtp.follow((await call.expect(183)).body);
    await bench().hears(caller, agent.tone);
    await agent.refuses(first, 480);
    await second.answers();
    await caller.isAnswered(call);
    await bench().talk(caller, second);
    call.bye();
    await bench().event('call.ended');
    expect(caller.heard).toEqual(['agent', 'second']);
  });

  it('a caller that gives up while it rings', async () => {
    const { caller, agent } = bench();
    const call = caller.dials(bench().sip, '7001');
    await agent.rings();
    await call.expect(180);
    call.cancel();
    call.ack(await call.expect(487));
    await bench().event('call.ended');
    await eventually(() => agent.requests('CANCEL')).toHaveLength(1);
    expect(bench().verdict).toBe('transfer.failed caller_hangup');
  });

  it('a caller that leaves the offer to us', async () => {
    const { caller, agent } = bench();
    const call = caller.dials(bench().sip, '7001', '');
    await agent.answers();
    await caller.isAnswered(call);
    await bench().talk(caller, agent);
    call.bye();
    await bench().event('call.ended');
  });

  it('a queue: the music is not for a caller that is not answered', async () => {
    const { caller, agent, second } = bench();
    const call = caller.dials(bench().sip, '7003');
    const [one] = await Promise.all([agent.rings(), second.rings()]);
    await agent.picksUp(one);
    await caller.isAnswered(call);
    await bench().talk(caller, agent);
    await eventually(() => second.requests('CANCEL')).toHaveLength(1);
    call.bye();
    await bench().event('call.ended');
    expect(caller.heard).toEqual(['agent']);
  });
});
