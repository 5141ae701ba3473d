import { describe, expect, it } from 'vitest';
import { describeServers } from '../../support/contract-bench.js';
import { sipFrame } from '../../support/frame-client.js';
import { until } from '../../support/poll.js';
import type { PhoneCall, RequestOptions, SipMessage, SipPhone } from '../../support/sip-phone/index.js';
import { challenge, expectSigned, type Flavour } from '../../support/digest.js';
import { NEXT_SDP, OUR_SDP, Rig, phoneHangsUp } from './rig.js';

/** Call-ID and tags right, the source wrong (S-2). */
const ELSEWHERE = '127.0.0.9';

const AUTH = { username: 'u', password: 'p' };
const MD5: Flavour = { status: 407, algorithm: 'MD5', qop: 'auth' };

describeServers('signalling: who may speak in a dialog', (bench) => {
  /** A request of the call as its phone would send it, from somewhere else; the final response to it. */
  async function forge(
    stranger: SipPhone,
    call: PhoneCall,
    method: string,
    options: RequestOptions = {},
  ): Promise<SipMessage> {
    const request = call.build(method, options);
    stranger.send(request.raw, bench.sip());
    return stranger.expect((m) => m.status >= 200 && m.cseq === request.cseq);
  }

  it.skipIf(bench.real)('a BYE from elsewhere ends nothing', async () => {
    const rig = await Rig.start(bench);
    const stranger = await bench.phone({ host: ELSEWHERE });
    for (const { call, leg, told } of [await rig.answered(), await rig.talking()]) {
      expect((await forge(stranger, call, 'BYE')).status).toBe(481);
      await told.silent(50);
      // Nor is the far end asked anything.
      expect(call.take((m) => m.method !== '' && m.method !== 'ACK')).toBeUndefined();
      leg.reoffer(NEXT_SDP);
      call.accept(await call.expect('INVITE'));
      await told.next('reofferAccepted');
      await phoneHangsUp({ call, told });
    }
  });

  it.skipIf(!bench.real)(
    'a BYE from elsewhere makes the real server forget: an honest end for both sides',
    async () => {
      const rig = await Rig.start(bench);
      rig.auth = AUTH;
      const stranger = await bench.phone({ host: ELSEWHERE });
      for (const { call, told } of [await rig.answered(), await rig.talking({ auth: AUTH })]) {
        expect((await forge(stranger, call, 'BYE')).status).toBe(481);
        expect((await told.next('hungUp')).reason).toBe('Dialog lost by the SIP server');
        const bye = await call.expect('BYE');
        expect([bye.fromTag, bye.toTag, bye.uri]).toEqual([call.remoteTag, call.localTag, call.phone.uri]);
        challenge(call, bye, MD5);
        const again = await call.expect((m) => m.method === 'BYE' && m.cseq === bye.cseq + 1);
        expectSigned(again, MD5, AUTH);
        call.respond(again, 200);
        expect(told.ladder.slice(-3)).toEqual([
          '< BYE',
          '> 481 Call/Transaction Does Not Exist (BYE)',
          '> BYE',
        ]);
      }
    },
  );

  describe('what the server has forgotten without a word', () => {
    /** Another application hangs up in the dialog, which makes the server forget it. */
    async function forget(call: PhoneCall, inviterTag: string): Promise<void> {
      const frames = await bench.frames();
      const id = `${call.callId};from-tag=${inviterTag}`;
      expect((await frames.ask(`sip||${id}\r\nBYE sip:placeholder SIP/2.0\r\n\r\n`)).tokens[3]).toBe('OK');
      const bye = await call.fresh('BYE');
      call.respond(bye, 200);
      await frames.expect(sipFrame('SIP/2.0 200'));
    }

    it('shows at our next offer', async () => {
      const rig = await Rig.start(bench);
      const [answered, talking] = [await rig.answered(), await rig.talking()];
      await forget(answered.call, answered.call.localTag);
      await forget(talking.call, talking.call.remoteTag);
      for (const { call, leg, told } of [answered, talking]) {
        leg.reoffer(NEXT_SDP);
        expect((await told.next('reofferRefused')).refusal).toMatchObject({ code: 481, by: 'local' });
        expect((await told.next('hungUp')).reason).toBe('Dialog lost by the SIP server');
        const bye = await call.fresh('BYE');
        expect([bye.fromTag, bye.toTag]).toEqual([call.remoteTag, call.localTag]);
        call.respond(bye, 481);
      }
    });

    it('and is left by way of the proxies that want to see it', async () => {
      const rig = await Rig.start(bench);
      const { call, invite, phone, leg, told } = await rig.called();
      const proxy = await bench.phone({ user: 'proxy' });
      const passing = proxy.answering(invite);
      const routes = [`<sip:${phone.hostPort};lr>`, `<sip:${proxy.hostPort};lr>`];
      call.accept(invite, { headers: [['Record-Route', routes.join(', ')]] });
      await told.next('answered');
      await passing.expect('ACK');
      await forget(passing, call.remoteTag);
      leg.reoffer(NEXT_SDP);
      await told.next('reofferRefused');
      await told.next('hungUp');
      const bye = await passing.fresh('BYE');
      expect(bye.uri).toBe(phone.uri);
      passing.respond(bye, 481);
    });

    it('shows at our next session refresh, of which the engine hears nothing else', async () => {
      const rig = await Rig.start(bench, { sessionSecond: 10 });
      const timer = [['Session-Expires', '90;refresher=uas']] as const;
      const { call, leg, told } = await rig.calling({ headers: [...timer, ['Supported', 'timer']] });
      leg.answer(OUR_SDP);
      call.ack(await call.expect(200));
      await forget(call, call.localTag);
      expect((await told.next('hungUp')).reason).toBe('Dialog lost by the SIP server');
      call.respond(await call.fresh('BYE'), 481);
    });
  });

  it('nor does anything else change', async () => {
    const rig = await Rig.start(bench);
    const stranger = await bench.phone({ host: ELSEWHERE });
    for (const { call, leg, told } of [await rig.answered(), await rig.talking()]) {
      const requests: Record<string, RequestOptions> = {
        INFO: { body: 'Signal=1', type: 'application/dtmf-relay' },
        UPDATE: { body: OUR_SDP },
        REFER: { headers: [['Refer-To', '<sip:mallory@127.0.0.9>']] },
        NOTIFY: { headers: [['Event', 'refer']] },
        OPTIONS: {},
        MESSAGE: { body: 'hello', type: 'text/plain' },
      };
      for (const [method, options] of Object.entries(requests)) {
        expect([method, (await forge(stranger, call, method, options)).status]).toEqual([method, 481]);
      }
      const invite = call.build('INVITE', { body: OUR_SDP, contact: `<${stranger.uri}>` });
      stranger.send(invite.raw, bench.sip());
      expect((await stranger.expect((m) => m.status >= 200 && m.cseq === invite.cseq)).status).toBe(481);
      stranger.send(call.build('ACK', { cseq: invite.cseq, branch: invite.branch }).raw, bench.sip());
      await told.silent(50);
      leg.reoffer(NEXT_SDP);
      call.accept(await call.expect('INVITE'));
      await told.next('reofferAccepted');
      await phoneHangsUp({ call, told });
    }
  });

  it('an ACK from elsewhere does not answer our offer', async () => {
    const rig = await Rig.start(bench);
    const stranger = await bench.phone({ host: ELSEWHERE });
    const { call, leg, told } = await rig.calling({ body: '' });
    leg.answer(OUR_SDP);
    const ok = await call.expect(200);
    call.learn(ok);
    const forged = call.build('ACK', { cseq: ok.cseq, body: NEXT_SDP });
    stranger.send(forged.raw, bench.sip());
    await told.silent(50);
    call.bye();
    await told.next('hungUp');
  });

  it('before the answer: nobody else hangs a caller up', async () => {
    const rig = await Rig.start(bench);
    const stranger = await bench.phone({ host: ELSEWHERE });
    const { call, leg, told } = await rig.calling();
    leg.ring(180, 'Ringing', null);
    call.learn(await call.expect(180));
    const invite = call.lastInvite;
    // The real server answers all but UPDATE itself, and differently.
    const methods = bench.real ? ['UPDATE'] : ['BYE', 'UPDATE', 'INFO', 'REFER'];
    for (const method of methods) {
      expect([method, (await forge(stranger, call, method)).status]).toEqual([method, 481]);
    }
    await told.silent(50);
    leg.answer(OUR_SDP);
    call.lastInvite = invite;
    call.ack(await call.expect('200 INVITE'), { cseq: invite?.cseq ?? 0 });
    await phoneHangsUp({ call, told });
  });

  it('an address the engine allows is as good as the far end’s own', async () => {
    const rig = await Rig.start(bench);
    rig.allowed.add(ELSEWHERE);
    const proxy = await bench.phone({ host: ELSEWHERE });
    for (const { call, told } of [await rig.answered(), await rig.talking()]) {
      expect((await forge(proxy, call, 'INFO', { body: 'x', type: 'text/plain' })).status).toBe(200);
      await told.next('info');
      expect((await forge(proxy, call, 'BYE')).status).toBe(200);
      await told.next('hungUp');
    }
  });

  it('a far end that answers from elsewhere than it was called at is known by that', async () => {
    const rig = await Rig.start(bench);
    const { call, invite, told, phone } = await rig.called();
    const other = await bench.phone({ host: ELSEWHERE, user: phone.user });
    other.send(call.response(invite, 180), invite.source);
    await told.next('progress');
    other.send(call.response(invite, 200, { body: OUR_SDP, contact: `<${other.uri}>` }), invite.source);
    await told.next('answered');
    await until(() => other.count('ACK') > 0, 'the ACK');
    expect((await forge(other, call, 'INFO')).status).toBe(200);
    expect((await forge(phone, call, 'INFO')).status).toBe(481);
    expect((await forge(other, call, 'BYE')).status).toBe(200);
    await told.next('hungUp');
  });
});
