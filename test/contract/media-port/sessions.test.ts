import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { EndpointEvent } from '../../../src/ports/media.js';
import { eventually } from '../../support/eventually.js';
import { hasTone, isSilent } from '../../support/media-tones.js';
import { readWav } from '../../support/media-wav.js';
import { sleep } from '../../support/poll.js';
import { describeMediaPort } from './rig.js';

const ONCE = { loop: false };

describeMediaPort('sessions', (rig) => {
  it('an offer is answered, and a new one moves the media to where it says', async () => {
    const { phone, endpoint } = await rig.talk();
    expect(endpoint.sdp).toMatch(/^v=0\r\n[^]*m=audio \d+ RTP\/AVP /);
    const other = await rig.phone(8);
    const answer = await endpoint.modify(other.sdp());
    expect(answer).toMatch(/m=audio \d+ RTP\/AVP .*\b8\b/);
    expect(endpoint.sdp).toBe(answer);
    other.follow(answer);
    await endpoint.play([rig.tone(700, 5000)], ONCE);
    await eventually(() => other.hears(700)).toBe(true);
    expect(other.packets.at(-1)?.payloadType).toBe(8);
    expect(phone.hears(700)).toBe(false);
  });

  it('an offer that cannot be is refused, and those after it are not', async () => {
    const { phone, endpoint } = await rig.talk();
    const impossible = phone
      .sdp()
      .replace(/RTP\/AVP .*/, 'RTP/AVP 96')
      .replace(/a=rtpmap:.*\r\n/g, '');
    await expect(endpoint.modify(impossible)).rejects.toMatchObject({ reason: 'refused' });
    await endpoint.modify(phone.sdp());
    await endpoint.play([rig.tone(700, 5000)], ONCE);
    await eventually(() => phone.hears(700)).toBe(true);
  });

  it('its own offer, completed by the far end: heard, bridged, playing', async () => {
    const phone = await rig.phone();
    const endpoint = await rig.media.open({ offer: null }, () => undefined);
    expect(endpoint.sdp).toMatch(/m=audio \d+ RTP\/AVP /);
    phone.follow(endpoint.sdp);
    await endpoint.modify(phone.sdp());
    await endpoint.play([rig.tone(700, 5000)], ONCE);
    await eventually(() => phone.hears(700)).toBe(true);
    const other = await rig.talk();
    other.phone.say(1300);
    await endpoint.bridge(other.endpoint);
    await eventually(() => phone.hears(1300)).toBe(true);
  });

  it('SRTP, which we do not offer, is refused', async () => {
    const phone = await rig.phone();
    const offer = phone.sdp().replace('RTP/AVP', 'RTP/SAVP');
    await expect(rig.media.open({ offer }, () => undefined)).rejects.toMatchObject({ reason: 'refused' });
  });

  it('closed: nothing is told, everything asked of it rejects, closing again is harmless', async () => {
    const { endpoint, events } = await rig.talk();
    const playing = await endpoint.play([rig.tone(700, 10_000)], ONCE);
    const asked = endpoint.modify((await rig.phone()).sdp());
    const open = expect(asked).rejects.toMatchObject({ reason: 'lost' });
    await endpoint.close();
    await endpoint.close();
    await open;
    expect(await playing.finished).toBe('stopped');
    await expect(endpoint.stop()).rejects.toMatchObject({ reason: 'lost' });
    await expect(endpoint.play([rig.tone(700, 100)], ONCE)).rejects.toMatchObject({ reason: 'lost' });
    expect(events).toEqual([]);
    expect(rig.media.servers().map((server) => server.endpoints)).toEqual([0]);
  });

  it('records both directions in one channel, with silence while paused', async () => {
    const { phone, endpoint, events } = await rig.talk();
    phone.say(700);
    const path = rig.path(`mixed-${rig.real}.wav`);
    await endpoint.play([rig.tone(1300, 10_000)], ONCE);
    await eventually(() => phone.hears(1300)).toBe(true);
    await endpoint.record({ path, channels: 'mixed', maxSeconds: null });
    await expect(endpoint.record({ path, channels: 'mixed', maxSeconds: null })).rejects.toThrow();
    await sleep(600);
    await endpoint.recording(path, 'pause');
    await sleep(600);
    await endpoint.recording(path, 'resume');
    await sleep(400);
    await endpoint.recording(path, 'stop');
    await expect(endpoint.recording(path, 'stop')).rejects.toMatchObject({ reason: 'refused' });
    const [track = new Int16Array()] = readWav(path).tracks;
    const part = (from: number, to: number): Int16Array => track.subarray(from * 8, to * 8);
    for (const tone of [700, 1300]) expect(hasTone(part(100, 500), tone)).toBe(true);
    expect(isSilent(part(800, 1000))).toBe(true);
    expect(hasTone(track.subarray(-1600), 700)).toBe(true);
    expect(events).toEqual([]);
  });

  it('records in stereo what the far end says left and what it hears right, through a bridge', async () => {
    const a = await rig.talk();
    const b = await rig.talk();
    a.phone.say(700);
    b.phone.say(1300);
    const path = rig.path(`stereo-${rig.real}.wav`);
    await a.endpoint.bridge(b.endpoint);
    await eventually(() => a.phone.hears(1300) && b.phone.hears(700)).toBe(true);
    await a.endpoint.record({ path, channels: 'stereo', maxSeconds: null });
    await sleep(600);
    await a.endpoint.recording(path, 'stop');
    const [left = new Int16Array(), right = new Int16Array()] = readWav(path).tracks;
    expect([hasTone(left, 700), hasTone(left, 1300)]).toEqual([true, false]);
    expect([hasTone(right, 700), hasTone(right, 1300)]).toEqual([false, true]);
  });

  it('tells when a recording ends by itself, and why', async () => {
    const { endpoint, events } = await rig.talk();
    const path = rig.path(`limit-${rig.real}.wav`);
    await endpoint.record({ path, channels: 'mixed', maxSeconds: 1 });
    const ended = (): EndpointEvent[] => events.filter(({ type }) => type === 'recordingStopped');
    await eventually(() => ended().length).toBe(1);
    expect(ended()[0]).toMatchObject({ path, reason: expect.stringMatching(/\w/) as string });
    expect(existsSync(path)).toBe(true);
    await expect(endpoint.recording(path, 'stop')).rejects.toMatchObject({ reason: 'refused' });
  });

  it('a recording that cannot be made is refused, and the endpoint stays', async () => {
    const { phone, endpoint } = await rig.talk();
    const path = '/proc/nowhere/x.wav';
    await expect(endpoint.record({ path, channels: 'mixed', maxSeconds: null })).rejects.toMatchObject({
      reason: 'refused',
    });
    await endpoint.play([rig.tone(700, 5000)], ONCE);
    await eventually(() => phone.hears(700)).toBe(true);
  });
});
