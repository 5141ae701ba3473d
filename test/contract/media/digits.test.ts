import { expect, it } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { describeMediaServers } from '../../support/media-bench.js';

describeMediaServers('digits', (bench) => {
  it('a key of the far end is one event, with its length', async () => {
    const { phone, endpoint } = await bench.party();
    const digits: { dtmf: string; duration: string; source: string }[] = [];
    endpoint.on('dtmf', (e: (typeof digits)[number]) => digits.push(e));
    await phone.press('5', 160);
    await phone.press('#', 100);
    await eventually(() => digits.length).toBe(2);
    expect(digits.map((d) => [d.dtmf, d.duration, d.source])).toEqual([
      ['5', '1280', 'RTP'],
      ['#', '800', 'RTP'],
    ]);
  });

  it('send_dtmf: telephone-events at the far end, in order and length', async () => {
    const { phone, endpoint } = await bench.party();
    await endpoint.execute('send_dtmf', '12#@125');
    await eventually(() => phone.digits.length).toBe(3);
    expect(phone.digits.map((d) => d.digit).join('')).toBe('12#');
    for (const { samples } of phone.digits) expect(Math.abs(samples - 1000)).toBeLessThanOrEqual(160);
  });

  it('playCollect: up to the terminator, which is not in it', async () => {
    const { phone, endpoint } = await bench.party();
    const file = bench.toneFile(700, 10_000);
    const asked = endpoint.playCollect({ file, min: 1, max: 8, terminators: '#', timeout: 8000 });
    await eventually(() => phone.hears(700)).toBe(true);
    for (const key of '42#') await phone.press(key);
    const answer = await asked;
    expect(answer.digits).toBe('42');
    expect(answer.terminatorUsed).toBe('#');
    await eventually(() => phone.hearsSilence).toBe(true);
  });

  it('playCollect: complete at the longest answer', async () => {
    const { phone, endpoint } = await bench.party();
    const asked = endpoint.playCollect({ file: 'silence_stream://100', max: 2, timeout: 8000 });
    for (const key of '123') await phone.press(key);
    expect((await asked).digits).toBe('12');
  });

  it('playCollect: the first key ends the prompt', async () => {
    const { phone, endpoint } = await bench.party();
    const stops: unknown[] = [];
    endpoint.on('playback-stop', (e: unknown) => stops.push(e));
    const file = bench.toneFile(700, 10_000);
    const asked = endpoint.playCollect({ file, max: 3, digitTimeout: 400, timeout: 8000 });
    await eventually(() => phone.hears(700)).toBe(true);
    await phone.press('7');
    expect((await asked).digits).toBe('7');
    expect(stops).toHaveLength(1);
  });

  it('playCollect: nobody presses anything', async () => {
    const { endpoint } = await bench.party();
    const answer = await endpoint.playCollect({ file: 'silence_stream://100', timeout: 300 });
    expect(answer.digits).toBeNull();
  });

  it('playCollect: what does not fit is said to be invalid, and asked again', async () => {
    const { phone, endpoint } = await bench.party();
    const asked = endpoint.playCollect({
      file: bench.toneFile(700, 300),
      invalidFile: bench.toneFile(1300, 300),
      regexp: '^[1-3]$',
      max: 1,
      tries: 2,
      timeout: 8000,
    });
    await eventually(() => phone.firstHeard(700)).toBeDefined();
    await phone.press('9');
    await eventually(() => phone.firstHeard(1300)).toBeDefined();
    const wrongAt = phone.firstHeard(1300) ?? 0;
    await eventually(() => phone.firstHeard(700, wrongAt)).toBeDefined();
    await phone.press('2');
    expect((await asked).digits).toBe('2');
  });

  it('a key travels across a bridge', async () => {
    const a = await bench.party();
    const b = await bench.party();
    await a.endpoint.bridge(b.endpoint);
    const seen: string[] = [];
    a.endpoint.on('dtmf', (e: { dtmf: string }) => seen.push(e.dtmf));
    await a.phone.press('8', 120);
    await eventually(() => b.phone.digits.map((d) => d.digit)).toEqual(['8']);
    expect(seen).toEqual(['8']);
  });
});
