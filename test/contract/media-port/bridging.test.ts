import { expect, it } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { describeMediaPort } from './rig.js';

const ONCE = { loop: false };
const TONES = [500, 700, 1000, 1300];

describeMediaPort('bridging', (rig) => {
  it('each hears the other and nobody itself; what was played to either is stopped first', async () => {
    const a = await rig.talk();
    const b = await rig.talk({ codec: 8 });
    a.phone.say(700);
    b.phone.say(1300);
    const prompt = await a.endpoint.play([rig.tone(1000, 10_000)], { loop: true });
    const music = await b.endpoint.play([rig.tone(500, 10_000)], { loop: true });
    await eventually(() => a.phone.hears(1000) && b.phone.hears(500)).toBe(true);
    await a.endpoint.bridge(b.endpoint);
    expect(await prompt.finished).toBe('stopped');
    expect(await music.finished).toBe('stopped');
    await eventually(() => a.phone.hearing(TONES)).toEqual([1300]);
    await eventually(() => b.phone.hearing(TONES)).toEqual([700]);
  });

  it('stop leaves it; both stay usable and can be bridged again', async () => {
    const a = await rig.talk();
    const b = await rig.talk();
    a.phone.say(700);
    b.phone.say(1300);
    await a.endpoint.bridge(b.endpoint);
    await eventually(() => a.phone.hears(1300)).toBe(true);
    await b.endpoint.stop();
    await eventually(() => a.phone.hearsSilence && b.phone.hearsSilence).toBe(true);
    const playing = await a.endpoint.play([rig.tone(1000, 200)], ONCE);
    expect(await playing.finished).toBe('done');
    await b.endpoint.bridge(a.endpoint);
    await eventually(() => a.phone.hears(1300) && b.phone.hears(700)).toBe(true);
  });

  it('playing to one side takes it out of the bridge, and a third may take the other', async () => {
    const [a, b, c] = [await rig.talk(), await rig.talk(), await rig.talk()];
    a.phone.say(700);
    b.phone.say(1300);
    c.phone.say(500);
    await a.endpoint.bridge(b.endpoint);
    await eventually(() => b.phone.hears(700)).toBe(true);
    await c.endpoint.bridge(b.endpoint);
    await eventually(() => b.phone.hearing(TONES)).toEqual([500]);
    await eventually(() => a.phone.hearsSilence).toBe(true);
    await b.endpoint.play([rig.tone(1000, 10_000)], ONCE);
    await eventually(() => b.phone.hearing(TONES)).toEqual([1000]);
    await eventually(() => c.phone.hearsSilence).toBe(true);
  });

  it('a partner that is closed leaves the other usable', async () => {
    const a = await rig.talk();
    const b = await rig.talk();
    b.phone.say(1300);
    await a.endpoint.bridge(b.endpoint);
    await eventually(() => a.phone.hears(1300)).toBe(true);
    await b.endpoint.close();
    await eventually(() => a.phone.hearsSilence).toBe(true);
    const playing = await a.endpoint.play([rig.tone(1000, 200)], ONCE);
    expect(await playing.finished).toBe('done');
    expect([...a.events, ...b.events]).toEqual([]);
  });

  it('crosswise and at once: asked for in any order, nobody waits for ever', async () => {
    const a = await rig.talk();
    const b = await rig.talk();
    a.phone.say(700);
    const both = [a.endpoint.bridge(b.endpoint), b.endpoint.bridge(a.endpoint)];
    await Promise.all([...both, a.endpoint.stop(), b.endpoint.bridge(a.endpoint)]);
    await eventually(() => b.phone.hears(700)).toBe(true);
  });

  it('partners change hands without a pause between', async () => {
    const [a, b, c, d] = [await rig.talk(), await rig.talk(), await rig.talk(), await rig.talk()];
    const tones = [700, 1300, 500, 1000];
    [a, b, c, d].forEach(({ phone }, n) => phone.say(tones[n] ?? 0));
    await a.endpoint.bridge(b.endpoint);
    await Promise.all([a.endpoint.stop(), c.endpoint.bridge(b.endpoint)]);
    await eventually(() => b.phone.hearing(TONES)).toEqual([500]);
    await Promise.all([b.endpoint.bridge(d.endpoint), c.endpoint.bridge(a.endpoint)]);
    await eventually(() => b.phone.hearing(TONES)).toEqual([1000]);
    await eventually(() => c.phone.hearing(TONES)).toEqual([700]);
    await Promise.all([d.endpoint.close(), a.endpoint.bridge(b.endpoint)]);
    await eventually(() => a.phone.hearing(TONES)).toEqual([1300]);
    expect([a, b, c, d].flatMap(({ events }) => events)).toEqual([]);
  });

  it('keys are told while bridged', async () => {
    const a = await rig.talk();
    const b = await rig.talk();
    a.phone.say(700);
    await a.endpoint.bridge(b.endpoint);
    await eventually(() => b.phone.hears(700)).toBe(true);
    await a.phone.press('*');
    await eventually(() => a.events.map((e) => (e.type === 'digit' ? e.digit : e.type))).toEqual(['*']);
    expect(b.events).toEqual([]);
  });

  it('a whisper is heard by one side beside its partner, to its end or until stopped', async () => {
    const a = await rig.talk();
    const b = await rig.talk();
    a.phone.say(700);
    b.phone.say(1300);
    await a.endpoint.bridge(b.endpoint);
    await eventually(() => a.phone.hears(1300)).toBe(true);
    const begin = performance.now();
    const whisper = await a.endpoint.whisper([rig.tone(1000, 500), rig.tone(500, 500)]);
    await eventually(() => a.phone.hearing(TONES)).toEqual([1000, 1300]);
    await eventually(() => a.phone.hearing(TONES)).toEqual([500, 1300]);
    expect(await whisper.finished).toBe('done');
    await eventually(() => a.phone.hearing(TONES)).toEqual([1300]);
    const long = await a.endpoint.whisper([rig.tone(1000, 10_000)]);
    await eventually(() => a.phone.hears(1000)).toBe(true);
    await a.endpoint.stop();
    expect(await long.finished).toBe('stopped');
    await eventually(() => a.phone.hearsSilence).toBe(true);
    expect(b.phone.firstHeard(1000, begin)).toBeUndefined();
    const none = await a.endpoint.whisper([{ file: rig.path('none.wav') }]);
    expect(await none.finished).toBe('failed');
  });

  it('three in a conference hear the other two; stop leaves it, a bridge too', async () => {
    const [a, b, c] = [await rig.talk(), await rig.talk(), await rig.talk()];
    a.phone.say(700);
    b.phone.say(1300);
    c.phone.say(500);
    const name = `room-${process.pid}-${Math.floor(performance.now())}`;
    for (const { endpoint } of [a, b, c]) await endpoint.join(name);
    await eventually(() => a.phone.hearing(TONES)).toEqual([500, 1300]);
    await eventually(() => c.phone.hearing(TONES)).toEqual([700, 1300]);
    await c.endpoint.stop();
    await eventually(() => c.phone.hearsSilence).toBe(true);
    await eventually(() => a.phone.hearing(TONES)).toEqual([1300]);
    await a.endpoint.bridge(c.endpoint);
    await eventually(() => a.phone.hearing(TONES)).toEqual([500]);
    await eventually(() => c.phone.hearing(TONES)).toEqual([700]);
    await eventually(() => b.phone.hearsSilence).toBe(true);
    const playing = await b.endpoint.play([rig.tone(1000, 200)], ONCE);
    expect(await playing.finished).toBe('done');
    await expect(b.endpoint.join('room+flags{mute}')).rejects.toMatchObject({ reason: 'refused' });
  });
});
