import { expect, it } from 'vitest';
import { describeServers } from '../../support/contract-bench.js';
import { until } from '../../support/poll.js';
import { sdp } from '../../support/sip-phone/index.js';
import { NEXT_SDP, OUR_SDP, Rig, phoneHangsUp } from './rig.js';

const THEIRS = sdp({ user: 'bob', port: 42_000, version: 2 });

describeServers('signalling: offers in a dialog', (bench) => {
  it('our re-INVITE is accepted, then another one refused', async () => {
    const rig = await Rig.start(bench);
    const called = await rig.talking();
    const { call, leg, told } = called;
    leg.reoffer(NEXT_SDP);
    const first = await call.expect('INVITE');
    expect(first.body).toBe(NEXT_SDP);
    call.respond(first, 200, { body: THEIRS });
    expect((await told.next('reofferAccepted')).sdp).toBe(THEIRS);
    await call.expect('ACK');
    leg.reoffer(OUR_SDP);
    const second = await call.expect('INVITE');
    call.respond(second, 488, { reason: 'Not Acceptable Here', headers: [['Retry-After', '3']] });
    const { refusal } = await told.next('reofferRefused');
    expect(refusal).toEqual({
      code: 488,
      reason: 'Not Acceptable Here',
      q850: null,
      retryAfterMs: 3000,
      by: 'far_end',
    });
    leg.reoffer(NEXT_SDP);
    call.respond(await call.expect('INVITE'), 491);
    expect((await told.next('reofferRefused')).refusal.code).toBe(491);
    await phoneHangsUp(called);
  });

  it('towards a caller too, but not before the ACK of our 200', async () => {
    const rig = await Rig.start(bench);
    const { call, leg, told } = await rig.calling();
    leg.answer(OUR_SDP);
    const ok = await call.expect(200);
    leg.reoffer(NEXT_SDP);
    await told.silent(20);
    expect(call.take('INVITE')).toBeUndefined();
    call.ack(ok);
    call.accept(await call.expect('INVITE'));
    await told.next('reofferAccepted');
    await call.expect('ACK');
    await phoneHangsUp({ call, told });
  });

  it('their re-INVITE is ours to answer, a hold as any other', async () => {
    const rig = await Rig.start(bench);
    const called = await rig.talking();
    const { call, leg, told } = called;
    for (const direction of ['sendonly', 'sendrecv', 'inactive', 'sendrecv'] as const) {
      const offer = sdp({ user: 'bob', direction });
      call.invite({ body: offer });
      const event = await told.next('offer');
      expect(event.sdp).toBe(offer);
      leg.acceptOffer(event.offerId, NEXT_SDP);
      leg.acceptOffer(event.offerId, OUR_SDP);
      const ok = await call.expect(200);
      expect(ok.body).toBe(NEXT_SDP);
      expect(ok.get('contact')).toBeDefined();
      call.ack(ok);
    }
    await phoneHangsUp(called);
  });

  it('the same re-INVITE again (a session refresh) is an offer as any other', async () => {
    const rig = await Rig.start(bench);
    const called = await rig.answered();
    const { call, leg, told } = called;
    for (let i = 0; i < 2; i++) {
      call.invite();
      const { offerId } = await told.next('offer');
      leg.acceptOffer(offerId, OUR_SDP);
      call.ack(await call.expect(200));
    }
    await phoneHangsUp(called);
  });

  it('their re-INVITE refused', async () => {
    const rig = await Rig.start(bench);
    const called = await rig.talking();
    const { call, leg, told } = called;
    call.invite();
    const { offerId } = await told.next('offer');
    leg.refuseOffer(offerId, 488, 'Not Acceptable Here');
    const response = await call.expect(488);
    expect(response.reason).toBe('Not Acceptable Here');
    call.ack(response);
    await phoneHangsUp(called);
  });

  it('an offerless re-INVITE: our offer, their answer in the ACK', async () => {
    const rig = await Rig.start(bench);
    const called = await rig.talking();
    const { call, leg, told } = called;
    call.invite({ body: '' });
    const { offerId, sdp: offer } = await told.next('offer');
    expect(offer).toBeNull();
    leg.acceptOffer(offerId, NEXT_SDP);
    const ok = await call.expect(200);
    expect(ok.body).toBe(NEXT_SDP);
    call.ack(ok, { body: THEIRS });
    expect((await told.next('acked')).sdp).toBe(THEIRS);
    await phoneHangsUp(called);
  });

  it('UPDATE: with an offer it is one, without it is answered', async () => {
    const rig = await Rig.start(bench);
    const called = await rig.answered();
    const { call, leg, told } = called;
    call.send('UPDATE');
    expect((await call.expect(200)).body).toBe('');
    const offer = sdp({ user: 'alice', direction: 'sendonly' });
    call.send('UPDATE', { body: offer });
    const event = await told.next('offer');
    expect(event.sdp).toBe(offer);
    leg.acceptOffer(event.offerId, NEXT_SDP);
    expect((await call.expect(200)).body).toBe(NEXT_SDP);
    await phoneHangsUp(called);
  });

  it('glare: 491 for a re-INVITE and an UPDATE that cross ours', async () => {
    const rig = await Rig.start(bench);
    const called = await rig.talking();
    const { call, leg, told } = called;
    leg.reoffer(NEXT_SDP);
    const ours = await call.expect('INVITE');
    call.invite();
    call.ack(await call.expect(491));
    call.send('UPDATE', { body: THEIRS });
    await call.expect(491);
    call.respond(ours, 491);
    expect((await told.next('reofferRefused')).refusal).toMatchObject({ code: 491, by: 'far_end' });
    await phoneHangsUp(called);
  });

  it('a second offer of theirs while the first is unanswered: 500 with Retry-After', async () => {
    const rig = await Rig.start(bench);
    const called = await rig.talking();
    const { call, leg, told } = called;
    const first = call.invite();
    const { offerId } = await told.next('offer');
    call.send('UPDATE', { body: THEIRS });
    const refused = await call.expect(500);
    expect(Number(refused.get('retry-after'))).toBeLessThan(10);
    leg.reoffer(NEXT_SDP);
    expect((await told.next('reofferRefused')).refusal).toMatchObject({ code: 491, by: 'local' });
    leg.acceptOffer(offerId, NEXT_SDP);
    call.lastInvite = first;
    call.ack(await call.expect(200), { cseq: first.cseq });
    await phoneHangsUp(called);
  });

  it('a second reoffer of ours while the first is pending is refused locally', async () => {
    const rig = await Rig.start(bench);
    const called = await rig.talking();
    const { call, leg, told } = called;
    leg.reoffer(NEXT_SDP);
    leg.reoffer(NEXT_SDP);
    expect((await told.next('reofferRefused')).refusal).toMatchObject({ code: 491, by: 'local' });
    call.accept(await call.expect('INVITE'));
    await told.next('reofferAccepted');
    await call.expect('ACK');
    await phoneHangsUp(called);
  });

  it('a re-INVITE nobody answers is given up, and cancelled', async () => {
    const rig = await Rig.start(bench, { reoffer: 200 });
    const { call, leg, told } = await rig.talking();
    leg.reoffer(NEXT_SDP);
    const invite = await call.expect('INVITE');
    call.respond(invite, 100);
    expect((await told.next('reofferRefused')).refusal).toMatchObject({ code: 408, by: 'local' });
    leg.reoffer(NEXT_SDP);
    expect((await told.next('reofferRefused')).refusal).toMatchObject({ code: 491, by: 'local' });
    if (!bench.real) {
      const cancel = await call.expect('CANCEL');
      call.respond(cancel, 200);
      call.respond(invite, 487);
      await call.expect('ACK');
    }
    leg.bye([]);
    call.respond(await call.expect('BYE'), 200);
    await told.next('closed');
  });

  it('a provisional response to our re-INVITE does not keep us waiting', async () => {
    const rig = await Rig.start(bench, { reoffer: 300 });
    const { call, leg, told } = await rig.talking();
    leg.reoffer(NEXT_SDP);
    const invite = await call.expect('INVITE');
    call.respond(invite, 183, { reason: 'Session Progress' });
    call.accept(invite);
    // The real server loses the final response behind a provisional one (pitfall 8).
    if (bench.real)
      expect((await told.next('reofferRefused')).refusal).toMatchObject({ code: 408, by: 'local' });
    else await told.next('reofferAccepted');
    leg.bye([]);
    call.respond(await call.expect('BYE'), 200);
    await told.next('closed');
  });

  it('bodies and demands we do not understand', async () => {
    const rig = await Rig.start(bench);
    const called = await rig.talking();
    const { call, told } = called;
    call.invite({ type: 'text/plain', body: 'hello' });
    const media = await call.expect(415);
    expect(media.get('accept')).toBe('application/sdp');
    call.ack(media);
    call.invite({ headers: [['Require', 'precondition']] });
    const extension = await call.expect(420);
    expect(extension.get('unsupported')).toBe('precondition');
    call.ack(extension);
    await told.silent();
    await phoneHangsUp(called);
  });

  it('ACK and re-INVITE right behind each other', async () => {
    const rig = await Rig.start(bench);
    const { call, leg, told } = await rig.calling({ body: '' });
    leg.answer(OUR_SDP);
    call.ack(await call.expect(200), { body: THEIRS });
    call.invite({ body: THEIRS });
    await told.next('acked');
    leg.acceptOffer((await told.next('offer')).offerId, NEXT_SDP);
    call.ack(await call.expect(200));
    await until(() => told.ladder.filter((line) => line.startsWith('< ACK')).length === 2, 'both ACKs');
    await phoneHangsUp({ call, told });
  });
});
