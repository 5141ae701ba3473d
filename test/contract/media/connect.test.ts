import { expect, it } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { describeMediaServers } from '../../support/media-bench.js';
import { nextEvent } from '../../support/poll.js';

describeMediaServers('connecting', (bench) => {
  it('tells where calls go', () => {
    expect(bench.ms.sip.ipv4.udp.address).toMatch(/^[\d.]+:\d+$/);
  });

  it('commands are answered one by one, in order', async () => {
    const names = ['version', 'uuid_exists nobody', 'sofia status', 'uuid_exists somebody'];
    const answers = await Promise.all(names.map((name) => bench.ms.api(name)));
    expect([answers[1], answers[3]]).toEqual(['false', 'false']);
    expect(answers[2]).toContain(bench.backend.esl.profile);
  });

  it('what it does not know is an error, not a success', async () => {
    expect(await bench.ms.api('uuid_audio_fork x start')).toMatch(/^-ERR/);
    expect(await bench.ms.api('no_such_command')).toBe('-ERR no_such_command Command not found!\n');
    expect(await bench.ms.api('uuid_record nobody start /tmp/x.wav')).toMatch(/^-/);
  });

  it('an application that does not exist ends the call, as FreeSWITCH ends it', async () => {
    const { endpoint } = await bench.party();
    void endpoint.execute('no_such_application');
    await eventually(() => bench.ms.api(`uuid_exists ${endpoint.uuid}`)).toBe('false');
  });

  it('an application that goes takes its call with it', async () => {
    const { endpoint } = await bench.party();
    const bye = nextEvent(endpoint.dialog, 'destroy');
    endpoint.conn.socket.destroy();
    await bye;
    await eventually(() => bench.ms.api(`uuid_exists ${endpoint.uuid}`)).toBe('false');
  });

  it('a far end that falls silent ends the call with MEDIA_TIMEOUT', async () => {
    const { phone, endpoint } = await bench.party();
    await endpoint.set('media_timeout', '1000');
    // FreeSWITCH looks at the variable when media changes.
    await endpoint.modify(phone.sdp({ version: 2 }));
    const reasons: string[] = [];
    endpoint.on('destroy', (why?: { reason: string }) => reasons.push(why?.reason ?? ''));
    await eventually(() => phone.packets.length).toBeGreaterThan(5);
    phone.stopSending();
    await eventually(() => reasons).toEqual(['MEDIA_TIMEOUT']);
  });

  it('a hold is no excuse where media_timeout is set', async () => {
    const { phone, endpoint } = await bench.party();
    await endpoint.set({ media_timeout: '500', media_hold_timeout: '60000' });
    const reasons: string[] = [];
    endpoint.on('destroy', (why?: { reason: string }) => reasons.push(why?.reason ?? ''));
    await eventually(() => phone.packets.length).toBeGreaterThan(5);
    await endpoint.modify(phone.sdp({ direction: 'sendonly', version: 2 }));
    phone.stopSending();
    await eventually(() => reasons).toEqual(['MEDIA_TIMEOUT']);
  });

  it('several applications at once, each with its own calls', async () => {
    const other = await bench.connect();
    const a = await bench.party();
    const phone = await bench.rtpPhone();
    const endpoint = await other.createEndpoint({ remoteSdp: phone.sdp() });
    phone.follow(endpoint.local.sdp);
    phone.say(700);
    await a.endpoint.bridge(endpoint.uuid);
    await eventually(() => a.phone.hears(700)).toBe(true);
    await endpoint.destroy();
  });
});

describeMediaServers(
  'connecting, embedded',
  (bench) => {
    it('a heartbeat tells the load', async () => {
      await bench.party();
      await eventually(() => bench.ms.currentSessions).toBe(1);
      expect(bench.ms.maxSessions).toBe(2);
      expect(bench.ms.cpuIdle).toBeGreaterThanOrEqual(0);
      expect(bench.ms.fsVersion).toContain('embedded');
    });

    it('calls beyond the limit are refused with 503', async () => {
      await bench.party();
      await bench.party();
      const phone = await bench.rtpPhone();
      await expect(bench.endpoint({ remoteSdp: phone.sdp() })).rejects.toMatchObject({ status: 503 });
    });
  },
  { only: 'embedded', embedded: { heartbeatMs: 100, maxSessions: 2 } },
);
