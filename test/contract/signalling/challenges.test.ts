import { expect, it } from 'vitest';
import type { ReferWay } from '../../../src/domain/plan.js';
import type { LegPort } from '../../../src/ports/signalling.js';
import { describeServers, type Bench } from '../../support/contract-bench.js';
import { until } from '../../support/poll.js';
import { FLAVOURS, REASONS, challenge, expectSigned, isSigned, type Flavour } from '../../support/digest.js';
import type { PhoneCall, SipMessage, SipPhone } from '../../support/sip-phone/index.js';
import { Relay } from './relay.js';
import { NEXT_SDP, OUR_SDP, Rig, phoneHangsUp, type Told } from './rig.js';

const AUTH = { username: 'trunk "7"', password: 'pässword' };
const MD5: Flavour = { status: 407, algorithm: 'MD5', qop: 'auth' };

const WAY: ReferWay = {
  method: 'refer',
  after: null,
  trunk: null,
  referTo: '<sip:carol@127.0.0.1>',
  referredBy: null,
  headers: [],
  auth: AUTH,
};

interface Side {
  readonly phone: SipPhone;
  readonly call: PhoneCall;
  readonly leg: LegPort;
  readonly told: Told;
}

/** Both kinds of legs, at far ends whose Contact is not what they were called by. */
const SIDES: Record<string, (rig: Rig) => Promise<Side>> = {
  'dialled leg': async (rig) => {
    const called = await rig.called({ auth: AUTH });
    called.call.contact = `<sip:seven@${called.phone.hostPort};line=7>`;
    called.call.accept(called.invite);
    await called.call.expect('ACK');
    await called.told.next('answered');
    called.call.remoteCseq = called.invite.cseq;
    return called;
  },
  'caller leg': async (rig) => {
    rig.auth = AUTH;
    const phone = await rig.bench.phone({ user: 'alice' });
    const call = phone.call(rig.bench.sip());
    call.contact = `<sip:seven@${phone.hostPort};line=7>`;
    call.invite();
    const { leg, told } = await rig.offered();
    leg.answer(OUR_SDP);
    call.ack(await call.expect(200));
    await until(() => told.ladder.includes('< ACK'), 'the ACK');
    return { phone, call, leg, told };
  },
};

/** Every request we send in a dialog: what makes us send it, and what shows that the far end's 200 came through. */
const REQUESTS: Record<string, { ask: (side: Side) => void; done: (side: Side) => Promise<unknown> }> = {
  INVITE: {
    ask: ({ leg }) => leg.reoffer(NEXT_SDP),
    done: ({ told }) => told.next('reofferAccepted'),
  },
  REFER: {
    ask: ({ leg }) => leg.refer(1, WAY),
    done: async ({ told }) => expect((await told.next('referAnswered')).refusal).toBeNull(),
  },
  INFO: {
    ask: ({ leg }) => leg.info({ contentType: 'application/dtmf-relay', body: 'Signal=1' }),
    done: () => Promise.resolve(),
  },
  BYE: {
    ask: ({ leg }) => leg.bye([['X-Why', 'gone']]),
    done: async ({ told }) => expect((await told.next('closed')).code).toBe(200),
  },
};

/** Challenges a request in a dialog; the one that comes instead, which is signed. */
async function challenged(side: Side, method: string, flavour: Flavour): Promise<SipMessage> {
  const { call } = side;
  const first = await call.fresh(method);
  expect(isSigned(first)).toBe(false);
  challenge(call, first, flavour);
  const second = await call.fresh(method);
  expect([second.callId, second.fromTag, second.body]).toEqual([first.callId, first.fromTag, first.body]);
  expect(second.cseq).toBe(first.cseq + 1);
  expectSigned(second, flavour, AUTH);
  return second;
}

describeServers('signalling: a challenged INVITE', (bench) => {
  it.each(FLAVOURS)(
    'is sent once more, signed for its Request-URI ($status $algorithm $qop)',
    async (flavour) => {
      const rig = await Rig.start(bench);
      const headers = [['X-Call-Reason', 'support']] as const;
      const { call, invite, told } = await rig.called({ auth: AUTH, headers });
      expect(isSigned(invite)).toBe(false);
      challenge(call, invite, flavour);
      expect((await call.expect('ACK')).branch).toBe(invite.branch);
      const again = await call.fresh('INVITE');
      expectSigned(again, flavour, AUTH);
      expect([again.uri, again.callId, again.get('from')]).toEqual([
        invite.uri,
        invite.callId,
        invite.get('from'),
      ]);
      expect([again.cseq, again.toTag, again.body]).toEqual([invite.cseq + 1, '', invite.body]);
      expect(again.branch).not.toBe(invite.branch);
      for (const name of ['from', 'call-id', 'cseq', 'x-call-reason'])
        expect(again.all(name)).toHaveLength(1);
      call.accept(again);
      await call.expect((m) => m.method === 'ACK' && m.cseq === again.cseq);
      await told.next('answered');
      expect(told.ladder).toEqual([
        '> INVITE +sdp',
        `< ${flavour.status} ${REASONS[flavour.status]} (INVITE)`,
        '> ACK',
        '> INVITE +sdp',
        '< 200 OK (INVITE) +sdp',
        '> ACK',
      ]);
      await phoneHangsUp({ call, told });
    },
  );

  it('goes by the route again, for the URI of the target', async () => {
    const rig = await Rig.start(bench);
    const phone = await bench.phone({ user: 'proxy' });
    const target = { route: phone.uri.replace('proxy@', ''), auth: AUTH };
    const { told } = rig.dial('sip:+16125550100@example.invalid', target);
    const invite = await phone.expect('INVITE');
    const call = phone.answering(invite);
    challenge(call, invite, MD5);
    const again = await call.fresh('INVITE');
    expect(again.uri).toBe('sip:+16125550100@example.invalid');
    expectSigned(again, MD5, AUTH);
    call.respond(again, 486);
    await told.next('refused');
  });

  it.each(['', ', stale=true'])('once: a second challenge is a refusal%s', async (stale) => {
    const rig = await Rig.start(bench);
    const { phone, call, invite, told } = await rig.called({ auth: AUTH });
    challenge(call, invite, MD5);
    const again = await call.fresh('INVITE');
    const headers = [['Proxy-Authenticate', `Digest realm="r", nonce="n2"${stale}`]] as const;
    call.respond(again, 407, { headers });
    expect((await told.next('refused')).refusal).toMatchObject({ code: 407, by: 'far_end' });
    await call.expect((m) => m.method === 'ACK' && m.cseq === again.cseq);
    await told.silent(50);
    expect(phone.count('INVITE')).toBe(2);
  });

  it.each([
    ['without credentials', null, 'Digest realm="r", nonce="n"'],
    ['of a scheme we do not have', AUTH, 'Bearer realm="r"'],
  ])('%s is refused', async (_what, auth, value) => {
    const rig = await Rig.start(bench);
    const { phone, call, invite, told } = await rig.called({ auth });
    call.respond(invite, 407, { headers: [['Proxy-Authenticate', value]] });
    expect((await told.next('refused')).refusal).toMatchObject({ code: 407, by: 'far_end' });
    await call.expect('ACK');
    expect(phone.count('INVITE')).toBe(1);
  });

  it('a 422 behind the challenge: the same nonce a second time, and each header once', async () => {
    const rig = await Rig.start(bench);
    const { call, invite, told } = await rig.called({ auth: AUTH });
    challenge(call, invite, MD5);
    const signed = await call.fresh('INVITE');
    call.respond(signed, 422, { headers: [['Min-SE', '3600']] });
    const longer = await call.fresh('INVITE');
    expectSigned(longer, MD5, AUTH);
    expect(longer.need('proxy-authorization')).toContain('nc=00000002');
    expect([longer.cseq, longer.get('from')]).toEqual([invite.cseq + 2, invite.get('from')]);
    for (const name of ['from', 'call-id', 'cseq', 'session-expires', 'min-se'])
      expect([name, longer.all(name).length]).toEqual([name, 1]);
    expect(longer.headers().filter(([name]) => name === 'proxy-authorization')).toHaveLength(1);
    call.accept(longer);
    await told.next('answered');
    await phoneHangsUp({ call, told });
  });

  it('a challenge behind the 422 keeps the longer interval', async () => {
    const rig = await Rig.start(bench);
    const { call, invite, told } = await rig.called({ auth: AUTH });
    call.respond(invite, 422, { headers: [['Min-SE', '3600']] });
    challenge(call, await call.fresh('INVITE'), MD5);
    const again = await call.fresh('INVITE');
    expectSigned(again, MD5, AUTH);
    expect(again.get('min-se')).toBe('3600');
    call.accept(again);
    await told.next('answered');
    await phoneHangsUp({ call, told });
  });

  it('can be cancelled once it is signed', async () => {
    const rig = await Rig.start(bench);
    const { call, invite, leg, told } = await rig.called({ auth: AUTH });
    challenge(call, invite, MD5);
    const again = await call.fresh('INVITE');
    call.respond(again, 180);
    await told.next('progress');
    leg.cancel([]);
    const cancel = await call.expect('CANCEL');
    expect(cancel.branch).toBe(again.branch);
    call.respond(cancel, 200);
    call.respond(again, 487);
    expect((await told.next('refused')).refusal.code).toBe(487);
  });

  it('a CANCEL that the challenge crosses: one end, and no second INVITE', async () => {
    const rig = await Rig.start(bench);
    const { phone, call, invite, leg, told } = await rig.called({ auth: AUTH });
    call.respond(invite, 180);
    await told.next('progress');
    leg.cancel([]);
    const cancel = await call.expect('CANCEL');
    challenge(call, invite, MD5);
    call.respond(cancel, 481);
    expect((await told.next('refused')).refusal.code).toBe(407);
    await told.silent();
    expect(phone.count('INVITE')).toBe(1);
  });

  it('a CANCEL while the signed one is on its way to the server takes that one back', async () => {
    const rig = await Rig.start(bench);
    const { call, invite, leg, told } = await rig.called({ auth: AUTH });
    told.onTap = (line) => {
      if (line.startsWith('< 407')) setImmediate(() => leg.cancel([]));
    };
    challenge(call, invite, MD5);
    const again = await call.fresh('INVITE');
    call.respond(again, 180);
    const cancel = await call.expect('CANCEL');
    expect(cancel.branch).toBe(again.branch);
    call.respond(cancel, 200);
    call.respond(again, 487);
    expect((await told.next('refused')).refusal.code).toBe(487);
    await told.silent();
  });
});

describeServers('signalling: a challenge in a dialog', (bench) => {
  for (const [name, open] of Object.entries(SIDES)) inDialog(bench, name, open);

  // The embedded server ends the dialogs of a lost application by itself, without a word to the phones.
  it.skipIf(!bench.real)('what was lost with a link is hung up with credentials', async () => {
    const relay = await Relay.open(bench.backend.admin);
    const rig = await Rig.start(bench, {}, { host: '127.0.0.1', port: relay.port });
    const sides = await Promise.all(Object.values(SIDES).map((open) => open(rig)));
    relay.cut();
    await until(() => rig.links.at(-1) === 'down', 'linkDown');
    await relay.mend();
    for (const side of sides) side.call.respond(await challenged(side, 'BYE', MD5), 200);
  });

  it('a re-INVITE that was given up is not signed any more', async () => {
    const rig = await Rig.start(bench, { reoffer: 100 });
    const { call, leg, told, invite } = await rig.talking({ auth: AUTH });
    call.remoteCseq = invite.cseq;
    leg.reoffer(NEXT_SDP);
    const offer = await call.fresh('INVITE');
    expect((await told.next('reofferRefused')).refusal.code).toBe(408);
    challenge(call, offer, MD5);
    await call.expect((m) => m.method === 'ACK' && m.cseq === offer.cseq);
    await told.silent(50);
    expect(call.take((m) => m.method === 'INVITE' && m.cseq > offer.cseq)).toBeUndefined();
    await phoneHangsUp({ call, told });
  });
});

function inDialog(bench: Bench, name: string, open: (rig: Rig) => Promise<Side>): void {
  it.each(FLAVOURS)(
    `${name}: each request is sent once more, signed for the URI on the wire ($status $algorithm $qop)`,
    async (flavour) => {
      const side = await open(await Rig.start(bench));
      for (const [method, { ask, done }] of Object.entries(REQUESTS)) {
        ask(side);
        const again = await challenged(side, method, flavour);
        expect([method, again.uri]).toEqual([method, `sip:seven@${side.phone.hostPort};line=7`]);
        if (method === 'INVITE') side.call.accept(again);
        else side.call.respond(again, method === 'REFER' ? 202 : 200);
        await done(side);
      }
    },
  );

  it(`${name}: NOTIFYs on their REFER`, async () => {
    const side = await open(await Rig.start(bench));
    const { call, leg, told } = side;
    call.refer('<sip:carol@127.0.0.1>');
    const { referId } = await told.next('referred');
    leg.acceptRefer(referId);
    call.respond(await challenged(side, 'NOTIFY', MD5), 200);
    leg.notifyRefer(referId, 200, 'OK', true);
    const last = await challenged(side, 'NOTIFY', MD5);
    expect(last.get('subscription-state')).toMatch(/^terminated/);
    call.respond(last, 200);
    await phoneHangsUp({ call, told });
  });

  it(`${name}: a second challenge is final`, async () => {
    const rig = await Rig.start(bench);
    const side = await open(rig);
    const { call, leg, told } = side;
    leg.reoffer(NEXT_SDP);
    challenge(call, await challenged(side, 'INVITE', MD5), MD5, 'n2');
    expect((await told.next('reofferRefused')).refusal).toMatchObject({ code: 407, by: 'far_end' });
    leg.refer(1, WAY);
    challenge(call, await challenged(side, 'REFER', MD5), MD5, 'n2');
    expect((await told.next('referAnswered')).refusal).toMatchObject({ code: 407, by: 'far_end' });
    leg.bye([]);
    challenge(call, await challenged(side, 'BYE', MD5), MD5, 'n2');
    expect((await told.next('closed')).code).toBe(407);
    await told.silent(50);
    expect(call.take((m) => m.method !== 'ACK' && m.status === 0)).toBeUndefined();
    // A refused BYE has not ended the dialog for the server.
    await rig.signalling.stop();
  });
}
