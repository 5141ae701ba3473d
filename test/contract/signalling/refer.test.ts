import { expect, it } from 'vitest';
import type { ReferWay } from '../../../src/domain/plan.js';
import { describeServers } from '../../support/contract-bench.js';
import type { PhoneCall, SipMessage } from '../../support/sip-phone/index.js';
import { OUR_SDP, Rig, phoneHangsUp } from './rig.js';

const WAY: ReferWay = {
  method: 'refer',
  after: null,
  trunk: null,
  referTo: '<sip:carol@127.0.0.1>',
  referredBy: null,
  headers: [],
  auth: null,
};

const ALICE = { username: 'alice', password: 'secret' };

describeServers('signalling: REFER of ours', (bench) => {
  it('goes into the dialog with what the way says, and is reported on to the end', async () => {
    const rig = await Rig.start(bench);
    const called = await rig.talking();
    const { call, leg, told } = called;
    const headers = [['X-Call-Reason', 'support']] as const;
    leg.refer(7, { ...WAY, referredBy: '<sip:bot@127.0.0.1>', headers });
    const refer = await call.expect('REFER');
    expect(refer.get('refer-to')).toBe('<sip:carol@127.0.0.1>');
    expect(refer.get('referred-by')).toBe('<sip:bot@127.0.0.1>');
    expect(refer.get('x-call-reason')).toBe('support');
    expect(refer.contactUri).toContain(`127.0.0.1:${bench.sip().port}`);
    call.respond(refer, 202);
    expect(await told.next('referAnswered')).toEqual({ type: 'referAnswered', referral: 7, refusal: null });
    const stages = [
      ['SIP/2.0 100 Trying', 'active;expires=60', 100, 'Trying', false],
      ['SIP/2.0 180 Ringing', 'Active', 180, 'Ringing', false],
      ['SIP/2.0 200 OK', 'Terminated;reason=noresource', 200, 'OK', true],
    ] as const;
    for (const [line, state, code, reason, terminated] of stages) {
      call.notify(line, state);
      await call.expect('200 NOTIFY');
      const event = { type: 'notified', referral: 7, status: { code, reason }, terminated };
      expect(await told.next('notified')).toEqual(event);
    }
    call.notify('SIP/2.0 200 OK', 'terminated');
    await call.expect('481 NOTIFY');
    await phoneHangsUp(called);
  });

  it('on a caller’s leg too, and a tel URI as the target', async () => {
    const rig = await Rig.start(bench);
    const answered = await rig.answered();
    const { call, leg, told } = answered;
    leg.refer(1, { ...WAY, referTo: '<tel:+16125550100>' });
    const refer = await call.expect('REFER');
    expect(refer.get('refer-to')).toBe('<tel:+16125550100>');
    call.respond(refer, 200, { reason: 'OK' });
    expect((await told.next('referAnswered')).refusal).toBeNull();
    await phoneHangsUp(answered);
  });

  it('asked for before the ACK of our 200, it waits for it', async () => {
    const rig = await Rig.start(bench);
    const { call, leg, told } = await rig.calling();
    leg.answer(OUR_SDP);
    leg.refer(1, WAY);
    const ok = await call.expect(200);
    await told.silent(30);
    expect(call.take('REFER')).toBeUndefined();
    call.ack(ok);
    call.respond(await call.expect('REFER'), 403, { reason: 'No' });
    expect((await told.next('referAnswered')).refusal).toMatchObject({ code: 403, by: 'far_end' });
    await phoneHangsUp({ call, told });
  });

  it.each([403, 405, 501, 603])('refused with %i', async (status) => {
    const rig = await Rig.start(bench);
    const called = await rig.talking();
    const { call, leg, told } = called;
    leg.refer(1, WAY);
    call.respond(await call.expect('REFER'), status, { reason: 'No', headers: [['Retry-After', '3']] });
    const { refusal } = await told.next('referAnswered');
    expect(refusal).toMatchObject({ code: status, reason: 'No', by: 'far_end', retryAfterMs: 3000 });
    call.notify('SIP/2.0 100 Trying', 'active');
    await call.expect('481 NOTIFY');
    await phoneHangsUp(called);
  });

  it('refused before there is a dialog', async () => {
    const rig = await Rig.start(bench);
    const { call, invite, leg, told } = await rig.called();
    leg.refer(4, WAY);
    expect(await told.next('referAnswered')).toMatchObject({
      referral: 4,
      refusal: { code: 481, by: 'local' },
    });
    call.accept(invite);
    await call.expect('ACK');
    await told.next('answered');
    await phoneHangsUp({ call, told });
  });

  it('without a final response: given up by us, and its NOTIFYs come too late', async () => {
    const rig = await Rig.start(bench, { refer: 200 });
    const called = await rig.talking();
    const { call, leg, told } = called;
    leg.refer(1, WAY);
    const refer = await call.expect('REFER');
    expect((await told.next('referAnswered')).refusal).toMatchObject({ code: 408, by: 'local' });
    call.notify('SIP/2.0 200 OK', 'terminated', { event: `refer;id=${refer.cseq}` });
    await call.expect('481 NOTIFY');
    call.respond(refer, 202);
    await told.silent();
    await phoneHangsUp(called);
  });

  it('NOTIFYs overtake the 202, which may even get lost', async () => {
    const rig = await Rig.start(bench, { refer: 300 });
    const called = await rig.talking();
    const { call, leg, told } = called;
    leg.refer(1, WAY);
    const first = await call.expect('REFER');
    call.notify('SIP/2.0 100 Trying', 'active');
    expect((await told.next('notified')).status?.code).toBe(100);
    call.notify('SIP/2.0 503 Busy', 'terminated');
    expect(await told.next('notified')).toMatchObject({ status: { code: 503 }, terminated: true });
    call.respond(first, 202);
    expect((await told.next('referAnswered')).refusal).toBeNull();
    leg.refer(2, WAY);
    const second = await call.expect((m) => m.method === 'REFER' && m.cseq > first.cseq);
    call.notify('SIP/2.0 100 Trying', 'active', { event: `refer;id=${second.cseq}` });
    expect((await told.next('notified')).referral).toBe(2);
    expect(await told.next('referAnswered')).toMatchObject({ referral: 2, refusal: null });
    call.respond(second, 202);
    await phoneHangsUp(called);
  });

  it('two at a time are told apart by id; without one it is the latest', async () => {
    const rig = await Rig.start(bench);
    const called = await rig.talking();
    const { call, leg, told } = called;
    const sent: SipMessage[] = [];
    for (const referral of [1, 2]) {
      leg.refer(referral, WAY);
      const refer = await call.expect((m) => m.method === 'REFER' && m.cseq > (sent[0]?.cseq ?? 0));
      sent.push(refer);
      call.respond(refer, 202);
      await told.next('referAnswered');
    }
    const notify = (event: string, line: string, state: string): void => {
      const body = `${line}\r\n`;
      const headers = [
        ['o', event],
        ['Subscription-State', state],
      ] as const;
      call.send('NOTIFY', { body, type: 'message/sipfrag', headers });
    };
    notify(`refer;id=${sent[0]?.cseq}`, 'SIP/2.0 486 Busy Here', 'terminated');
    expect(await told.next('notified')).toMatchObject({ referral: 1, status: { code: 486 } });
    notify('REFER', 'SIP/2.0 180 Ringing', 'active');
    expect(await told.next('notified')).toMatchObject({ referral: 2, status: { code: 180 } });
    await call.expect('200 NOTIFY');
    await call.expect('200 NOTIFY');
    for (const event of ['refer;id=4711', `refer;id=${sent[0]?.cseq}`, 'refer;id=x', 'presence']) {
      // Not `terminated`: the real server would take that as the end of the dialog (#432).
      notify(event, 'SIP/2.0 200 OK', 'active');
      await call.expect('481 NOTIFY');
    }
    notify(`refer ; ID=${sent[1]?.cseq} ;foo`, 'SIP/2.0 200 OK', 'terminated');
    expect(await told.next('notified')).toMatchObject({
      referral: 2,
      status: { code: 200 },
      terminated: true,
    });
    await phoneHangsUp(called);
  });

  it('a second one after the first has failed', async () => {
    const rig = await Rig.start(bench);
    const called = await rig.talking();
    const { call, leg, told } = called;
    leg.refer(1, WAY);
    const first = await call.expect('REFER');
    call.respond(first, 202);
    call.notify('SIP/2.0 486 Busy Here', 'terminated;reason=noresource');
    await told.next('referAnswered');
    expect(await told.next('notified')).toMatchObject({ referral: 1, status: { code: 486 } });
    leg.refer(2, { ...WAY, referTo: '<sip:dave@127.0.0.1>' });
    const second = await call.expect((m) => m.method === 'REFER' && m.cseq > first.cseq);
    expect(second.get('refer-to')).toBe('<sip:dave@127.0.0.1>');
    call.respond(second, 202);
    await told.next('referAnswered');
    call.notify('SIP/2.0 200 OK', 'terminated', { event: `refer;id=${second.cseq}` });
    expect(await told.next('notified')).toMatchObject({ referral: 2, status: { code: 200 } });
    await phoneHangsUp(called);
  });

  it('bodies nobody can read, and stacks without Subscription-State', async () => {
    const rig = await Rig.start(bench);
    const called = await rig.talking();
    const { call, leg, told } = called;
    leg.refer(1, WAY);
    call.respond(await call.expect('REFER'), 202);
    await told.next('referAnswered');
    const event = ['Event', 'refer'] as const;
    call.send('NOTIFY', { headers: [event, ['Subscription-State', 'active']] });
    expect(await told.next('notified')).toMatchObject({ status: null, terminated: false });
    call.send('NOTIFY', { body: 'gibberish', type: 'message/sipfrag', headers: [event] });
    expect(await told.next('notified')).toMatchObject({ status: null, terminated: false });
    call.send('NOTIFY', { body: 'SIP/2.0 200 OK', type: 'text/plain', headers: [event] });
    expect(await told.next('notified')).toMatchObject({ status: null, terminated: false });
    call.send('NOTIFY', { body: 'SIP/2.0 183 Progress\n', type: 'message/sipfrag', headers: [event] });
    expect(await told.next('notified')).toMatchObject({ status: { code: 183 }, terminated: false });
    call.send('NOTIFY', { body: 'SIP/2.0 200 OK\n', type: 'message/SIPFRAG', headers: [event] });
    expect(await told.next('notified')).toMatchObject({ status: { code: 200 }, terminated: true });
    await phoneHangsUp(called);
  });
});

describeServers('signalling: REFER of ours, challenged', (bench) => {
  it('once; and not at all without credentials, or for a scheme we do not have', async () => {
    const rig = await Rig.start(bench);
    const called = await rig.talking({ auth: { username: 'leg', password: 'of-the-invite' } });
    const { call, leg, told } = called;
    const challenged = (refer: SipMessage, challenge: string): unknown =>
      call.respond(refer, 401, { headers: [['WWW-Authenticate', challenge]] });
    const digest = 'Digest realm="r", nonce="n"';
    leg.refer(1, { ...WAY, auth: ALICE });
    challenged(await call.fresh('REFER'), digest);
    challenged(await call.fresh('REFER'), digest);
    expect((await told.next('referAnswered')).refusal).toMatchObject({ code: 401, by: 'far_end' });
    leg.refer(2, WAY);
    challenged(await call.fresh('REFER'), digest);
    expect((await told.next('referAnswered')).refusal).toMatchObject({ code: 401 });
    leg.refer(3, { ...WAY, auth: ALICE });
    challenged(await call.fresh('REFER'), 'Bearer realm="r"');
    expect((await told.next('referAnswered')).refusal).toMatchObject({ code: 401 });
    expect(call.take('REFER')).toBeUndefined();
    await phoneHangsUp(called);
  });
});

describeServers('signalling: the BYE that overtakes the final NOTIFY', (bench) => {
  it('is told after it', async () => {
    const rig = await Rig.start(bench);
    for (const { call, leg, told } of [await rig.talking(), await rig.answered()]) {
      await accepted(call, leg, told);
      call.bye();
      await call.expect('200 BYE');
      await told.silent(50);
      call.notify('SIP/2.0 180 Ringing', 'active');
      await call.expect('200 NOTIFY');
      expect((await told.next('notified')).status?.code).toBe(180);
      await told.silent(50);
      call.notify('SIP/2.0 200 OK', 'terminated');
      await call.expect('200 NOTIFY');
      expect(await told.next('notified')).toMatchObject({ status: { code: 200 }, terminated: true });
      await told.next('hungUp');
      call.notify('SIP/2.0 200 OK', 'terminated');
      await call.expect('481 NOTIFY');
      await told.silent(20);
    }
  });

  it('is told after the deadline when none comes', async () => {
    const rig = await Rig.start(bench, { finalNotify: 150 });
    const { call, leg, told } = await rig.talking();
    await accepted(call, leg, told);
    call.bye({ headers: [['Reason', 'Q.850;cause=16']] });
    await call.expect('200 BYE');
    await told.silent(50);
    expect((await told.next('hungUp')).q850).toBe(16);
  });

  it('is told at once when nothing is to come: after the final NOTIFY, after a refusal', async () => {
    const rig = await Rig.start(bench, { finalNotify: 60_000 });
    const reported = await rig.talking();
    await accepted(reported.call, reported.leg, reported.told);
    reported.call.notify('SIP/2.0 200 OK', 'active;expires=10');
    expect((await reported.told.next('notified')).terminated).toBe(false);
    await phoneHangsUp(reported);
    const refused = await rig.talking();
    refused.leg.refer(1, WAY);
    refused.call.respond(await refused.call.expect('REFER'), 603);
    await refused.told.next('referAnswered');
    await phoneHangsUp(refused);
  });

  it('is told at once when the REFER was abandoned, before it or behind it', async () => {
    const rig = await Rig.start(bench, { finalNotify: 60_000 });
    const before = await rig.talking();
    await accepted(before.call, before.leg, before.told);
    before.call.notify('SIP/2.0 100 Trying', 'active');
    await before.told.next('notified');
    before.leg.abandonRefer(1);
    await phoneHangsUp(before);
    const behind = await rig.answered();
    await accepted(behind.call, behind.leg, behind.told);
    behind.call.bye();
    await behind.call.expect('200 BYE');
    behind.leg.abandonRefer(2);
    await behind.told.silent(50);
    behind.leg.abandonRefer(1);
    await behind.told.next('hungUp');
  });

  it('is over at once when we hang up ourselves meanwhile', async () => {
    const rig = await Rig.start(bench, { finalNotify: 60_000 });
    const { call, leg, told } = await rig.talking();
    await accepted(call, leg, told);
    call.bye();
    await call.expect('200 BYE');
    leg.bye([]);
    expect((await told.next('closed')).code).toBeNull();
    await told.silent(50);
    expect(call.take('BYE')).toBeUndefined();
  });

  it('a NOTIFY behind the BYE of another dialog, or from a stranger, is none of ours', async () => {
    const rig = await Rig.start(bench, { finalNotify: 400 });
    const { call, leg, told, phone } = await rig.talking();
    await accepted(call, leg, told);
    call.bye();
    await call.expect('200 BYE');
    const { remoteTag } = call;
    call.remoteTag = 'another';
    call.notify('SIP/2.0 200 OK', 'terminated');
    await call.expect('481 NOTIFY');
    call.remoteTag = remoteTag;
    const stranger = await bench.phone({ host: '127.0.0.9', user: phone.user });
    const forged = call.build('NOTIFY', {
      body: 'SIP/2.0 200 OK\r\n',
      type: 'message/sipfrag',
      headers: [
        ['Event', 'refer'],
        ['Subscription-State', 'terminated'],
      ],
    });
    stranger.send(forged.raw, bench.sip());
    await stranger.expect('481 NOTIFY');
    await told.next('hungUp');
    expect(told.types).not.toContain('notified');
  });
});

/** A REFER that was accepted, and is reported on. */
async function accepted(call: PhoneCall, leg: Referring, told: Hearing): Promise<void> {
  leg.refer(1, WAY);
  call.respond(await call.expect('REFER'), 202);
  await told.next('referAnswered');
}

type Talking = Awaited<ReturnType<Rig['talking']>>;
type Referring = Pick<Talking['leg'], 'refer'>;
type Hearing = Talking['told'];
