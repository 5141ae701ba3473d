import { existsSync, symlinkSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { describeMediaServers } from '../../support/media-bench.js';
import type { EslEvent } from '../../support/media-fsmrf.js';
import { hasTone, shareAt } from '../../support/media-tones.js';
import { readWav } from '../../support/media-wav.js';

/** Whether a tone is in any tenth of a second of a track. */
const holds = (track: Int16Array | undefined, frequency: number): boolean => {
  const samples = track ?? new Int16Array(0);
  for (let at = 0; at + 800 <= samples.length; at += 800)
    if (hasTone(samples.subarray(at, at + 800), frequency)) return true;
  return false;
};

describeMediaServers('recording', (bench) => {
  it('record: what the far end says, up to the limit', async () => {
    const { phone, endpoint } = await bench.party();
    phone.say(700);
    const file = bench.path('voice.wav');
    const result = await endpoint.record(file, { timeLimitSecs: 1 });
    // FreeSWITCH counts whole seconds of the clock on the wall.
    const tolerance = bench.real ? 1000 : 40;
    expect(Math.abs(Number(result.recordMilliseconds) - 1000)).toBeLessThanOrEqual(tolerance);
    const { tracks, rate, dataBytes, realBytes } = readWav(file);
    expect(rate).toBe(8000);
    expect(dataBytes).toBe(realBytes);
    expect(tracks[0]?.length).toBe(Number(result.recordSamples));
    expect(holds(tracks[0], 700)).toBe(true);
  });

  it('record: ends with a key where keys end it', async () => {
    const { phone, endpoint } = await bench.party();
    await endpoint.set('playback_terminators', '#');
    const done = endpoint.record(bench.path('key.wav'), { timeLimitSecs: 20 });
    await eventually(() => existsSync(bench.path('key.wav'))).toBe(true);
    await phone.press('1');
    await phone.press('#');
    expect((await done).terminatorUsed).toBe('#');
  });

  it('record: ends with silence', async () => {
    const { phone, endpoint } = await bench.party();
    phone.say(700);
    const done = endpoint.record(bench.path('silence.wav'), {
      timeLimitSecs: 20,
      silenceThresh: 200,
      silenceHits: 1,
    });
    await eventually(() => existsSync(bench.path('silence.wav'))).toBe(true);
    phone.say(null);
    const quiet = performance.now();
    await done;
    expect(performance.now() - quiet).toBeGreaterThan(800);
  });

  it('record_session: both directions in one track, over a bridge too', async () => {
    const a = await bench.party();
    const b = await bench.party();
    const file = bench.path('session.wav');
    await a.endpoint.recordSession(file);
    a.phone.say(700);
    await a.endpoint.play(bench.toneFile(1000, 400));
    b.phone.say(1300);
    await a.endpoint.bridge(b.endpoint);
    const heard = (): number => a.phone.packets.filter((p) => shareAt(p.samples, 1300) > 0.5).length;
    await eventually(heard).toBeGreaterThan(50);
    await a.endpoint.execute('stop_record_session', file);
    const { tracks, dataBytes, realBytes } = readWav(file);
    expect(dataBytes).toBe(realBytes);
    for (const tone of [700, 1000, 1300]) expect([tone, holds(tracks[0], tone)]).toEqual([tone, true]);
  });

  it('record_session in stereo: the far end left, what it hears right', async () => {
    const { phone, endpoint } = await bench.party();
    await endpoint.set('RECORD_STEREO', 'true');
    const file = bench.path('stereo-session.wav');
    await endpoint.recordSession(file);
    phone.say(700);
    await endpoint.play(bench.toneFile(1300, 500));
    await endpoint.execute('stop_record_session', file);
    const [left, right] = readWav(file).tracks;
    expect([holds(left, 700), holds(left, 1300), holds(right, 700), holds(right, 1300)]).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  it('the file is complete when the call ends in the middle', async () => {
    const { phone, endpoint } = await bench.party();
    phone.say(700);
    const file = bench.path('cut.wav');
    await endpoint.recordSession(file);
    await endpoint.play('silence_stream://700');
    await endpoint.destroy();
    await eventually(() => {
      const { dataBytes, realBytes } = readWav(file);
      return dataBytes === realBytes && dataBytes > 8000;
    }).toBe(true);
    expect(holds(readWav(file).tracks[0], 700)).toBe(true);
  });

  it('uuid_record: start, mask, unmask, stop', async () => {
    const { phone, endpoint } = await bench.party();
    phone.say(700);
    await eventually(async () => {
      const v = await endpoint.getChannelVariables(true);
      return v['variable_rtp_audio_in_packet_count'];
    }).toBeGreaterThan(5);
    const file = bench.path('masked.wav');
    const record = async (verb: string): Promise<string> =>
      (await endpoint.api('uuid_record', [endpoint.uuid, verb, file])).getBody();
    expect(await record('start')).toBe('+OK Success\n');
    expect(await record('mask')).toBe('+OK Success\n');
    await endpoint.play('silence_stream://500');
    expect(await record('unmask')).toBe('+OK Success\n');
    await endpoint.play('silence_stream://500');
    expect(await record('stop')).toBe('+OK Success\n');
    const track = readWav(file).tracks[0] ?? new Int16Array(0);
    // The first tenth of a second may be from before the mask.
    expect(holds(track.subarray(800, 3200), 700)).toBe(false);
    expect(holds(track.subarray(5600), 700)).toBe(true);
    expect(await record('stop')).toMatch(/^-ERR/);
  });

  it('RECORD_STOP tells the file and its length to who asks', async () => {
    const { endpoint } = await bench.party();
    endpoint.conn.subscribe('RECORD_STOP');
    const stops: (string | null)[] = [];
    endpoint.conn.on(`esl::event::RECORD_STOP::${endpoint.uuid}`, (event: EslEvent) => {
      stops.push(event.getHeader('Record-File-Path'));
    });
    const file = bench.path('told.wav');
    await endpoint.recordSession(file);
    await endpoint.execute('stop_record_session', file);
    await eventually(() => stops).toEqual([file]);
  });

  it('uuid_record: what is said in a pause is left out', async () => {
    const { phone, endpoint } = await bench.party();
    phone.say(700);
    const file = bench.path('with-pause.wav');
    const record = async (verb: string): Promise<string> =>
      (await endpoint.api('uuid_record', [endpoint.uuid, verb, file])).getBody();
    await record('start');
    await endpoint.play('silence_stream://600');
    expect(await record('pause')).toBe('+OK Success\n');
    phone.say(1300);
    await endpoint.play('silence_stream://600');
    phone.say(1700);
    await endpoint.play('silence_stream://200');
    expect(await record('resume')).toBe('+OK Success\n');
    await endpoint.play('silence_stream://600');
    await record('stop');
    const track = readWav(file).tracks[0] ?? new Int16Array(0);
    expect([700, 1700].map((tone) => holds(track, tone))).toEqual([true, true]);
    const full = Array.from({ length: Math.floor(track.length / 800) }, (_, n) =>
      hasTone(track.subarray(n * 800, n * 800 + 800), 1300),
    );
    // A tenth of a second may be from before the pause.
    expect(full.filter(Boolean).length).toBeLessThanOrEqual(2);
  });

  it('the file is complete when RECORD_STOP is told', async () => {
    const { phone, endpoint } = await bench.party();
    phone.say(700);
    endpoint.conn.subscribe('RECORD_STOP');
    const file = bench.path('complete.wav');
    const atStop: { complete: boolean; cause: string | null; samples: string | null }[] = [];
    endpoint.conn.on(`esl::event::RECORD_STOP::${endpoint.uuid}`, (event: EslEvent) => {
      const { dataBytes, realBytes, tracks } = readWav(file);
      atStop.push({
        complete: dataBytes === realBytes && tracks[0]?.length === dataBytes / 2,
        cause: event.getHeader('Record-Completion-Cause'),
        samples: event.getHeader('variable_record_samples'),
      });
    });
    await endpoint.recordSession(file);
    await endpoint.play('silence_stream://500');
    await endpoint.execute('stop_record_session', file);
    await eventually(() => atStop.length).toBe(1);
    const samples = String(readWav(file).tracks[0]?.length);
    expect(atStop).toEqual([{ complete: true, cause: 'success-maxtime', samples }]);
  });

  it('a disk that takes nothing: said at the start or as the end of the recording, and the call goes on', async () => {
    const { phone, endpoint } = await bench.party();
    endpoint.conn.subscribe('RECORD_STOP');
    const ends: (string | null)[] = [];
    endpoint.conn.on(`esl::event::RECORD_STOP::${endpoint.uuid}`, (event: EslEvent) =>
      ends.push(event.getHeader('Record-Completion-Cause')),
    );
    const file = bench.path('full.wav');
    symlinkSync('/dev/full', file);
    const { body } = await endpoint.api('uuid_record', [endpoint.uuid, 'start', file]);
    await endpoint.play(bench.toneFile(1000, 1500));
    const refused = body.startsWith('-ERR');
    expect([refused, ends]).toEqual(refused ? [true, []] : [false, ['uri-failure']]);
    expect(phone.firstHeard(1000)).toBeDefined();
    await endpoint.play(bench.toneFile(1300, 200));
    expect(phone.firstHeard(1300)).toBeDefined();
  });

  it('a file that cannot be made is said so', async () => {
    const { endpoint } = await bench.party();
    const { body } = await endpoint.api('uuid_record', [endpoint.uuid, 'start', '/proc/no/such/place.wav']);
    expect(body).toMatch(/^-ERR/);
  });

  it('record to a place where nothing can be made ends the call', async () => {
    const { endpoint } = await bench.party();
    const reasons: string[] = [];
    endpoint.on('destroy', (why?: { reason: string }) => reasons.push(why?.reason ?? ''));
    void endpoint.record('/proc/no/such/place.wav');
    await eventually(() => reasons).toEqual(['DESTINATION_OUT_OF_ORDER']);
  });
});
