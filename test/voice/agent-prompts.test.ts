import { expect, it } from 'vitest';
import { describeVoice } from '../support/voice-suite.js';

const CONFIRM = { key: '1', message: { file: 'press-one.wav' }, timeoutMs: 5000 };

/** What the agent is told before it meets the caller, who hears none of it. */
describeVoice('what the agent is told', (bench) => {
  it('a whisper, while the caller still waits', async () => {
    const { caller, bot, agent } = bench();
    const { ringing } = await bench().ringing({
      whisper: { file: 'whisper.wav' },
      waiting: 'music',
      music: 'moh.wav',
    });
    await bench().hearsNamed(caller, 'moh.wav');
    const call = await agent.picksUp(ringing);
    await bench().hearsNamed(agent, 'whisper.wav');
    await bench().hearsNamed(caller, 'moh.wav');
    await bench().talk(caller, agent);
    await bench().event('transfer.bridged');
    call.bye();
    await bench().event('call.ended');
    expect(caller.heard).toEqual(['bot', 'moh.wav', 'agent']);
    expect(agent.heard).toEqual(['whisper.wav', 'caller']);
    expect(bot.heard).toEqual(['caller']);
  });

  it('whisper and question: accepted by the key', async () => {
    const { caller, bot, agent } = bench();
    const { ringing } = await bench().ringing({
      whisper: { file: 'whisper.wav' },
      confirm: CONFIRM,
    });
    const call = await agent.picksUp(ringing);
    await bench().hearsNamed(agent, 'press-one.wav');
    expect(bench().toldOf('transfer.attempt.answered')).toEqual([]);
    await bench().talk(caller, bot);
    await agent.rtp.press('1');
    await bench().talk(caller, agent);
    await bench().event('transfer.bridged');
    call.bye();
    await bench().event('call.ended');
    expect(agent.heard).toEqual(['whisper.wav', 'press-one.wav', 'caller']);
    expect(caller.heard).toEqual(['bot', 'agent']);
    expect(bench().toldOf('transfer.completed')).toHaveLength(1);
  });

  it('accepted by the key during the whisper already', async () => {
    const { caller, agent } = bench();
    const { ringing } = await bench().ringing({ whisper: { file: 'whisper.wav' }, confirm: CONFIRM });
    await agent.picksUp(ringing);
    await bench().hearsNamed(agent, 'whisper.wav');
    await agent.rtp.press('1');
    await bench().talk(caller, agent);
    expect(agent.heard).toEqual(['whisper.wav', 'caller']);
    await bench().renew();
  });

  it('declined by another key: the next target hears the question and accepts', async () => {
    const { caller, agent, second } = bench();
    await bench().talking();
    await bench().transfer({
      target: [{ sipUri: agent.uri }, { sipUri: second.uri }],
      confirm: CONFIRM,
      waiting: 'ringback',
      onFailure: [{ match: ['declined', 'no_answer'], action: 'next' }],
    });
    await agent.answers();
    await bench().hearsNamed(agent, 'press-one.wav');
    await agent.rtp.press('2');
    const call = await second.answers();
    await bench().hearsNamed(second, 'press-one.wav');
    await second.rtp.press('1');
    await bench().talk(caller, second);
    await bench().byed(agent);
    const ended = bench().toldOf('transfer.attempt.ended');
    expect(ended.map(({ data }) => data['outcome'])).toEqual(['declined']);
    call.bye();
    await bench().event('call.ended');
    expect(agent.heard).toEqual(['press-one.wav']);
    expect(second.heard).toEqual(['press-one.wav', 'caller']);
    expect(caller.heard).toEqual(['bot', 'ringback', 'second']);
  });

  it('no key in time: the next target', async () => {
    const { caller, agent, second } = bench();
    await bench().talking();
    await bench().transfer({
      target: [{ sipUri: agent.uri }, { sipUri: second.uri }],
      confirm: { ...CONFIRM, timeoutMs: 1000 },
      onFailure: [{ match: ['declined', 'no_answer'], action: 'next' }],
    });
    await agent.answers();
    await second.answers();
    const ended = bench().toldOf('transfer.attempt.ended');
    expect(ended.map(({ data }) => data['outcome'])).toEqual(['no_answer']);
    await second.rtp.press('1');
    await bench().talk(caller, second);
    // Asked again and again for a second.
    expect(agent.heard).toEqual(['press-one.wav']);
    await bench().byed(agent);
    await bench().renew();
  });

  it('of two who answer, the one that accepts has the caller', async () => {
    const { caller, agent, second } = bench();
    await bench().talking();
    await bench().transfer({ target: { queue: 'desk' }, confirm: CONFIRM });
    const [one, two] = await Promise.all([agent.rings(), second.rings()]);
    await Promise.all([agent.picksUp(one), second.picksUp(two)]);
    await bench().hearsNamed(agent, 'press-one.wav');
    await bench().hearsNamed(second, 'press-one.wav');
    await second.rtp.press('1');
    await bench().talk(caller, second);
    await bench().event('transfer.bridged');
    await bench().byed(agent);
    expect(agent.heard).toEqual(['press-one.wav']);
    await bench().renew();
  });

  it('the caller hangs up while the agent is asked: the agent is let go', async () => {
    const { agent } = bench();
    const { caller: call, ringing } = await bench().ringing({ confirm: CONFIRM });
    await agent.picksUp(ringing);
    await bench().hearsNamed(agent, 'press-one.wav');
    call.bye();
    await bench().event('call.ended');
    await bench().byed(agent);
    expect(agent.heard).toEqual(['press-one.wav']);
  });

  it('the agent hangs up during the whisper: the caller is still with its bot', async () => {
    const { caller, bot, agent } = bench();
    const { caller: call, ringing } = await bench().ringing({ whisper: { file: 'whisper.wav' } });
    const answered = await agent.picksUp(ringing);
    await bench().hearsNamed(agent, 'whisper.wav');
    answered.bye();
    await bench().event('transfer.failed');
    await bench().talk(caller, bot);
    call.bye();
    await bench().event('call.ended');
    expect([caller.heard, bot.heard]).toEqual([['bot'], ['caller']]);
  });
});
