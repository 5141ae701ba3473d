import { expect, it } from 'vitest';
import { describeVoice } from '../support/voice-suite.js';

/** Messages to the caller around a transfer. */
describeVoice('what the caller is told', (bench) => {
  it('an announcement before the first attempt, which waits for its end', async () => {
    const { caller, bot, agent } = bench();
    await bench().talking();
    await bench().transfer({
      target: { sipUri: agent.uri },
      announce: { file: 'announce.wav' },
      waiting: 'ringback',
    });
    await bench().hearsNamed(caller, 'announce.wav');
    expect(agent.requests('INVITE')).toEqual([]);
    await bench().hearsNamed(bot, '');
    const ringing = await agent.rings();
    const call = await agent.picksUp(ringing);
    await bench().talk(caller, agent);
    call.bye();
    await bench().event('call.ended');
    expect(caller.heard.filter((what) => what !== 'ringback')).toEqual(['bot', 'announce.wav', 'agent']);
    expect([bot.heard, agent.heard]).toEqual([['caller'], ['caller']]);
  });

  it('a prompt after a failure, then its bot again, which need not say it once more', async () => {
    const { caller, bot, agent } = bench();
    const { caller: call, ringing } = await bench().ringing({
      onFailure: [{ match: ['busy'], action: 'goto', node: 'Apology', message: { file: 'sorry.wav' } }],
    });
    await agent.refuses(ringing, 486);
    await bench().hearsNamed(caller, 'sorry.wav');
    expect(bench().toldOf('transfer.failed')).toEqual([]);
    await bench().talk(caller, bot);
    const { data } = await bench().event('transfer.failed');
    expect(data).toMatchObject({ outcome: 'busy', next: { action: 'goto', node: 'Apology', message: null } });
    await bench().event('transfer.returned');
    call.bye();
    await bench().event('call.ended');
    expect(caller.heard).toEqual(['bot', 'sorry.wav', 'bot']);
    expect([bot.heard, agent.heard]).toEqual([['caller'], []]);
  });

  it('a prompt without a node', async () => {
    const { caller, bot, agent } = bench();
    const { caller: call, ringing } = await bench().ringing({
      onFailure: [{ match: ['*'], action: 'play', message: { file: 'sorry.wav' } }],
      waiting: 'ringback',
    });
    await bench().hearsNamed(caller, 'ringback');
    await agent.refuses(ringing, 603);
    await bench().talk(caller, bot);
    call.bye();
    await bench().event('call.ended');
    expect(caller.heard).toEqual(['bot', 'ringback', 'sorry.wav', 'bot']);
    expect(bench().toldOf('transfer.failed')).toHaveLength(1);
  });

  it('a last message, and the end', async () => {
    const { caller, agent, bot } = bench();
    const { ringing } = await bench().ringing({
      onFailure: [{ match: ['*'], action: 'end', message: { file: 'sorry.wav' } }],
    });
    await agent.refuses(ringing, 486);
    await bench().event('call.ended');
    expect(caller.heard).toEqual(['bot', 'sorry.wav']);
    await bench().byed(caller);
    await bench().byed(bot);
    // All of it was heard before the hang-up.
    const last = caller.stretches.at(-1);
    expect((last?.to ?? 0) - (last?.from ?? 0)).toBeGreaterThan(330);
    expect(
      bench()
        .toldOf('transfer.failed')
        .map(({ data }) => data),
    ).toMatchObject([{ outcome: 'busy', next: { action: 'end' }, transferStatus: { hangup: false } }]);
  });

  it('the caller hangs up during the announcement: no target is ever called', async () => {
    const { caller, agent } = bench();
    const { caller: call } = await bench().talking();
    await bench().transfer({ target: { sipUri: agent.uri }, announce: { file: 'announce.wav' } });
    await bench().hearsNamed(caller, 'announce.wav');
    call.bye();
    const { data } = await bench()
      .event('transfer.failed')
      .catch(() => bench().event('transfer.cancelled'));
    expect(data).toMatchObject({ outcome: 'caller_hangup', transferStatus: { hangup: true } });
    await bench().event('call.ended');
    expect(agent.requests('INVITE')).toEqual([]);
  });

  it('the caller hangs up during the last message: the verdict is that of the target', async () => {
    const { caller, agent } = bench();
    const { caller: call, ringing } = await bench().ringing({
      onFailure: [{ match: ['*'], action: 'end', message: { file: 'sorry.wav' } }],
    });
    await agent.refuses(ringing, 486);
    await bench().hearsNamed(caller, 'sorry.wav');
    call.bye();
    await bench().event('call.ended');
    expect(
      bench()
        .toldOf('transfer.failed')
        .map(({ data }) => data),
    ).toMatchObject([{ outcome: 'busy', transferStatus: { hangup: true } }]);
  });

  it('an announcement that cannot be had is left out', async () => {
    const { caller, agent } = bench();
    await bench().talking();
    await bench().transfer({ target: { sipUri: agent.uri }, announce: { file: 'missing.wav' } });
    await agent.answers();
    await bench().talk(caller, agent);
    expect((await bench().event('call.warning')).data).toMatchObject({ problem: 'not_played' });
    await bench().renew();
  });

  it('music that cannot be had gives way to ringback', async () => {
    const { caller } = bench();
    await bench().ringing({ waiting: 'music', music: 'missing.wav' });
    await bench().hearsNamed(caller, 'ringback');
    expect((await bench().event('call.warning')).data).toMatchObject({ problem: 'not_played' });
    await bench().renew();
  });
});
