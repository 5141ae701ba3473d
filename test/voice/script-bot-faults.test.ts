import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { json, play, ScriptBench } from '../support/script-bench.js';
import { tone, VOICES } from '../support/voice-bench.js';
import { answer, hang, type Behaviour } from '../support/webhook-receiver.js';

const A = 2900;
const SORRY = tone('sorry.wav');
const DECISION_MS = 1000;

/** Ways of a bot to be no help. */
const FAULTS: Readonly<Record<string, Behaviour>> = {
  'never answers': hang,
  'answers 500': answer(500),
  'answers with a page': answer(200, { 'content-type': 'text/html' }, '<html>It works!</html>'),
  'answers without a list': (_request, response) => json(response, { replies: 'transfer' }),
  'answers with a wrong field': (_request, response) =>
    json(response, {
      replies: [
        { type: 'text', text: 'Good.' },
        { type: 'switch', phoneNumber: {} },
      ],
    }),
  'answers at great length': (_request, response) =>
    json(response, { replies: [{ type: 'text', text: 'x'.repeat(200_000) }] }),
  'moves away': answer(302, { location: 'http://127.0.0.1:9/' }),
  'breaks off': (_request, response) => {
    response.writeHead(200, { 'content-length': '1000' }).write('{"replies":');
    response.destroy();
  },
};

describe('a webhook bot that is no help', { timeout: 60_000 }, () => {
  let bench: ScriptBench;
  afterEach(() => bench.close());

  const fallback = (target: Record<string, unknown> | null) => ({
    decisionTimeoutMs: DECISION_MS,
    digitTimeoutMs: 300,
    fallback: { message: { file: 'sorry.wav' }, ...(target !== null && { target }) },
  });

  const toAgent = (): Promise<ScriptBench> =>
    ScriptBench.start({ bot: ({ agent }) => fallback({ sipUri: agent }) });

  /** Milliseconds from a moment until the caller hears the words of the fallback. */
  async function untilSorry(since: number): Promise<number> {
    const { rtp } = bench.voice.caller;
    await eventually(() => rtp.firstHeard(SORRY, since)).toBeDefined();
    return (rtp.firstHeard(SORRY, since) ?? Infinity) - since;
  }

  for (const [what, behaviour] of Object.entries(FAULTS)) {
    it(`${what}: the caller hears its fallback and goes to the agent`, async () => {
      bench = await toAgent();
      bench.always(behaviour);
      await bench.calls();
      expect(await untilSorry(performance.now())).toBeLessThan(DECISION_MS + 1000);
      const ringing = await bench.voice.agent.rings();
      const [first] = bench.heard();
      expect([first?.hz, Math.round((first?.ms ?? 0) / 100)]).toEqual([SORRY, 4]);
      await bench.voice.agent.picksUp(ringing);
      await bench.voice.hears(bench.voice.caller, VOICES.agent);
      await bench.voice.hears(bench.voice.agent, VOICES.caller);
    });
  }

  it('is not there at all: the same', async () => {
    bench = await toAgent();
    await bench.voice.receiver.stop();
    await bench.calls();
    expect(await untilSorry(performance.now())).toBeLessThan(DECISION_MS + 1000);
    await bench.voice.agent.answers();
    await bench.voice.hears(bench.voice.caller, VOICES.agent);
  });

  it('nobody to go to: the call ends after the words', async () => {
    bench = await ScriptBench.start({ bot: () => fallback(null) });
    bench.always(hang);
    await bench.calls();
    expect(await untilSorry(performance.now())).toBeLessThan(DECISION_MS + 1000);
    await eventually(() => bench.voice.caller.byes).toHaveLength(1);
    await bench.hasHeardWhole([SORRY, 400]);
    await bench.voice.settled();
  });

  it('fails in the middle of a conversation: the same, and what it had to say before is not cut', async () => {
    bench = await toAgent();
    bench.when('call.started', play(bench.tones.audio(A, 800)));
    bench.always(hang);
    await bench.calls();
    await bench.hasHeardWhole([A, 800]);
    await bench.voice.caller.rtp.press('5');
    const { time } = await bench.voice.event('call.input');
    const asked = Date.parse(time) - performance.timeOrigin;
    expect(await untilSorry(asked)).toBeLessThan(DECISION_MS + 1000);
    await bench.voice.agent.answers();
    await bench.voice.hears(bench.voice.caller, VOICES.agent);
  });

  it('fails twice in a row, when the agent of its fallback was busy too: the call ends', async () => {
    bench = await toAgent();
    bench.always(hang);
    await bench.calls();
    const { call, invite } = await bench.voice.agent.rings();
    call.respond(invite, 486);
    const refused = performance.now();
    await eventually(() => bench.voice.caller.byes).toHaveLength(1);
    expect(performance.now() - refused).toBeLessThan(DECISION_MS + 1000);
    await bench.voice.settled();
  });

  it('recovers: what it answers too late is not done, and its next answer is', async () => {
    bench = await ScriptBench.start({
      bot: ({ agent }) => fallback({ sipUri: agent }),
      config: () => ({ transfer: { returnToBot: true } }),
    });
    bench.does('call.started', (_request, response) => {
      setTimeout(() => json(response, { replies: [play(bench.tones.audio(3200))] }), DECISION_MS + 300);
    });
    bench.when('transfer.completed', play(bench.tones.audio(A)));
    await bench.calls();
    const talk = await bench.voice.agent.answers();
    await bench.voice.hears(bench.voice.caller, VOICES.agent);
    talk.bye();
    await bench.hearsTone(A);
    expect(bench.heard(A, 3200).map(({ hz }) => hz)).not.toContain(3200);
  });
});
