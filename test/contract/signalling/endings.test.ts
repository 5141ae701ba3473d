import { expect, it } from 'vitest';
import { describeServers } from '../../support/contract-bench.js';
import { sdp } from '../../support/sip-phone/index.js';
import { OUR_SDP, Rig, phoneHangsUp } from './rig.js';

describeServers('signalling: cancelling and leaving', (bench) => {
  it('CANCEL while it rings', async () => {
    const rig = await Rig.start(bench);
    const { call, invite, leg, told } = await rig.called();
    call.respond(invite, 180);
    await told.next('progress');
    leg.cancel([]);
    leg.cancel([]);
    leg.bye([]);
    call.respond(await call.expect('CANCEL'), 200);
    call.respond(invite, 487, { reason: 'Request Terminated' });
    expect((await told.next('refused')).refusal).toMatchObject({ code: 487, by: 'far_end' });
    await call.expect('ACK');
    expect(call.take('CANCEL')).toBeUndefined();
    await told.silent();
  });

  it('CANCEL in the tick of the dial, before any response: it waits for one', async () => {
    const rig = await Rig.start(bench);
    const phone = await bench.phone({ user: 'bob' });
    const { leg, told } = rig.dial(phone.uri);
    leg.cancel([]);
    const invite = await phone.expect('INVITE');
    const call = phone.answering(invite);
    await told.silent(50);
    // RFC 3261 9.1: no CANCEL before a provisional response.
    expect(call.take('CANCEL')).toBeUndefined();
    call.respond(invite, 180);
    call.respond(await call.expect('CANCEL'), 200);
    call.respond(invite, 487);
    expect((await told.next('refused')).refusal).toMatchObject({ code: 487, by: 'far_end' });
    await call.expect('ACK');
  });

  it('the 200 crosses our CANCEL: answered, ACK, BYE, one end', async () => {
    const rig = await Rig.start(bench);
    const { call, invite, leg, told } = await rig.called();
    call.respond(invite, 180);
    await told.next('progress');
    told.react = (event) => {
      if (event.type === 'answered') leg.bye([]);
    };
    leg.cancel([]);
    call.respond(await call.expect('CANCEL'), 481);
    call.accept(invite);
    await told.next('answered');
    await call.expect('ACK');
    call.respond(await call.expect('BYE'), 200);
    await told.next('closed');
    await told.silent();
  });

  it('the same without an offer: ACK with their own, BYE, one end', async () => {
    const rig = await Rig.start(bench);
    const { call, invite, leg, told } = await rig.called({}, null);
    call.respond(invite, 180);
    await told.next('progress');
    leg.cancel([]);
    call.respond(await call.expect('CANCEL'), 481);
    call.accept(invite);
    await told.next('answered');
    leg.bye([]);
    await call.expect('ACK');
    call.respond(await call.expect('BYE'), 200);
    await told.next('closed');
    await told.silent();
  });

  it('no final response after our CANCEL: given up; a 200 that comes even later is ACKed and BYEd', async () => {
    const rig = await Rig.start(bench, { cancelled: 150 });
    const { call, invite, leg, told } = await rig.called();
    call.respond(invite, 180);
    await told.next('progress');
    leg.cancel([]);
    call.respond(await call.expect('CANCEL'), 200);
    expect((await told.next('refused')).refusal).toMatchObject({ code: 487, by: 'local' });
    call.accept(invite);
    await call.expect('ACK');
    call.respond(await call.expect('BYE'), 200);
    await told.silent();
  });

  it('no response at all within the deadline: given up and cancelled', async () => {
    const rig = await Rig.start(bench, { firstResponse: 150 });
    const { call, invite, told } = await rig.called();
    expect((await told.next('refused')).refusal).toMatchObject({ code: 408, by: 'local' });
    call.respond(invite, 180);
    call.respond(await call.expect('CANCEL'), 200);
    call.respond(invite, 487);
    await call.expect('ACK');
    await told.silent();
  });

  it('BYEs that cross: closed, once', async () => {
    const rig = await Rig.start(bench);
    const { call, leg, told } = await rig.talking();
    leg.bye([]);
    const ours = await call.expect('BYE');
    call.bye();
    call.respond(ours, 200);
    const response = await call.expect((m) => m.status >= 200 && m.need('cseq').endsWith('BYE'));
    expect([200, 481]).toContain(response.status);
    await told.next('closed');
    await told.silent();
  });

  it('BYE that nobody answers: closed all the same', async () => {
    const rig = await Rig.start(bench, { bye: 150 });
    const { call, leg, told } = await rig.talking();
    leg.bye([]);
    await call.expect('BYE');
    await told.next('closed');
    await told.silent();
  });

  it('BYE answered with 481 is an end like any other', async () => {
    const rig = await Rig.start(bench);
    const { call, leg, told } = await rig.talking();
    leg.bye([]);
    call.respond(await call.expect('BYE'), 481);
    await told.next('closed');
  });

  it('towards a caller BYE waits for the ACK of our 200', async () => {
    const rig = await Rig.start(bench);
    const { call, leg, told } = await rig.calling();
    leg.answer(OUR_SDP);
    leg.bye([['X-Why', 'gone']]);
    const ok = await call.expect(200);
    await told.silent(20);
    expect(call.take('BYE')).toBeUndefined();
    call.ack(ok);
    const bye = await call.expect('BYE');
    expect(bye.get('x-why')).toBe('gone');
    call.respond(bye, 200);
    await told.next('closed');
  });

  it('a BYE right behind the 200 is not lost', async () => {
    const rig = await Rig.start(bench);
    const { call, invite, told } = await rig.called();
    call.accept(invite);
    call.bye();
    await told.next('answered');
    await told.next('hungUp');
    await told.silent();
  });

  it('BYE of ours while our re-INVITE is pending', async () => {
    const rig = await Rig.start(bench);
    const { call, leg, told } = await rig.talking();
    leg.reoffer(OUR_SDP);
    const invite = await call.expect('INVITE');
    call.respond(invite, 100);
    leg.bye([]);
    const bye = await call.expect('BYE');
    call.respond(bye, 200);
    call.respond(invite, 487);
    await told.next('closed');
    const cancel = call.take('CANCEL');
    if (cancel !== undefined) call.respond(cancel, 200);
    await told.silent();
  });

  it('their re-INVITE while our BYE is pending: 481', async () => {
    const rig = await Rig.start(bench);
    const { call, leg, told } = await rig.talking();
    leg.bye([]);
    const bye = await call.expect('BYE');
    call.invite({ body: sdp({ user: 'bob' }) });
    call.ack(await call.expect((m) => m.status >= 400));
    call.respond(bye, 200);
    await told.next('closed');
    await told.silent();
  });

  it('no ACK for our 200: the server ends the call', { timeout: 60_000 }, async () => {
    // The real server waits 32 s whatever its timers are.
    const patience = bench.real ? 32_000 : bench.timers.t1x64;
    const rig = await Rig.start(bench);
    const { call, leg, told } = await rig.calling();
    leg.answer(OUR_SDP);
    await call.expect(200);
    const bye = await call.expect('BYE', patience + 2000);
    expect((await told.next('hungUp')).reason).toBe('ACK timeout');
    call.respond(bye, 200);
    await told.silent();
  });

  it('an unanswered caller gets a provisional response again and again', async () => {
    const rig = await Rig.start(bench, { provisional: 100 });
    const { call, leg, told } = await rig.calling();
    await call.expect(180);
    leg.ring(183, 'Session Progress', OUR_SDP);
    await call.expect(183);
    expect((await call.expect(183)).body).toBe(OUR_SDP);
    leg.answer(OUR_SDP);
    call.ack(await call.expect(200));
    await phoneHangsUp({ call, told });
  });
});
