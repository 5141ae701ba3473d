import { expect, it } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { describeMediaServers } from '../../support/media-bench.js';

const TONES = [700, 1300];

describeMediaServers('bridge', (bench) => {
  it('each hears the other and nobody itself; PCMU and PCMA are converted', async () => {
    const a = await bench.party({ codec: 0 });
    const b = await bench.party({ codec: 8 });
    a.phone.say(700);
    b.phone.say(1300);
    await a.endpoint.bridge(b.endpoint);
    await eventually(() => a.phone.hearing(TONES)).toEqual([1300]);
    await eventually(() => b.phone.hearing(TONES)).toEqual([700]);
    expect(a.phone.packets.at(-1)?.payloadType).toBe(0);
    expect(b.phone.packets.at(-1)?.payloadType).toBe(8);
  });

  it('unbridge: both are alone and stay usable', async () => {
    const a = await bench.party();
    const b = await bench.party();
    a.phone.say(700);
    b.phone.say(1300);
    await a.endpoint.bridge(b.endpoint);
    await eventually(() => a.phone.hears(1300)).toBe(true);
    await a.endpoint.unbridge();
    await eventually(() => a.phone.hearsSilence && b.phone.hearsSilence).toBe(true);
    await b.endpoint.play(bench.toneFile(1000, 200));
    expect(b.phone.firstHeard(1000)).toBeDefined();
    await a.endpoint.bridge(b.endpoint);
    await eventually(() => b.phone.hears(700)).toBe(true);
  });

  it('a bridge ends what is being played', async () => {
    const a = await bench.party();
    const b = await bench.party();
    b.phone.say(1300);
    const music = a.endpoint.play(bench.toneFile(700, 10_000));
    await eventually(() => a.phone.hears(700)).toBe(true);
    await a.endpoint.bridge(b.endpoint);
    await music;
    await eventually(() => a.phone.hearing(TONES)).toEqual([1300]);
  });

  it('one hangs up: the other is parked, not lost', async () => {
    const a = await bench.party();
    const b = await bench.party();
    b.phone.say(1300);
    await a.endpoint.bridge(b.endpoint);
    await eventually(() => a.phone.hears(1300)).toBe(true);
    await b.endpoint.destroy();
    await eventually(() => a.phone.hearsSilence).toBe(true);
    await a.endpoint.play(bench.toneFile(1000, 200));
    expect(a.phone.firstHeard(1000)).toBeDefined();
  });

  it('another bridge takes a leg away from the first', async () => {
    const a = await bench.party();
    const b = await bench.party();
    const c = await bench.party();
    a.phone.say(700);
    c.phone.say(1300);
    await a.endpoint.bridge(b.endpoint);
    await eventually(() => b.phone.hears(700)).toBe(true);
    await a.endpoint.bridge(c.endpoint);
    await eventually(() => a.phone.hears(1300) && c.phone.hears(700)).toBe(true);
    await eventually(() => b.phone.hearsSilence).toBe(true);
  });

  it('mute and unmute work while bridged', async () => {
    const a = await bench.party();
    const b = await bench.party();
    a.phone.say(700);
    await a.endpoint.bridge(b.endpoint);
    await eventually(() => b.phone.hears(700)).toBe(true);
    await a.endpoint.mute();
    await eventually(() => b.phone.hearsSilence).toBe(true);
    await a.endpoint.unmute();
    await eventually(() => b.phone.hears(700)).toBe(true);
  });

  it('a leg that is not there is an error', async () => {
    const { endpoint } = await bench.party();
    await expect(endpoint.bridge('00000000-0000-0000-0000-000000000000')).rejects.toThrow(
      '-ERR Invalid uuid',
    );
  });
});
