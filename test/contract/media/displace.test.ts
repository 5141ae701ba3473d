import { expect, it } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { describeMediaServers } from '../../support/media-bench.js';

const TONES = [700, 1000, 1300];

describeMediaServers('uuid_displace, mixed', (bench) => {
  it('is heard by one side of a bridge, beside its partner; its end is told', async () => {
    const a = await bench.party();
    const b = await bench.party();
    a.phone.say(700);
    b.phone.say(1300);
    await a.endpoint.bridge(b.endpoint);
    await eventually(() => a.phone.hears(1300)).toBe(true);
    const file = bench.toneFile(1000, 600);
    const ended: unknown[] = [];
    a.endpoint.conn.subscribe('MEDIA_BUG_STOP');
    a.endpoint.conn.on(`esl::event::MEDIA_BUG_STOP::${a.endpoint.uuid}`, (event) => {
      ended.push([event.getHeader('Media-Bug-Function'), event.getHeader('Media-Bug-Target')]);
    });
    const begun = performance.now();
    const answer = await a.endpoint.api('uuid_displace', [a.endpoint.uuid, 'start', file, '0', 'm']);
    expect(answer.getBody()).toMatch(/^\+OK/);
    await eventually(() => a.phone.hearing(TONES)).toEqual([1000, 1300]);
    await eventually(() => ended).toEqual([['displace', file]]);
    await eventually(() => a.phone.hearing(TONES)).toEqual([1300]);
    expect(b.phone.firstHeard(1000, begun)).toBeUndefined();
  });

  it('is stopped by name; a file that is not there, or twice, is refused', async () => {
    const { phone, endpoint } = await bench.party();
    const file = bench.toneFile(1000, 10_000);
    const displace = async (...words: string[]): Promise<string> =>
      (await endpoint.api('uuid_displace', [endpoint.uuid, ...words])).getBody();
    expect(await displace('start', file, '0', 'm')).toMatch(/^\+OK/);
    await eventually(() => phone.hears(1000)).toBe(true);
    expect(await displace('start', file, '0', 'm')).toMatch(/^-ERR Cannot displace/);
    expect(await displace('stop', file)).toMatch(/^\+OK/);
    await eventually(() => phone.hearsSilence).toBe(true);
    expect(await displace('stop', file)).toMatch(/^-ERR Cannot stop/);
    expect(await displace('start', bench.path('none.wav'), '0', 'm')).toMatch(/^-ERR Cannot displace/);
  });
});
