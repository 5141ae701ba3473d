import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { describeMediaServers } from '../../support/media-bench.js';
import type { HeardPacket } from '../../support/media-phone.js';
import { sine } from '../../support/media-tones.js';

describeMediaServers('media', (bench) => {
  it('goes to where the far end sends from, not to where its SDP says', async () => {
    const { endpoint } = await bench.party();
    const silent = await bench.rtpPhone();
    const real = await bench.rtpPhone();
    await endpoint.modify(silent.sdp({ version: 2 }));
    real.follow(endpoint.local.sdp);
    await eventually(() => real.hearsSilence).toBe(true);
  });

  it('IPv6: calls and media, bridged to IPv4', async () => {
    expect(bench.ms.sip.ipv6.udp.address).toMatch(/^\[::1\]:\d+$/);
    const six = await bench.party({ family: 'ipv6' });
    const four = await bench.party();
    expect(six.endpoint.local.sdp).toMatch(/^c=IN IP6 ::1\r$/m);
    expect(six.endpoint.local.mediaIp).toBe('::1');
    six.phone.say(700);
    four.phone.say(1300);
    await six.endpoint.bridge(four.endpoint);
    await eventually(() => [six.phone.hears(1300), four.phone.hears(700)]).toEqual([true, true]);
  });

  it('a stranger cannot take over a stream that is heard', async () => {
    const { phone, endpoint } = await bench.party();
    await eventually(() => phone.packets.length).toBeGreaterThan(10);
    const stranger = await bench.rtpPhone();
    stranger.follow(endpoint.local.sdp);
    await endpoint.play('silence_stream://400');
    expect(stranger.packets).toHaveLength(0);
  });

  it('packets are evenly spaced on their own clock, whatever is played', async () => {
    const { phone, endpoint } = await bench.party();
    await endpoint.play([bench.toneFile(700, 210), bench.toneFile(1300, 130)]);
    const { packets } = phone;
    for (let i = 1; i < packets.length; i++) {
      expect(((packets[i]?.sequence ?? 0) - (packets[i - 1]?.sequence ?? 0)) & 0xffff).toBe(1);
      const step = ((packets[i]?.timestamp ?? 0) - (packets[i - 1]?.timestamp ?? 0)) >>> 0;
      // A thread of FreeSWITCH that comes too late leaves a frame out, on its clock as well.
      expect(bench.real ? step % 160 : step - 160).toBe(0);
    }
  });

  it('a lost packet and two in the wrong order are not heard as a gap', async () => {
    const a = await bench.party();
    const b = await bench.party();
    await a.endpoint.bridge(b.endpoint);
    await eventually(() => b.phone.hearsSilence).toBe(true);
    a.phone.stopSending();
    const tone = (n: number): Int16Array => sine(1000, 400).subarray(n * 160, (n + 1) * 160);
    for (const n of [0, 1, 2, 4, 3, 5, 7, 8, 9]) {
      a.phone.inject(1000 + n, tone(n));
      await endpointPause();
    }
    await eventually(() => b.phone.firstHeard(1000)).toBeDefined();
    // Silence, or nothing: FreeSWITCH sends none on a bridge whose far end sends nothing.
    const isLoud = (p: HeardPacket): boolean => p.samples.some((s) => Math.abs(s) > 2000);
    const quietSince = (): number => performance.now() - (b.phone.packets.findLast(isLoud)?.at ?? 0);
    await eventually(quietSince).toBeGreaterThan(200);
    const from = b.phone.packets.findIndex((p) => p.at === b.phone.firstHeard(1000));
    const loud = b.phone.packets.slice(from).filter(isLoud);
    // FreeSWITCH has no jitter buffer unless it is told to: it plays what comes in time, and nothing is made up.
    expect(loud.length).toBeGreaterThanOrEqual(bench.real ? 3 : 9);
    expect(loud.length).toBeLessThanOrEqual(11);
  });

  /** Packets arrive one after the other. */
  const endpointPause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

  it('a wrong secret is refused and the connection closed', async () => {
    const { address, port } = bench.backend.esl;
    const socket = connect(port, address);
    let heard = '';
    socket.setEncoding('utf8').on('data', (text: string) => (heard += text));
    socket.write('auth wrong\n\n');
    await eventually(() => heard).toMatch(
      /^Content-Type: auth\/request\n\nContent-Type: command\/reply\nReply-Text: -ERR invalid/,
    );
    await eventually(() => socket.destroyed || socket.readableEnded).toBe(true);
    socket.destroy();
  });

  it('bgapi: a job and its result', async () => {
    const { address, port, secret } = bench.backend.esl;
    const socket = connect(port, address);
    let heard = '';
    socket.setEncoding('utf8').on('data', (text: string) => (heard += text));
    socket.write(
      `auth ${secret}\n\nevent json BACKGROUND_JOB\n\nbgapi uuid_exists nobody\nJob-UUID: j-1\n\n`,
    );
    await eventually(() => heard).toMatch(/Job-UUID: j-1\n[^]*"_body":"false"/);
    socket.end('exit\n\n');
    await eventually(() => heard).toMatch(/\+OK bye/);
  });
});
