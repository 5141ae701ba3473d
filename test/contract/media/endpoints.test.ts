import { expect, it } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { describeMediaServers } from '../../support/media-bench.js';
import { nextEvent } from '../../support/poll.js';
import { autoAnswer, sdp } from '../../support/sip-phone/index.js';

describeMediaServers('endpoints', (bench) => {
  it('with SDP: one that talks to the address in it', async () => {
    const { endpoint, phone } = await bench.party();
    expect(endpoint.uuid).toMatch(/^[0-9a-f-]{36}$/);
    expect(endpoint.local.sdp).toContain(`m=audio ${endpoint.local.mediaPort} RTP/AVP 0 101`);
    expect(endpoint.local.sdp).toContain('a=rtpmap:101 telephone-event/8000');
    expect(endpoint.local.mediaIp).toBe('127.0.0.1');
    expect(endpoint.remote.mediaPort).toBe(String(phone.port));
    expect(endpoint.dtmfType).toBe('rfc2833');
    expect(endpoint.sip.callId).toBe(endpoint.dialog.sip.callId);
    await eventually(() => phone.hearsSilence).toBe(true);
  });

  it('without SDP: one that waits for it, and sends to nobody until then', async () => {
    const endpoint = await bench.endpoint();
    expect(endpoint.local.sdp).toMatch(/m=audio \d+ RTP\/AVP .*\b0\b.*\b8\b/);
    const phone = await bench.rtpPhone();
    const answer = await endpoint.modify(phone.sdp());
    phone.follow(answer);
    phone.say(440);
    expect(endpoint.local.sdp).toContain('RTP/AVP 0 101');
    expect(endpoint.remote.mediaPort).toBe(String(phone.port));
    await eventually(() => phone.hearsSilence).toBe(true);
    await eventually(async () => {
      const variables = await endpoint.getChannelVariables(true);
      return variables['variable_rtp_audio_in_packet_count'];
    }).toBeGreaterThan(5);
  });

  it('modify: another address, the same o= session with the next version', async () => {
    const { endpoint, phone } = await bench.party();
    const origin = (): string[] => /^o=(\S+ \S+) (\d+)/m.exec(endpoint.local.sdp)?.slice(1) ?? [];
    const [session, version] = origin();
    const other = await bench.rtpPhone(8);
    other.follow(await endpoint.modify(other.sdp()));
    const [nextSession, nextVersion] = origin();
    expect(nextSession).toBe(session);
    expect(Number(nextVersion)).toBe(Number(version) + 1);
    await eventually(() => other.hearsSilence).toBe(true);
    expect(other.packets.at(-1)?.payloadType).toBe(8);
    const before = phone.packets.length;
    await eventually(() => other.packets.length).toBeGreaterThan(20);
    expect(phone.packets.length - before).toBeLessThan(3);
  });

  it('modify to hold: nothing is sent, and the answer says so; and back', async () => {
    const { endpoint, phone } = await bench.party();
    await eventually(() => phone.packets.length).toBeGreaterThan(3);
    const held = await endpoint.modify(phone.sdp({ direction: 'inactive', version: 2 }));
    expect(held).toContain('a=inactive');
    const count = phone.packets.length;
    await endpoint.modify(phone.sdp({ direction: 'sendonly', version: 3 }));
    expect(endpoint.local.sdp).toContain('a=recvonly');
    expect(phone.packets.length - count).toBeLessThan(3);
    await endpoint.modify(phone.sdp({ version: 4 }));
    expect(endpoint.local.sdp).toContain('a=sendrecv');
    await eventually(() => phone.packets.length).toBeGreaterThan(count + 5);
  });

  it('codecs: the order asked for decides', async () => {
    const phone = await bench.rtpPhone();
    const endpoint = await bench.endpoint({
      remoteSdp: phone.sdp({ codecs: [0, 8, 101] }),
      codecs: ['PCMA', 'PCMU'],
    });
    expect(endpoint.local.sdp).toContain('RTP/AVP 8 101');
    const variables = await endpoint.getChannelVariables();
    expect(variables['variable_rtp_use_codec_name']).toBe('PCMA');
  });

  it('an offer with nothing in it that can be spoken is refused with 488', async () => {
    const offer = sdp()
      .replace('RTP/AVP 0 8 101', 'RTP/AVP 18')
      .replace(/a=rtpmap:.*\r\n/g, '');
    await expect(bench.endpoint({ remoteSdp: offer })).rejects.toMatchObject({ status: 488 });
  });

  it('m-lines keep their number and order, refused ones with port 0', async () => {
    const phone = await bench.rtpPhone();
    const video = 'm=video 50000 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n';
    const offer = phone.sdp().replace('m=audio', `${video}m=audio`);
    const endpoint = await bench.endpoint({ remoteSdp: offer });
    expect(
      [...endpoint.dialog.remote.sdp.matchAll(/^m=(\w+) (\d+)/gm)].map((m) => [m[1], m[2] === '0']),
    ).toEqual([
      ['video', true],
      ['audio', false],
    ]);
  });

  it('destroy: a BYE, and the endpoint is gone', async () => {
    const { endpoint } = await bench.party();
    const bye = nextEvent(endpoint.dialog, 'destroy');
    await endpoint.destroy();
    await bye;
    expect(await bench.ms.api(`uuid_exists ${endpoint.uuid}`)).toBe('false');
  });

  it('a BYE of the application ends it too', async () => {
    const { endpoint } = await bench.party();
    const gone = nextEvent(endpoint, 'destroy');
    await endpoint.dialog.destroy();
    await gone;
    await eventually(() => bench.ms.api(`uuid_exists ${endpoint.uuid}`)).toBe('false');
  });

  it('uuid_kill: the endpoint is told the cause', async () => {
    const { endpoint } = await bench.party();
    // Behind this the endpoint's subscription is in force: it travels on another connection than the kill.
    await endpoint.set('settled', 'yes');
    const gone = nextEvent(endpoint, 'destroy');
    expect(await bench.ms.api(`uuid_kill ${endpoint.uuid} USER_BUSY`)).toMatch(/^\+OK/);
    const [{ reason }] = (await gone) as [{ reason: string }];
    expect(reason).toBe('USER_BUSY');
  });

  it('connectCaller: the caller talks to the media server', async () => {
    const caller = await bench.sipPhone();
    const media = await bench.rtpPhone();
    caller.script(autoAnswer());
    const call = caller.call(bench.signalling.sip());
    call.invite({ body: media.sdp() });
    const { req, res } = await bench.app.next();
    const connecting = bench.ms.connectCaller(req, res);
    const ok = await call.expect(200);
    call.ack(ok);
    media.follow(ok.body);
    const { endpoint, dialog } = await connecting;
    media.say(700);
    await endpoint.play(bench.toneFile(1000, 300));
    expect(media.firstHeard(1000)).toBeDefined();
    await endpoint.destroy();
    await dialog.destroy();
  });

  it('variables: set, several at once, and exported', async () => {
    const { endpoint } = await bench.party();
    await endpoint.set('one', 'first value');
    await endpoint.set({ two: '2', three: 'c=d', four: "it's" });
    await endpoint.export('five', '5');
    const variables = await endpoint.getChannelVariables();
    const of = (name: string): unknown => variables[`variable_${name}`];
    expect([of('one'), of('two'), of('three'), of('four'), of('five')]).toEqual([
      'first value',
      '2',
      'c=d',
      "it's",
      '5',
    ]);
  });

  it('headers given to the endpoint are variables of its channel', async () => {
    const endpoint = await bench.endpoint({ headers: { 'X-Call-Name': 'caller leg' } });
    const { body } = await endpoint.api('uuid_getvar', [endpoint.uuid, 'sip_h_X-Call-Name']);
    expect(body).toBe('caller leg');
  });
});
