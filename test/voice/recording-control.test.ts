import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { sleep } from '../support/poll.js';
import { filesIn, Recorded } from '../support/recordings.js';
import { play, ScriptBench } from '../support/script-bench.js';
import { tone, VoiceBench, VOICES } from '../support/voice-bench.js';

const { caller, bot, agent } = VOICES;
const CONSENT = tone('announce.wav');
const consent = { file: 'announce.wav' };

let bench: VoiceBench;
let dir: string;

async function start(recording: Record<string, unknown> = {}): Promise<void> {
  bench = await VoiceBench.start({
    channel: (places) => ({ recording: { dir: join(places.dir, 'rec'), ...recording } }),
    config: (places) => ({
      sounds: { dir: places.dir, cacheDir: join(places.dir, 'cache'), allowHosts: ['127.0.0.1:9'] },
    }),
  });
  dir = join(bench.dir, 'rec');
  mkdirSync(dir);
}

const ask = (callId: string, action: string) => bench.post(`/v1/calls/${callId}/recording`, { action });

const states = (): readonly unknown[] => bench.toldOf('call.recording').map(({ data }) => data['state']);

/** Asked for of a recording that has begun, and told. */
async function does(callId: string, action: string, state: string): Promise<void> {
  await bench.event('call.recording');
  const before = states().length;
  expect(await ask(callId, action)).toEqual({ status: 202, body: { callId, action } });
  await eventually(() => states().slice(before)).toEqual([state]);
}

describe('a recording, by request', { timeout: 60_000 }, () => {
  afterEach(() => bench.close());

  it('is silent while paused, and ends when stopped', async () => {
    await start();
    const { callId } = await bench.talking();
    await bench.event('call.recording');
    await sleep(600);
    await does(callId, 'pause', 'paused');
    await sleep(800);
    await does(callId, 'resume', 'resumed');
    await sleep(600);
    await does(callId, 'stop', 'stopped');
    expect(await ask(callId, 'stop')).toMatchObject({ status: 409, body: { code: 'not_recording' } });
    const file = new Recorded(join(dir, `${callId}-1-bot.wav`));
    const [before, pause, after, ...more] = file.pauses();
    expect(more).toEqual([]);
    expect([before?.silent, pause?.silent, after?.silent]).toEqual([false, true, false]);
    const [, paused, resumed] = bench.toldOf('call.recording').map(({ time }) => Date.parse(time));
    expect(Math.abs((pause?.ms ?? 0) - ((resumed ?? 0) - (paused ?? 0)))).toBeLessThan(250);
    await bench.talk(bench.caller, bench.bot);
  });

  it('asked for twice the same, does it once', async () => {
    await start();
    const { callId } = await bench.talking();
    await does(callId, 'pause', 'paused');
    expect((await ask(callId, 'pause')).status).toBe(202);
    await does(callId, 'resume', 'resumed');
    expect(states()).toEqual(['started', 'paused', 'resumed']);
  });

  it('paused with the bot, it begins with the agent when it is resumed, not a moment earlier', async () => {
    await start();
    const talking = await bench.talking();
    await does(talking.callId, 'pause', 'paused');
    await bench.transfer({ target: { sipUri: bench.agent.uri }, continueRecording: true });
    const call = await bench.agent.answers();
    await bench.talk(bench.caller, bench.agent);
    await eventually(states).toEqual(['started', 'paused', 'stopped']);
    expect(filesIn(dir)).toEqual([`${talking.callId}-1-bot.wav`]);
    await does(talking.callId, 'resume', 'started');
    await sleep(600);
    call.bye();
    await bench.settled();
    const file = new Recorded(join(dir, `${talking.callId}-2-agent.wav`));
    expect(file.pauses().map(({ silent }) => silent)).toEqual([false]);
    expect(file.ever([caller, agent, bot])).toEqual([caller, agent]);
    await eventually(() => states().slice(3)).toEqual(['started', 'stopped']);
  });

  it('stopped with the bot, nothing of the agent is recorded, whatever the command says', async () => {
    await start();
    const { callId } = await bench.talking();
    await does(callId, 'stop', 'stopped');
    await bench.transfer({ target: { sipUri: bench.agent.uri }, continueRecording: true });
    const call = await bench.agent.answers();
    await bench.talk(bench.caller, bench.agent);
    call.bye();
    await bench.settled();
    expect(filesIn(dir)).toEqual([`${callId}-1-bot.wav`]);
  });

  it('unknown calls and actions are refused', async () => {
    await start();
    const { callId } = await bench.talking();
    expect(await ask('call_unknown', 'pause')).toMatchObject({ status: 404 });
    expect(await ask(callId, 'erase')).toMatchObject({ status: 422, body: { code: 'invalid_field' } });
  });
});

describe('consent to a recording', { timeout: 60_000 }, () => {
  afterEach(() => bench.close());

  it('a caller of a SIP bot hears it whole, keys or not, before anything is recorded', async () => {
    await start({ consent });
    const [call] = await Promise.all([bench.caller.calls(bench.sip, '18005550100'), bench.bot.answers()]);
    await eventually(() => bench.caller.rtp.hears(CONSENT)).toBe(true);
    expect(filesIn(dir)).toEqual([]);
    await bench.caller.rtp.press('1');
    await bench.event('call.recording');
    await bench.talk(bench.caller, bench.bot);
    const [consented] = bench.caller.stretches;
    expect(consented?.what).toBe('announce.wav');
    expect((consented?.to ?? 0) - (consented?.from ?? 0)).toBeGreaterThan(300);
    await sleep(400);
    call.bye();
    await bench.settled();
    const { callId } = await bench.event('call.started');
    const file = new Recorded(join(dir, `${callId}-1-bot.wav`));
    expect(file.ever([CONSENT, caller, bot])).toEqual([caller, bot]);
  });

  it('that cannot be played: nothing is recorded, and the call goes on', async () => {
    await start({ consent: { audioUri: 'http://127.0.0.1:9/gone.wav' } });
    const call = await bench.talking();
    await bench.transfer({ target: { sipUri: bench.agent.uri }, continueRecording: true });
    await bench.agent.answers();
    await bench.talk(bench.caller, bench.agent);
    expect(states()).toEqual([]);
    expect(filesIn(dir)).toEqual([]);
    expect((await bench.event('call.warning')).data).toMatchObject({ problem: 'not_played' });
    call.caller.bye();
  });
});

describe('consent to a recording, with a webhook bot', { timeout: 60_000 }, () => {
  let script: ScriptBench;
  afterEach(() => script.close());

  it('comes before the first word of the bot, and no key cuts it', async () => {
    const A = 2900;
    script = await ScriptBench.start({
      channel: (places) => ({ recording: { dir: join(places.dir, 'rec'), consent } }),
    });
    dir = join(script.voice.dir, 'rec');
    script.when('call.started', play(script.tones.audio(A, 800)));
    const call = await script.calls();
    await script.hearsTone(CONSENT);
    await script.voice.caller.rtp.press('1');
    await script.hasHeardWhole([CONSENT, 400], [A, 800]);
    expect(script.types).not.toContain('call.input');
    call.bye();
    await script.voice.settled();
    const { callId } = await script.voice.event('call.started');
    const file = new Recorded(join(dir, `${callId}-1-bot.wav`));
    expect(file.ever([CONSENT, A, caller])).toEqual([A, caller]);
  });
});
