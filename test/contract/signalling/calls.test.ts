import { expect, it } from 'vitest';
import { describeServers } from '../../support/contract-bench.js';
import { until } from '../../support/poll.js';
import { sdp } from '../../support/sip-phone/index.js';
import { NEXT_SDP, OUR_SDP, Rig, phoneHangsUp } from './rig.js';

describeServers('signalling: calls', (bench) => {
  it('start tells the server and where it listens', async () => {
    const rig = await Rig.start(bench, {}, { server: 'embedded' });
    expect(rig.info.server).toBe('embedded');
    const { host, port } = bench.sip();
    expect(rig.info.listening).toContain(`udp:${host}:${port}`);
    expect(rig.signalling.connected()).toBe(true);
    await rig.signalling.stop();
    expect(rig.signalling.connected()).toBe(false);
  });

  it('an incoming call: ring, answer, BYE from the caller with headers', async () => {
    const rig = await Rig.start(bench);
    const { call, leg, told, offer, phone } = await rig.calling({
      headers: [
        ['X-First', '1'],
        ['P-Asserted-Identity', '<sip:+1612@h>'],
        ['P-Asserted-Identity', '<tel:+1612>'],
        ['X-second', 'two'],
      ],
    });
    expect(offer.from).toEqual({ user: 'alice', host: '127.0.0.1', display: null });
    expect(offer.requestUri.user).toBe('service');
    expect(offer.requestUri.text).toMatch(/^sip:service@127\.0\.0\.1:\d+$/);
    expect(offer.source).toEqual({ address: '127.0.0.1', port: phone.address.port, transport: 'udp' });
    expect(offer.sdp).toBe(sdp({ host: '127.0.0.1', user: 'alice' }));
    expect(offer.header('p-asserted-identity')).toBe('<sip:+1612@h>');
    expect(offer.header('x-nothing')).toBeUndefined();
    expect(offer.customHeaders).toEqual([
      ['X-First', '1'],
      ['X-second', 'two'],
    ]);
    expect(leg.sipCallId).toBe(call.callId);
    leg.ring(180, 'Ringing', null);
    await call.expect(180);
    leg.ring(183, 'Session Progress', OUR_SDP);
    expect((await call.expect(183)).body).toBe(OUR_SDP);
    leg.answer(OUR_SDP);
    const ok = await call.expect(200);
    expect(ok.body).toBe(OUR_SDP);
    expect(ok.get('allow')).toContain('UPDATE');
    expect(ok.get('supported')).toContain('100rel');
    call.ack(ok);
    // A BYE right behind the ACK would hide it: srf shows an ACK one turn later.
    await until(() => told.ladder.includes('< ACK'), 'the ACK');
    call.bye({
      headers: [
        ['Reason', 'Q.850;cause=16;text="bye, all"'],
        ['X-Why', 'because'],
      ],
    });
    await call.expect(200);
    const event = await told.next('hungUp');
    expect(event).toEqual({ type: 'hungUp', q850: 16, reason: 'bye, all', headers: [['X-Why', 'because']] });
    expect(told.ladder).toEqual([
      '< INVITE +sdp',
      '> 180 Ringing',
      '> 183 Session Progress +sdp',
      '> 200 OK (INVITE) +sdp',
      '< ACK',
      '< BYE',
      '> 200 OK (BYE)',
    ]);
  });

  it('an incoming call that we leave: BYE with headers, closed', async () => {
    const rig = await Rig.start(bench);
    const { call, leg, told } = await rig.answered();
    leg.bye([
      ['Reason', 'Q.850;cause=16'],
      ['X-Session', 'abc'],
    ]);
    leg.bye([]);
    const bye = await call.expect('BYE');
    expect(bye.get('x-session')).toBe('abc');
    expect(bye.get('reason')).toBe('Q.850;cause=16');
    call.respond(bye, 200);
    await told.next('closed');
    await told.silent();
  });

  it('an incoming call rejected with headers', async () => {
    const rig = await Rig.start(bench);
    const { call, leg, told } = await rig.calling();
    leg.reject(302, 'Moved Temporarily', [['X-Redirect', 'yes']]);
    const response = await call.expect(302);
    expect(response.get('x-redirect')).toBe('yes');
    call.ack(response);
    await told.next('closed');
    leg.answer(OUR_SDP);
    leg.bye([]);
    await told.silent();
  });

  it('what the engine asks for while it is offered the call is done', async () => {
    const rig = await Rig.start(bench);
    rig.policy = (_offer, leg, accepted) => {
      leg.ring(180, 'Ringing', null);
      leg.answer(OUR_SDP);
      return accepted;
    };
    const { call, told } = await rig.calling();
    await call.expect(180);
    const ok = await call.expect(200);
    call.ack(ok);
    await phoneHangsUp({ call, told });
  });

  it('a late offer: ours in the 200, the answer in the ACK', async () => {
    const rig = await Rig.start(bench);
    const { call, leg, told, offer } = await rig.calling({ body: '' });
    expect(offer.sdp).toBeNull();
    leg.answer(OUR_SDP);
    const ok = await call.expect(200);
    expect(ok.body).toBe(OUR_SDP);
    const answer = sdp({ user: 'alice', port: 40_100 });
    call.ack(ok, { body: answer });
    expect((await told.next('acked')).sdp).toBe(answer);
    await phoneHangsUp({ call, told });
  });

  it('CANCEL from the caller', async () => {
    const rig = await Rig.start(bench);
    const { call, leg, told } = await rig.calling();
    leg.ring(180, 'Ringing', null);
    await call.expect(180);
    call.cancel({ headers: [['Reason', 'SIP;cause=200;text="Call completed elsewhere"']] });
    call.ack(await call.expect(487));
    const event = await told.next('hungUp');
    expect(event.q850).toBeNull();
    expect(event.reason).toBe('Call completed elsewhere');
    leg.answer(OUR_SDP);
    leg.ring(180, 'Ringing', null);
    leg.reject(480, 'Gone', []);
    await told.silent();
  });

  it('a call out: provisional responses, answer, BYE from us', async () => {
    const rig = await Rig.start(bench);
    const { call, invite, leg, told } = await rig.called();
    await until(() => leg.sipCallId === invite.callId, 'the Call-ID');
    expect(invite.body).toBe(OUR_SDP);
    expect(invite.get('allow')).toContain('INVITE');
    call.respond(invite, 180);
    expect(await told.next('progress')).toEqual({
      type: 'progress',
      code: 180,
      reason: 'Ringing',
      sdp: null,
    });
    const early = sdp({ user: 'bob', port: 41_000 });
    call.respond(invite, 183, { reason: 'Session Progress', body: early });
    expect((await told.next('progress')).sdp).toBe(early);
    call.accept(invite);
    expect((await told.next('answered')).sdp).toContain('m=audio');
    await call.expect('ACK');
    leg.bye([['X-Reason', 'done']]);
    const bye = await call.expect('BYE');
    expect(bye.get('x-reason')).toBe('done');
    call.respond(bye, 200);
    await told.next('closed');
    expect(told.ladder.filter((line) => !line.includes('100'))).toEqual([
      '> INVITE +sdp',
      '< 180 Ringing',
      '< 183 Session Progress +sdp',
      '< 200 OK (INVITE) +sdp',
      '> ACK',
      '> BYE',
      '< 200 OK (BYE)',
    ]);
  });

  it('a call out that the far end leaves', async () => {
    const rig = await Rig.start(bench);
    const called = await rig.talking();
    await phoneHangsUp(called);
    called.leg.bye([]);
    called.leg.reoffer(NEXT_SDP);
    await called.told.silent();
  });

  it('a call out without an offer: the answer goes into the ACK', async () => {
    const rig = await Rig.start(bench);
    const { call, invite, leg, told } = await rig.called({}, null);
    expect(invite.body).toBe('');
    const theirs = sdp({ user: 'bob', port: 41_200 });
    call.respond(invite, 200, { body: theirs });
    expect((await told.next('answered')).sdp).toBe(theirs);
    expect(call.take('ACK')).toBeUndefined();
    leg.ack(OUR_SDP);
    expect((await call.expect('ACK')).body).toBe(OUR_SDP);
    await phoneHangsUp({ call, told });
  });

  it('a call out without an offer, left before its ACK: ACK and BYE', async () => {
    const rig = await Rig.start(bench);
    const { call, invite, leg, told } = await rig.called({}, null);
    call.accept(invite);
    await told.next('answered');
    leg.bye([['X-Why', 'no']]);
    await call.expect('ACK');
    const bye = await call.expect('BYE');
    expect(bye.get('x-why')).toBe('no');
    call.respond(bye, 200);
    await told.next('closed');
  });

  it('a call out without an offer, left by the far end before our ACK', async () => {
    const rig = await Rig.start(bench);
    const { call, invite, leg, told } = await rig.called({}, null);
    call.accept(invite);
    await told.next('answered');
    call.bye();
    await call.expect(200);
    await told.next('hungUp');
    leg.ack(OUR_SDP);
    await told.silent();
  });

  it('the answer of the winning fork counts when the 200 leaves it out', async () => {
    const rig = await Rig.start(bench);
    const { call, invite, told } = await rig.called();
    const [one, two] = [sdp({ port: 41_300 }), sdp({ port: 41_302 })];
    call.respond(invite, 183, { body: one, tag: 'fork1' });
    call.respond(invite, 183, { body: two, tag: 'fork2' });
    await told.next('progress');
    await told.next('progress');
    call.localTag = 'fork1';
    call.respond(invite, 200);
    expect((await told.next('answered')).sdp).toBe(one);
    await call.expect('ACK');
    await phoneHangsUp({ call, told });
  });
});
