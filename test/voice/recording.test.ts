import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { sleep } from '../support/poll.js';
import { DirectoryWatch, filesIn, Recorded } from '../support/recordings.js';
import { VoiceBench, VOICES } from '../support/voice-bench.js';

const { caller, bot, agent } = VOICES;
const EVERYBODY = [caller, bot, agent];

describe('a recorded call', { timeout: 60_000 }, () => {
  let bench: VoiceBench;
  let dir: string;
  afterEach(() => bench.close());

  async function start(recording: Record<string, unknown> | null): Promise<void> {
    bench = await VoiceBench.start({
      channel: (places) =>
        recording === null ? {} : { recording: { dir: join(places.dir, 'rec'), ...recording } },
    });
    dir = join(bench.dir, 'rec');
    mkdirSync(dir);
  }

  const recorded = (callId: string, segment: string): Recorded =>
    new Recorded(join(dir, `${callId}-${segment}.wav`));

  const told = () => bench.toldOf('call.recording').map(({ data }) => data);

  /** What the events say: the state, and the file below the directory. */
  const states = (callId: string): readonly string[] =>
    told().map(({ state, path }) => `${String(state)} ${String(path).replace(`${dir}/${callId}-`, '')}`);

  it('with continueRecording: a file with the bot, one with the agent, one with the bot again', async () => {
    await start({});
    const watch = new DirectoryWatch(dir);
    const call = await bench.talking();
    await bench.event('call.recording');
    await sleep(600);
    const target = { sipUri: bench.agent.uri };
    await bench.transfer({ target, returnToBot: true, continueRecording: true });
    const answered = await bench.agent.answers();
    await bench.talk(bench.caller, bench.agent);
    await bench.event('call.recording', 3);
    await sleep(700);
    answered.bye();
    await bench.event('transfer.returned');
    await bench.talk(bench.caller, bench.bot);
    await bench.event('call.recording', 5);
    await sleep(700);
    call.caller.bye();
    await bench.settled();
    watch.stop();
    await eventually(() => states(call.callId)).toEqual(
      ['1-bot', '2-agent', '3-bot'].flatMap((name) => [`started ${name}.wav`, `stopped ${name}.wav`]),
    );
    expect(filesIn(dir)).toEqual(['1-bot', '2-agent', '3-bot'].map((name) => `${call.callId}-${name}.wav`));
    const others = { '1-bot': bot, '2-agent': agent, '3-bot': bot };
    for (const [name, other] of Object.entries(others)) {
      const file = recorded(call.callId, name);
      const { channels, rate, dataBytes, realBytes } = file.content;
      expect([name, channels, rate, dataBytes]).toEqual([name, 1, 8000, realBytes]);
      expect(file.ever([caller, other])).toEqual([caller, other]);
      const seen = watch.seen.get(`${call.callId}-${name}.wav`);
      expect([name, seen?.size, seen?.dataBytes]).toEqual([name, statSync(file.path).size, dataBytes]);
    }
    expect(recorded(call.callId, '2-agent').always(EVERYBODY)).toEqual([caller, agent]);
    expect(recorded(call.callId, '2-agent').ever(EVERYBODY)).toEqual([caller, agent]);
    const last = recorded(call.callId, '3-bot');
    expect(last.always(EVERYBODY)).toEqual([caller, bot]);
    const [begun, ended] = bench.toldOf('call.recording').slice(-2);
    const wall = Date.parse(ended?.time ?? '') - Date.parse(begun?.time ?? '');
    expect(Math.abs(last.ms - wall)).toBeLessThan(300);
  });

  it('without it, recording stops at the bridge and does not begin again', async () => {
    await start({});
    const call = await bench.talking();
    await bench.event('call.recording');
    await sleep(600);
    await bench.transfer({ target: { sipUri: bench.agent.uri }, returnToBot: true });
    const answered = await bench.agent.answers();
    await bench.talk(bench.caller, bench.agent);
    await eventually(() => states(call.callId)).toEqual(['started 1-bot.wav', 'stopped 1-bot.wav']);
    answered.bye();
    await bench.event('transfer.returned');
    await bench.talk(bench.caller, bench.bot);
    call.caller.bye();
    await bench.event('call.ended');
    await bench.settled();
    expect(told()).toHaveLength(2);
    expect(filesIn(dir)).toEqual([`${call.callId}-1-bot.wav`]);
    expect(recorded(call.callId, '1-bot').ever(EVERYBODY)).toEqual([caller, bot]);
  });

  it('stereo: the caller left, what it hears right', async () => {
    await start({ channels: 'stereo' });
    const call = await bench.talking();
    await bench.event('call.recording');
    await sleep(600);
    call.caller.bye();
    await bench.settled();
    const file = recorded(call.callId, '1-bot');
    expect(file.content.channels).toBe(2);
    expect([file.ever(EVERYBODY, 0), file.ever(EVERYBODY, 1)]).toEqual([[caller], [bot]]);
  });

  it('is not recorded where the channel does not say so, whatever a command says', async () => {
    await start(null);
    const call = await bench.bridged({ returnToBot: true, continueRecording: true });
    const asked = await bench.post(`/v1/calls/${call.callId}/recording`, { action: 'pause' });
    expect(asked).toMatchObject({ status: 409, body: { code: 'not_recording' } });
    call.caller.bye();
    await bench.event('call.ended');
    expect(told()).toEqual([]);
    expect(filesIn(dir)).toEqual([]);
  });

  it('ends whole at its longest, and nothing more of the call is recorded', async () => {
    await start({ maxSeconds: 1 });
    const call = await bench.talking();
    await eventually(() => states(call.callId)).toEqual(['started 1-bot.wav', 'stopped 1-bot.wav']);
    expect(told()[1]).toMatchObject({ reason: 'the limit of its length' });
    expect(Math.abs(recorded(call.callId, '1-bot').ms - 1000)).toBeLessThan(50);
    await bench.talk(bench.caller, bench.bot);
    call.caller.bye();
    await bench.settled();
    expect(filesIn(dir)).toHaveLength(1);
  });

  it('is whole when the caller hangs up; its last word may follow that of the call', async () => {
    await start({});
    const call = await bench.talking();
    const begun = Date.parse((await bench.event('call.recording')).time);
    await sleep(700);
    call.caller.bye();
    await bench.settled();
    await eventually(() => states(call.callId).at(-1)).toBe('stopped 1-bot.wav');
    const file = recorded(call.callId, '1-bot');
    expect(file.content.dataBytes).toBe(file.content.realBytes);
    const ended = Date.parse((await bench.event('call.ended')).time);
    expect(Math.abs(file.ms - (ended - begun))).toBeLessThan(300);
  });

  it('is whole when the engine stops', async () => {
    await start({});
    const call = await bench.talking();
    await bench.event('call.recording');
    await sleep(800);
    await bench.app.stop(0);
    const path = join(dir, `${call.callId}-1-bot.wav`);
    expect(existsSync(path)).toBe(true);
    const file = new Recorded(path);
    expect(file.content.dataBytes).toBe(file.content.realBytes);
    expect(file.ms).toBeGreaterThan(600);
    expect(filesIn(dir)).toHaveLength(1);
    expect(states(call.callId)).toEqual(['started 1-bot.wav', 'stopped 1-bot.wav']);
  });
});
