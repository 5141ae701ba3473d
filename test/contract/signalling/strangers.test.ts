import { expect, it } from 'vitest';
import { describeServers } from '../../support/contract-bench.js';
import { until } from '../../support/poll.js';
import type { PhoneCall, RequestOptions, SipMessage, SipPhone } from '../../support/sip-phone/index.js';
import { NEXT_SDP, OUR_SDP, Rig, phoneHangsUp } from './rig.js';

/** Call-ID and tags right, the source wrong (S-2). */
const ELSEWHERE = '127.0.0.9';

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

  it('a BYE from elsewhere ends nothing', async () => {
    const rig = await Rig.start(bench);
    const stranger = await bench.phone({ host: ELSEWHERE });
    for (const { call, leg, told } of [await rig.answered(), await rig.talking()]) {
      expect((await forge(stranger, call, 'BYE')).status).toBe(481);
      await told.silent(50);
      if (bench.real) {
        // The real server forgets the dialog with the BYE, whatever we answer; the call is ours to keep or to end.
        leg.bye([]);
        expect((await told.next('closed')).code).toBeNull();
        continue;
      }
      leg.reoffer(NEXT_SDP);
      call.accept(await call.expect('INVITE'));
      await told.next('reofferAccepted');
      await phoneHangsUp({ call, told });
    }
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
