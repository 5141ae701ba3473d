import { expect, it } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { describeMediaPort } from './rig.js';

const ONCE = { loop: false };
const LOOP = { loop: true };

describeMediaPort('playing', (rig) => {
  it('one sound after the other, files and tones, and then done', async () => {
    const { phone, endpoint } = await rig.talk();
    const playing = await endpoint.play([rig.tone(700, 300), { tone: '%(300,0,1300)' }], ONCE);
    await eventually(() => phone.hears(700)).toBe(true);
    expect(await playing.finished).toBe('done');
    const [first = NaN, second = NaN] = [phone.firstHeard(700), phone.firstHeard(1300)];
    expect(second - first).toBeGreaterThan(250);
    await eventually(() => phone.hearsSilence).toBe(true);
  });

  it('resolves when it begins: a long sound is not waited for', async () => {
    const { phone, endpoint } = await rig.talk();
    const begin = performance.now();
    await endpoint.play([rig.tone(700, 10_000)], ONCE);
    expect(performance.now() - begin).toBeLessThan(1500);
    await eventually(() => phone.hears(700)).toBe(true);
  });

  it('is stopped', async () => {
    const { phone, endpoint } = await rig.talk();
    const playing = await endpoint.play([rig.tone(700, 10_000), rig.tone(1300, 10_000)], ONCE);
    await eventually(() => phone.hears(700)).toBe(true);
    await endpoint.stop();
    expect(await playing.finished).toBe('stopped');
    await eventually(() => phone.hearsSilence).toBe(true);
    expect(phone.firstHeard(1300)).toBeUndefined();
  });

  it('again and again in a loop, until stopped', async () => {
    const { phone, endpoint } = await rig.talk();
    const playing = await endpoint.play([rig.tone(700, 200), rig.tone(1300, 200)], LOOP);
    const begin = performance.now();
    const heardSince = (ms: number): boolean =>
      phone.firstHeard(700, begin + ms) !== undefined && phone.firstHeard(1300, begin + ms) !== undefined;
    await eventually(() => heardSince(500)).toBe(true);
    await eventually(() => heardSince(1000)).toBe(true);
    await endpoint.stop();
    expect(await playing.finished).toBe('stopped');
    await eventually(() => phone.hearsSilence).toBe(true);
  });

  it('of something new stops the old', async () => {
    const { phone, endpoint } = await rig.talk();
    const old = await endpoint.play([rig.tone(700, 10_000)], LOOP);
    await eventually(() => phone.hears(700)).toBe(true);
    await endpoint.play([rig.tone(1300, 10_000)], ONCE);
    expect(await old.finished).toBe('stopped');
    await eventually(() => phone.hearing([700, 1300])).toEqual([1300]);
  });

  it('of a file that is not there fails, alone, in a list and in a loop; the endpoint stays usable', async () => {
    const { phone, endpoint } = await rig.talk();
    const none = { file: rig.path('none.wav') };
    const play = async (sounds: readonly { file: string }[], options: { loop: boolean }): Promise<string> =>
      (await endpoint.play(sounds, options)).finished;
    expect(await play([none], ONCE)).toBe('failed');
    expect(await play([none], LOOP)).toBe('failed');
    expect(await play([none, rig.tone(700, 100)], ONCE)).toBe('failed');
    expect(await play([rig.tone(700, 100), none], ONCE)).toBe('failed');
    expect(await play([rig.tone(1300, 200)], ONCE)).toBe('done');
    expect(phone.firstHeard(1300)).toBeDefined();
  });

  it('operations run in order, however fast they are asked for', async () => {
    const { phone, endpoint } = await rig.talk();
    const asked = [700, 1000, 1300].map((tone) => endpoint.play([rig.tone(tone, 5000)], ONCE));
    const [a, b, c] = await Promise.all(asked);
    expect(await a?.finished).toBe('stopped');
    expect(await b?.finished).toBe('stopped');
    await eventually(() => phone.hearing([700, 1000, 1300])).toEqual([1300]);
    await endpoint.stop();
    expect(await c?.finished).toBe('stopped');
  });

  it.each([
    ['a line end', { file: '/x\n\napi hupall' }],
    ['a variable', { file: '/${x}.wav' }],
  ])('what holds %s is refused', async (_, sound) => {
    const { endpoint } = await rig.talk();
    await expect(endpoint.play([sound], ONCE)).rejects.toMatchObject({ reason: 'refused' });
  });

  it('no key of the far end ends a sound, and every one is told', async () => {
    const { phone, endpoint, events } = await rig.talk();
    const playing = await endpoint.play([rig.tone(700, 10_000)], ONCE);
    await eventually(() => phone.hears(700)).toBe(true);
    for (const key of ['1', '#', '*']) await phone.press(key);
    await eventually(() => events.map((e) => (e.type === 'digit' ? e.digit : e.type))).toEqual([
      '1',
      '#',
      '*',
    ]);
    for (const e of events) {
      expect(e.type === 'digit' && e.durationMs).toBeGreaterThanOrEqual(80);
      expect(e.type === 'digit' && e.durationMs).toBeLessThanOrEqual(300);
    }
    await eventually(() => phone.hears(700)).toBe(true);
    await endpoint.stop();
    expect(await playing.finished).toBe('stopped');
  });

  it('keys for the far end arrive as RFC 4733 events, with a pause', async () => {
    const { phone, endpoint } = await rig.talk();
    await endpoint.sendDigits('12w#');
    await eventually(() => phone.digits.map(({ digit }) => digit).join('')).toBe('12#');
    const [, two, hash] = phone.digits;
    expect((hash?.at ?? 0) - (two?.at ?? 0)).toBeGreaterThan(500);
    await expect(endpoint.sendDigits('1;2')).rejects.toMatchObject({ reason: 'refused' });
  });
});
