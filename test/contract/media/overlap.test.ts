import { expect, it } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { describeMediaServers, type Party } from '../../support/media-bench.js';

const TONES = [700, 1000, 1300];

describeMediaServers('sounds over sounds', (bench) => {
  async function bridged(): Promise<[Party, Party]> {
    const a = await bench.party();
    const b = await bench.party();
    a.phone.say(700);
    b.phone.say(1300);
    await a.endpoint.bridge(b.endpoint);
    await eventually(() => a.phone.hears(1300) && b.phone.hears(700)).toBe(true);
    return [a, b];
  }

  const start = async ({ endpoint }: Party, command: string, ...rest: readonly string[]): Promise<string> =>
    (await endpoint.api(command, [endpoint.uuid, ...rest])).getBody();

  it('a second play runs on top of the first, which then goes on from where it was', async () => {
    const { phone, endpoint } = await bench.party();
    const ended: string[] = [];
    const outer = endpoint.play(bench.toneFile(700, 1500)).then((result) => {
      ended.push('outer');
      return result;
    });
    await eventually(() => phone.hears(700)).toBe(true);
    const inner = endpoint.play(bench.toneFile(1300, 300)).then(() => ended.push('inner'));
    await inner;
    const back = performance.now();
    await outer;
    expect(ended).toEqual(['inner', 'outer']);
    expect(phone.firstHeard(1300)).toBeDefined();
    expect(phone.firstHeard(700, back + 100)).toBeDefined();
    expect(Number((await outer).playbackMilliseconds)).toBeGreaterThanOrEqual(1480);
  });

  it('a recording stands still while something is played on top of it', async () => {
    const { phone, endpoint } = await bench.party();
    phone.say(700);
    const recording = endpoint.record(bench.path('paused.wav'), { timeLimitSecs: 20 });
    const playing = endpoint.play('silence_stream://600');
    await playing;
    await endpoint.play('silence_stream://600');
    await endpoint.api('uuid_break', [endpoint.uuid]);
    expect(Number((await recording).recordMilliseconds)).toBeLessThan(600);
  });

  it('uuid_broadcast: nothing else begins before its end', async () => {
    const party = await bench.party();
    const { phone, endpoint } = party;
    expect(await start(party, 'uuid_broadcast', bench.toneFile(700, 600))).toBe('+OK Message sent\n');
    await eventually(() => phone.hears(700)).toBe(true);
    await endpoint.play(bench.toneFile(1300, 200));
    const second = phone.firstHeard(1300) ?? 0;
    expect(second - (phone.firstHeard(700) ?? Infinity)).toBeGreaterThan(400);
    expect(phone.firstHeard(700, second + 60)).toBeUndefined();
    expect(await start(party, 'uuid_broadcast')).toMatch(/^-USAGE/);
    expect(await bench.ms.api('uuid_broadcast nobody x.wav')).toBe('-ERR invalid uuid\n');
  });

  it('playing to one leg of a bridge: it alone hears it, and the two do not hear each other meanwhile', async () => {
    const [a, b] = await bridged();
    const playing = a.endpoint.play(bench.toneFile(1000, 800));
    await eventually(() => a.phone.hearing(TONES)).toEqual([1000]);
    const during = performance.now();
    await playing;
    const heardByB = b.phone.packets.filter((p) => p.at > during && p.at < performance.now() - 100);
    expect(heardByB.some((p) => p.samples.some((s) => Math.abs(s) > 2000))).toBe(false);
    await eventually(() => [a.phone.hearing(TONES), b.phone.hearing(TONES)]).toEqual([[1300], [700]]);
  });

  it('uuid_broadcast to both legs, then they hear each other again', async () => {
    const [a, b] = await bridged();
    await start(a, 'uuid_broadcast', bench.toneFile(1000, 500), 'both');
    await eventually(() => [a.phone.hearing(TONES), b.phone.hearing(TONES)]).toEqual([[1000], [1000]]);
    await eventually(() => [a.phone.hearing(TONES), b.phone.hearing(TONES)]).toEqual([[1300], [700]]);
  });

  it('uuid_broadcast of an application, and of a hangup behind it', async () => {
    const [a, b] = await bridged();
    await start(b, 'uuid_broadcast', 'playback!user_busy::silence_stream://100', 'aleg');
    await eventually(() => bench.ms.api(`uuid_exists ${b.endpoint.uuid}`)).toBe('false');
    await eventually(() => a.phone.hearsSilence).toBe(true);
  });

  it('uuid_displace, mixed: a whisper to one leg of a bridge that goes on', async () => {
    const [a, b] = await bridged();
    const file = bench.toneFile(1000, 5000);
    expect(await start(a, 'uuid_displace', 'start', file, '0', 'm')).toBe('+OK Success\n');
    await eventually(() => a.phone.hearing(TONES)).toEqual([1000, 1300]);
    expect(b.phone.hearing(TONES)).toEqual([700]);
    expect(await start(a, 'uuid_displace', 'stop', file)).toBe('+OK Success\n');
    await eventually(() => a.phone.hearing(TONES)).toEqual([1300]);
    expect(await start(a, 'uuid_displace', 'stop', file)).toBe('-ERR Cannot stop displace session!\n');
  });

  it('uuid_displace alone: the leg hears the file only and is not heard; at its end all is as before', async () => {
    const [a, b] = await bridged();
    await start(a, 'uuid_displace', 'start', bench.toneFile(1000, 700));
    await eventually(() => [a.phone.hearing(TONES), b.phone.hearing(TONES)]).toEqual([[1000], []]);
    await eventually(() => [a.phone.hearing(TONES), b.phone.hearing(TONES)]).toEqual([[1300], [700]]);
  });

  it('uuid_displace, looped, stops when its limit is reached', async () => {
    const [a] = await bridged();
    await start(a, 'uuid_displace', 'start', bench.toneFile(1000, 200), '2', 'ml');
    await eventually(() => a.phone.hearing(TONES)).toEqual([1000, 1300]);
    const begun = performance.now();
    await eventually(() => a.phone.hearing(TONES)).toEqual([1300]);
    expect(performance.now() - begun).toBeGreaterThan(900);
  });

  it('uuid_displace outwards: the others hear it from this leg', async () => {
    const [a, b] = await bridged();
    await start(a, 'uuid_displace', 'start', bench.toneFile(1000, 5000), '0', 'rm');
    await eventually(() => b.phone.hearing(TONES)).toEqual([700, 1000]);
    expect(a.phone.hearing(TONES)).toEqual([1300]);
  });

  it('uuid_displace of what is not there, or on nobody', async () => {
    const party = await bench.party();
    expect(await start(party, 'uuid_displace', 'start', bench.path('gone.wav'))).toBe(
      '-ERR Cannot displace session!\n',
    );
    expect(await bench.ms.api(`uuid_displace nobody start ${bench.toneFile(700, 100)}`)).toBe(
      '-ERR Cannot locate session!\n',
    );
    expect(await start(party, 'uuid_displace', 'start')).toMatch(/^-USAGE/);
  });

  it('uuid_break of both legs', async () => {
    const [a, b] = await bridged();
    await start(a, 'uuid_broadcast', bench.toneFile(1000, 9000), 'both');
    await eventually(() => [a.phone.hearing(TONES), b.phone.hearing(TONES)]).toEqual([[1000], [1000]]);
    expect(await start(a, 'uuid_break', 'both')).toBe('+OK\n');
    await eventually(() => [a.phone.hearing(TONES), b.phone.hearing(TONES)]).toEqual([[1300], [700]]);
  });

  it('a key is taken by what plays on its leg; bridged on, it travels', async () => {
    const [a, b] = await bridged();
    const digits: string[] = [];
    a.endpoint.on('dtmf', (e: { dtmf: string }) => digits.push(e.dtmf));
    const playing = a.endpoint.play(bench.toneFile(1000, 1200));
    await eventually(() => a.phone.hears(1000)).toBe(true);
    await a.phone.press('5');
    await playing;
    await eventually(() => a.phone.hears(1300)).toBe(true);
    await a.phone.press('6');
    await eventually(() => b.phone.digits.map((d) => d.digit)).toEqual(['6']);
    expect(digits).toEqual(['5', '6']);
  });
});
