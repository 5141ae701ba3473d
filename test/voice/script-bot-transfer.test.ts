import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { play, say, ScriptBench, type Reply } from '../support/script-bench.js';
import { VOICES } from '../support/voice-bench.js';

const A = 2900;
/** American ringback, Hz. */
const RINGBACK = [440, 480];

describe('a transfer a webhook bot asks for', { timeout: 60_000 }, () => {
  let bench: ScriptBench;
  let toAgent: Reply;
  beforeEach(async () => {
    bench = await ScriptBench.start({ bot: () => ({ digitTimeoutMs: 300 }) });
    toAgent = {
      type: 'transfer',
      target: { sipUri: bench.voice.agent.uri },
      returnToBot: true,
      headers: { callReason: 'support' },
    };
  });
  afterEach(() => bench.close());

  it('begins after the last word, with ringback; the bot has the caller back and speaks', async () => {
    const { agent, caller } = bench.voice;
    const back = bench.tones.toneOf('Welcome back.');
    bench.when('call.started', play(bench.tones.audio(A, 1000)), toAgent);
    bench.when('transfer.completed', say('Welcome back.'));
    await bench.calls();
    const ringing = await agent.rings();
    const [words] = bench.heard(A);
    expect([words?.hz, Math.round((words?.ms ?? 0) / 100)]).toEqual([A, 10]);
    expect(ringing.invite.get('callReason')).toBe('support');
    await eventually(() => caller.rtp.hearing([...RINGBACK, A])).toEqual(RINGBACK);
    const talk = await agent.picksUp(ringing);
    await bench.voice.hears(caller, VOICES.agent);
    await bench.voice.hears(agent, VOICES.caller);
    await bench.voice.event('transfer.bridged');
    const from = performance.now();
    talk.bye();
    const { data } = await bench.voice.event('transfer.completed');
    expect(data).toMatchObject({ outcome: 'answered', next: { action: 'return' } });
    await bench.voice.event('transfer.returned');
    await eventually(() =>
      bench.heard(back).filter((run) => run.from > from && run.hz === back),
    ).toHaveLength(1);
    expect(bench.types.filter((type) => /completed|failed|cancelled/.test(type))).toHaveLength(1);
  });

  it('busy: the bot has words for it, and its caller again', async () => {
    const { agent, second, caller } = bench.voice;
    const busy = bench.tones.toneOf('All agents are busy.');
    bench.when('call.started', toAgent);
    bench.when('transfer.failed', say('All agents are busy.'));
    bench.when('call.input', { ...toAgent, target: { sipUri: second.uri } });
    await bench.calls();
    const { call, invite } = await agent.rings();
    call.respond(invite, 486);
    await bench.hearsTone(busy);
    const { data } = await bench.voice.event('transfer.failed');
    expect(data).toMatchObject({ outcome: 'busy', next: { action: 'stay' } });
    await caller.rtp.press('1');
    await second.answers();
    await bench.voice.hears(caller, VOICES.second);
  });

  it('a target policy forbids is never called, and the bot is asked again', async () => {
    const sorry = bench.tones.toneOf('I may not do that.');
    bench.when('call.started', { ...toAgent, target: { sipUri: 'sip:agent@192.0.2.1' } });
    bench.when('transfer.failed', say('I may not do that.'));
    await bench.calls();
    await bench.hasHeardWhole([sorry, 400]);
    const { data } = await bench.voice.event('transfer.failed');
    expect(data).toMatchObject({ outcome: 'forbidden', evidence: { decidedBy: 'policy' } });
    expect(bench.types).not.toContain('transfer.attempt.started');
  });

  it('what it says after the transfer is said when its caller is back', async () => {
    const after = bench.tones.toneOf('Afterwards.');
    bench.when('call.started', toAgent, say('Afterwards.'));
    await bench.calls();
    const talk = await bench.voice.agent.answers();
    await bench.voice.hears(bench.voice.caller, VOICES.agent);
    expect(bench.tones.spoken).toEqual([]);
    talk.bye();
    await bench.hearsTone(after);
  });
});
