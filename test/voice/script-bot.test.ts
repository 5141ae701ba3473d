import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { isSilent } from '../support/media-tones.js';
import { hangup, play, say, ScriptBench } from '../support/script-bench.js';
import { tone } from '../support/voice-bench.js';
import { hang } from '../support/webhook-receiver.js';

const espeakIsHere = (): boolean => spawnSync('espeak-ng', ['--version']).status === 0;

/** Of sound files only these tests know, in Hz. */
const [A, B] = [2900, 3200] as const;

describe('a webhook bot on the line', { timeout: 60_000 }, () => {
  let bench: ScriptBench;
  afterEach(() => bench.close());

  it('the call is answered before the bot has said anything', async () => {
    bench = await ScriptBench.start({ bot: () => ({ decisionTimeoutMs: 30_000 }) });
    bench.does('call.started', hang);
    const begun = performance.now();
    await bench.calls();
    expect(performance.now() - begun).toBeLessThan(3000);
    expect(bench.types).toEqual(['call.started']);
  });

  it('texts and sound files are heard whole, in the order of the replies', async () => {
    bench = await ScriptBench.start();
    const [hello, bye] = [bench.tones.toneOf('Hello.'), bench.tones.toneOf('Goodbye.')];
    const [a, b] = [bench.tones.audio(A), bench.tones.audio(B, 200)];
    bench.when('call.started', say('Hello.'), play(a), say('Goodbye.'), play(b));
    await bench.calls();
    await bench.hasHeardWhole([hello, 400], [A, 400], [bye, 400], [B, 200]);
    const runs = bench.heard(hello, A, bye, B);
    runs.slice(1).forEach((run, i) => expect(run.from - (runs[i]?.to ?? 0)).toBeLessThan(600));
    expect(bench.tones.spoken).toEqual(['Hello.', 'Goodbye.']);
  });

  it('a key cuts short what is said and drops what was to be said; keys in a row are one input', async () => {
    bench = await ScriptBench.start();
    const { rtp } = bench.voice.caller;
    const twelve = bench.tones.toneOf('Twelve.');
    bench.when('call.started', play(bench.tones.audio(A, 5000)), play(bench.tones.audio(B)));
    bench.when('call.input', say('Twelve.'));
    await bench.calls();
    await bench.hearsTone(A);
    const pressed = performance.now();
    await rtp.press('1');
    await rtp.press('2');
    expect((await bench.voice.event('call.input')).data).toEqual({
      input: 'dtmf',
      digits: '12',
      from: 'caller',
    });
    await bench.hasHeardWhole([A, expect.any(Number) as number], [twelve, 400]);
    const [cut] = bench.heard(A);
    expect((cut?.to ?? Infinity) - pressed).toBeLessThan(700);
  });

  it('# ends an input, and so does its last possible key', async () => {
    bench = await ScriptBench.start({ bot: () => ({ digitTimeoutMs: 30_000, maxDigits: 3 }) });
    await bench.calls();
    await eventually(() => bench.types).toEqual(['call.started']);
    for (const digit of '12347#') await bench.voice.caller.rtp.press(digit);
    await bench.voice.event('call.input', 2);
    const inputs = bench.voice.told.filter(({ type }) => type === 'call.input');
    expect(inputs.map(({ data }) => data['digits'])).toEqual(['123', '47']);
  });

  it('silence after the last word is told; the third time its fallback is done', async () => {
    bench = await ScriptBench.start({
      bot: () => ({ noInputTimeoutMs: 700, fallback: { message: { file: 'sorry.wav' } } }),
    });
    bench.when('call.started', play(bench.tones.audio(A, 1000)));
    await bench.calls();
    const silence = await bench.voice.event('call.input');
    expect(silence.data).toEqual({ input: 'none', digits: '', from: 'caller' });
    const [spoken] = bench.heard(A);
    expect(Date.parse(silence.time) - performance.timeOrigin - (spoken?.to ?? Infinity)).toBeGreaterThan(600);
    await bench.voice.event('call.ended');
    expect(bench.types.filter((type) => type === 'call.input')).toHaveLength(2);
    await bench.hasHeardWhole([A, 1000], [tone('sorry.wav'), 400]);
    await eventually(() => bench.voice.caller.byes).toHaveLength(1);
  });

  it('ends the call after its last words, when it says so', async () => {
    bench = await ScriptBench.start();
    const bye = bench.tones.toneOf('Goodbye.');
    bench.when('call.started', say('Goodbye.'), hangup, say('Never said.'));
    await bench.calls();
    const ended = await bench.voice.event('call.ended');
    expect(ended.data).toMatchObject({ by: 'bot' });
    await eventually(() => bench.voice.caller.byes).toHaveLength(1);
    await bench.hasHeardWhole([bye, 400]);
    await bench.voice.settled();
  });

  it('speaks unasked, by request, when it has said what it was saying', async () => {
    bench = await ScriptBench.start();
    const news = bench.tones.toneOf('News.');
    bench.when('call.started', play(bench.tones.audio(A, 1500)));
    await bench.calls();
    const { callId } = await bench.voice.event('call.started');
    await bench.hearsTone(A);
    const answer = await bench.voice.post(`/v1/calls/${callId}/replies`, { replies: [say('News.')] });
    expect(answer.status).toBe(202);
    await bench.hasHeardWhole([A, 1500], [news, 400]);
  });

  it('speaks with espeak-ng where that is installed', async (test) => {
    if (!espeakIsHere()) test.skip('espeak-ng is not installed: apt-get install espeak-ng');
    bench = await ScriptBench.start({ speech: 'auto' });
    bench.when('call.started', say('Good morning. How can I help you?'), play(bench.tones.audio(A)));
    await bench.calls();
    await bench.hasHeard(A);
    const [after] = bench.heard(A);
    const loud = bench.voice.caller.rtp.packets.filter(
      ({ at, samples }) => at < (after?.from ?? 0) && !isSilent(samples),
    );
    // Two short sentences: neither a click nor a novel.
    expect(loud.length * 20).toBeGreaterThan(1000);
    expect(loud.length * 20).toBeLessThan(5000);
    expect(bench.types).not.toContain('call.warning');
  });

  it('a reply that cannot be played is told, and the next is played', async () => {
    bench = await ScriptBench.start();
    bench.when('call.started', play(`http://${bench.tones.host}/none.txt`), play(bench.tones.audio(A)));
    await bench.calls();
    await bench.hasHeardWhole([A, 400]);
    const warning = await bench.voice.event('call.warning');
    expect(warning.data).toMatchObject({ problem: 'not_played' });
  });
});
