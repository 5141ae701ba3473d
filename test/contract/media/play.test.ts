import { expect, it } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { describeMediaServers } from '../../support/media-bench.js';
import type { EslEvent } from '../../support/media-fsmrf.js';
import { shareAt } from '../../support/media-tones.js';
import { sine } from '../../support/media-tones.js';
import { writeWav } from '../../support/media-wav.js';

describeMediaServers('play', (bench) => {
  it.each([8000, 16_000, 44_100])('a WAV file of %i Hz is heard as what it is', async (rate) => {
    const { phone, endpoint } = await bench.party();
    const result = await endpoint.play(bench.toneFile(1000, 500, rate));
    expect(Number(result.playbackMilliseconds)).toBeGreaterThanOrEqual(480);
    expect(Number(result.playbackMilliseconds)).toBeLessThanOrEqual(520);
    await eventually(() => phone.hearsSilence).toBe(true);
    const tone = phone.packets.filter((p) => shareAt(p.samples, 1000) > 0.9);
    expect(tone.length).toBeGreaterThanOrEqual(23);
    expect(tone.length).toBeLessThanOrEqual(26);
  });

  it('what 8 kHz cannot carry is filtered out, not folded down', async () => {
    const { phone, endpoint } = await bench.party();
    // 5 kHz would come back as 3 kHz.
    await endpoint.play(bench.toneFile(5000, 300, 16_000));
    expect(phone.packets.some((p) => shareAt(p.samples, 3000) > 0.3)).toBe(false);
  });

  it('a list: one after the other, an event pair for each', async () => {
    const { phone, endpoint } = await bench.party();
    const files = [bench.toneFile(700, 200), bench.toneFile(1300, 200)];
    const events: string[] = [];
    endpoint.on('playback-start', (e: { file: string }) => events.push(`start ${e.file}`));
    endpoint.on('playback-stop', (e: { file: string }) => events.push(`stop ${e.file}`));
    await endpoint.play(files);
    const first = phone.firstHeard(700) ?? Infinity;
    const second = phone.firstHeard(1300) ?? 0;
    expect(second - first).toBeGreaterThan(100);
    expect(events).toEqual(files.flatMap((f) => [`start ${f}`, `stop ${f}`]));
  });

  it('a file that is not there is an error', async () => {
    const { endpoint } = await bench.party();
    await expect(endpoint.play(bench.path('nothing-here.wav'))).rejects.toThrow('File Not Found');
  });

  it('tone_stream and silence_stream', async () => {
    const { phone, endpoint } = await bench.party();
    const result = await endpoint.play('tone_stream://%(300,100,440,480)');
    expect(Number(result.playbackMilliseconds)).toBe(400);
    const both = phone.packets.find((p) => shareAt(p.samples, 440) > 0.15);
    expect(both).toBeDefined();
    const begun = performance.now();
    await endpoint.play('silence_stream://300');
    expect(performance.now() - begun).toBeGreaterThan(250);
    expect(phone.hearsSilence).toBe(true);
  });

  it('from an offset, and for a limited time', async () => {
    const { endpoint } = await bench.party();
    const file = bench.toneFile(1000, 1000);
    const late = await endpoint.play({ file, seekOffset: 6400 });
    expect(Number(late.playbackLastOffsetPos)).toBe(8000);
    const long = bench.toneFile(900, 5000);
    const begun = performance.now();
    await endpoint.play({ file: long, timeoutSecs: 2 });
    const took = performance.now() - begun;
    expect(took).toBeGreaterThan(1900);
    expect(took).toBeLessThan(4000);
  });

  it.each(['', 'all'])('uuid_break ends the file, and the list goes on ("%s")', async (flag) => {
    const { phone, endpoint } = await bench.party();
    const stops: { file: string; status: string | null }[] = [];
    endpoint.conn.on(`esl::event::PLAYBACK_STOP::${endpoint.uuid}`, (event: EslEvent) =>
      stops.push({
        file: event.getHeader('Playback-File-Path') ?? '',
        status: event.getHeader('Playback-Status'),
      }),
    );
    const files = [bench.toneFile(700, 5000), bench.toneFile(1300, 300)];
    const playing = endpoint.play(files);
    await eventually(() => phone.hears(700)).toBe(true);
    await endpoint.api('uuid_break', [endpoint.uuid, flag]);
    await playing;
    expect(phone.firstHeard(1300)).toBeDefined();
    expect(stops).toEqual([
      { file: files[0], status: 'break' },
      { file: files[1], status: 'done' },
    ]);
    await endpoint.play(bench.toneFile(1000, 200));
    expect(phone.firstHeard(1000)).toBeDefined();
  });

  it('uuid_break ends a file_string as a whole: it is one file', async () => {
    const { phone, endpoint } = await bench.party();
    const name = `file_string://${bench.toneFile(700, 300)}!${bench.toneFile(1300, 5000)}!${bench.toneFile(1700, 300)}`;
    const starts: string[] = [];
    endpoint.on('playback-start', (e: { file: string }) => starts.push(e.file));
    const playing = endpoint.play(name);
    await eventually(() => phone.hears(1300)).toBe(true);
    await endpoint.api('uuid_break', [endpoint.uuid]);
    await playing;
    await eventually(() => phone.hearsSilence).toBe(true);
    expect(phone.firstHeard(700)).toBeDefined();
    expect(phone.firstHeard(1700)).toBeUndefined();
    expect(starts).toEqual([name]);
  });

  it('the response of a playback says how it ended', async () => {
    const { phone, endpoint } = await bench.party();
    const response = async (file: string): Promise<string | null> =>
      (await endpoint.execute('playback', file)).getHeader('Application-Response');
    expect(await response(bench.toneFile(700, 100))).toBe('FILE PLAYED');
    expect(await response(bench.path('gone.wav'))).toBe('FILE NOT FOUND');
    const broken = response(bench.toneFile(1300, 5000));
    await eventually(() => phone.hears(1300)).toBe(true);
    await endpoint.api('uuid_break', [endpoint.uuid]);
    expect(await broken).toBe('FILE PLAYED');
  });

  it('destroyed while playing: every promise settles', async () => {
    const { phone, endpoint } = await bench.party();
    const playing = endpoint.play(bench.toneFile(700, 10_000));
    await eventually(() => phone.hears(700)).toBe(true);
    await endpoint.destroy();
    await playing;
  });

  it('PLAYBACK_STOP carries the variables of the playback', async () => {
    const { endpoint } = await bench.party();
    const seconds: (string | null)[] = [];
    endpoint.conn.on(`esl::event::PLAYBACK_STOP::${endpoint.uuid}`, (event: EslEvent) =>
      seconds.push(event.getHeader('variable_playback_ms')),
    );
    await endpoint.play(bench.toneFile(1000, 200));
    expect(seconds).toEqual(['200']);
  });

  it('a stereo file is mixed down', async () => {
    const { phone, endpoint } = await bench.party();
    const left = sine(700, 300);
    const right = sine(1300, 300);
    const both = Int16Array.from(
      { length: left.length * 2 },
      (_, i) => (i % 2 === 0 ? left : right)[i >> 1] ?? 0,
    );
    await endpoint.play(writeWav(bench.path('stereo.wav'), both, 8000, 2));
    expect(phone.firstHeard(700)).toBeDefined();
    expect(phone.firstHeard(1300)).toBeDefined();
  });

  it('endless_playback outlives a break; what ends it is the next bridge, or the end of the call', async () => {
    const { phone, endpoint } = await bench.party();
    const other = await bench.party();
    const done = endpoint.execute('endless_playback', bench.toneFile(700, 100));
    const heard = (): number => phone.packets.filter((p) => shareAt(p.samples, 700) > 0.9).length;
    await eventually(heard).toBeGreaterThan(20);
    await endpoint.api('uuid_break', [endpoint.uuid, 'all']);
    const before = heard();
    await eventually(heard).toBeGreaterThan(before + 20);
    await endpoint.bridge(other.endpoint);
    await done;
  });
});
