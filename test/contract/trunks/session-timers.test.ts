import { expect, it } from 'vitest';
import { describeServers, type Bench } from '../../support/contract-bench.js';
import { sleep, until } from '../../support/poll.js';
import { sdp, type HeaderLines, type PhoneCall, type SipMessage } from '../../support/sip-phone/index.js';
import { NEXT_SDP, OUR_SDP, Rig, phoneHangsUp, type Called, type Calling } from '../signalling/rig.js';

/** 90 s, the least there is: 2.7 s on the embedded server of these tests. */
const SECOND = 30;
const start = (bench: Bench): Promise<Rig> => Rig.start(bench, bench.real ? {} : { sessionSecond: SECOND });
const seconds = (bench: Bench, n: number): number => n * (bench.real ? 1000 : SECOND);

const asks = (refresher: 'uac' | 'uas', interval = 90): { headers: HeaderLines } => ({
  headers: [
    ['Supported', 'timer'],
    ['Session-Expires', `${interval};refresher=${refresher}`],
  ],
});
const grants = (refresher: 'uac' | 'uas'): { headers: HeaderLines } => ({
  headers: [
    ['Require', 'timer'],
    ['Session-Expires', `90;refresher=${refresher}`],
  ],
});
const session = (message: SipMessage): string | undefined =>
  message.get('session-expires')?.replace(/\s/g, '');

const THEIR_SDP = sdp({ user: 'bob', port: 42_000 });

/** A call of a phone that wants a timer; the phone refreshes as `uac`, we as `uas`. */
async function calling(
  rig: Rig,
  refresher: 'uac' | 'uas',
  { late = false, interval = 90 } = {},
): Promise<Calling> {
  const call = await rig.calling({ ...asks(refresher, interval), ...(late ? { body: '' } : {}) });
  call.leg.answer(OUR_SDP);
  const ok = await call.call.expect('200 INVITE');
  expect(session(ok)).toBe(`${interval};refresher=${refresher}`);
  if (refresher === 'uac') expect(ok.get('require')).toBe('timer');
  call.call.ack(ok, late ? { body: THEIR_SDP } : {});
  await until(() => call.told.ladder.some((line) => line.startsWith('< ACK')), 'the ACK');
  if (late) await call.told.next('acked');
  return call;
}

/** A call of ours whose far end wants a timer; we refresh as `uac`, the phone as `uas`. */
async function called(rig: Rig, refresher: 'uac' | 'uas', offer: string | null = OUR_SDP): Promise<Called> {
  const call = await rig.called({}, offer);
  call.call.accept(call.invite, grants(refresher));
  await call.told.next('answered');
  if (offer === null) call.leg.ack(OUR_SDP);
  await call.call.expect('ACK');
  return call;
}

/** Their offer, answered by us. */
async function offered(side: Calling, method: 'INVITE' | 'UPDATE', body: string): Promise<SipMessage> {
  const sent = side.call.send(method, { body, ...asks('uas') });
  const { offerId } = await side.told.next('offer');
  side.leg.acceptOffer(offerId, NEXT_SDP);
  const ok = await side.call.expect((m) => m.status === 200 && m.cseq === sent.cseq);
  if (method === 'INVITE') side.call.lastInvite = sent;
  return ok;
}

describeServers(
  'session timers through the adapter',
  (bench) => {
    it('a refresh of ours offers what was agreed last, whatever came between, and the engine hears nothing', async () => {
      const rig = await start(bench);
      const sides: { what: string; call: PhoneCall; expected: string; told: { types: string[] } }[] = [];
      const add = (what: string, { call, told }: Calling | Called, expected: string): void =>
        void sides.push({ what, call, told, expected });

      add('answered', await calling(rig, 'uas'), OUR_SDP);
      add('late offer', await calling(rig, 'uas', { late: true }), OUR_SDP);
      add('dialled', await called(rig, 'uac'), OUR_SDP);
      add('dialled without an offer', await called(rig, 'uac', null), OUR_SDP);

      const moved = await calling(rig, 'uas');
      moved.leg.reoffer(NEXT_SDP);
      const offer = await moved.call.fresh('INVITE');
      expect(session(offer)).toBe('90;refresher=uac');
      moved.call.accept(offer, grants('uac'));
      await moved.told.next('reofferAccepted');
      await moved.call.expect('ACK');
      add('our re-INVITE accepted', moved, NEXT_SDP);

      const refused = await calling(rig, 'uas');
      refused.leg.reoffer(NEXT_SDP);
      refused.call.respond(await refused.call.fresh('INVITE'), 488);
      await refused.told.next('reofferRefused');
      add('our re-INVITE refused', refused, OUR_SDP);

      const held = await calling(rig, 'uas');
      const ok = await offered(held, 'INVITE', sdp({ direction: 'sendonly' }));
      expect(session(ok)).toBe('90;refresher=uas');
      held.call.ack(ok);
      add('their re-INVITE', held, NEXT_SDP);

      const updated = await calling(rig, 'uas');
      expect(session(await offered(updated, 'UPDATE', sdp({ direction: 'sendonly' })))).toBe(
        '90;refresher=uas',
      );
      add('their UPDATE', updated, NEXT_SDP);

      const before = sides.map(({ told }) => told.types.length);
      await Promise.all(
        sides.map(async ({ what, call, expected }) => {
          for (let round = 0; round < (bench.real ? 1 : 2); round++) {
            const refresh = await call.fresh('INVITE', seconds(bench, 60));
            const seen = [what, session(refresh), refresh.body];
            expect(seen).toEqual([what, '90;refresher=uac', expected]);
            call.accept(refresh, grants('uac'));
            await call.expect('ACK');
          }
        }),
      );
      expect(sides.map(({ told }) => told.types.length)).toEqual(before);
      for (const { call } of sides) {
        call.bye();
        await call.expect('200 BYE');
      }
    }, 100_000);

    it('our refresh keeps the server from its own', async () => {
      const rig = await start(bench);
      const side = await calling(rig, 'uas');
      const refresh = await side.call.fresh('INVITE', seconds(bench, 60));
      side.call.accept(refresh, grants('uac'));
      await side.call.expect('ACK');
      await sleep(seconds(bench, 20));
      expect(side.call.take((m) => m.method === 'INVITE' && m.cseq > refresh.cseq)).toBeUndefined();
      await phoneHangsUp(side);
    }, 100_000);

    it('an offer of the engine during a refresh follows it', async () => {
      const rig = await start(bench);
      const side = await calling(rig, 'uas');
      const refresh = await side.call.fresh('INVITE', seconds(bench, 60));
      side.leg.reoffer(NEXT_SDP);
      await sleep(50);
      expect(side.call.take((m) => m.method === 'INVITE' && m.cseq > refresh.cseq)).toBeUndefined();
      // Their own is refused meanwhile (RFC 3261 14.2).
      const theirs = side.call.invite();
      side.call.ack(await side.call.expect((m) => m.status === 491 && m.cseq === theirs.cseq));
      side.call.accept(refresh, grants('uac'));
      const offer = await side.call.fresh('INVITE');
      expect(offer.body).toBe(NEXT_SDP);
      side.call.accept(offer, grants('uac'));
      await side.told.next('reofferAccepted');
      await phoneHangsUp(side);
    }, 100_000);

    it('a refresh that meets one of theirs is sent again (RFC 3261 14.1)', async () => {
      const rig = await start(bench);
      const side = await calling(rig, 'uas');
      const first = await side.call.fresh('INVITE', seconds(bench, 60));
      side.call.respond(first, 491);
      const again = await side.call.fresh('INVITE', seconds(bench, 3) + 1000);
      expect([session(again), again.body]).toEqual(['90;refresher=uac', OUR_SDP]);
      side.call.accept(again, grants('uac'));
      await side.call.expect('ACK');
      await phoneHangsUp(side);
    }, 100_000);

    it('a refresh nobody answers holds an offer of the engine up no longer than the deadline', async () => {
      // On the embedded server we come long before the server does, which would take the silence for the end.
      const [interval, sessionSecond] = bench.real ? [90, 1000] : [300, 1.5];
      const rig = await Rig.start(bench, { reoffer: 800, sessionSecond });
      const side = await calling(rig, 'uas', { interval });
      const refresh = await side.call.fresh('INVITE', seconds(bench, 60));
      side.call.respond(refresh, 100);
      side.leg.reoffer(NEXT_SDP);
      expect((await side.told.next('reofferRefused')).refusal.code).toBe(491);
      side.leg.reoffer(NEXT_SDP);
      expect((await side.told.next('reofferRefused')).refusal.code).toBe(491);
      // The real server does not let a CANCEL of a re-INVITE out.
      if (!bench.real) side.call.respond(await side.call.expect('CANCEL'), 200);
      side.call.respond(refresh, 487);
      await until(() => side.told.ladder.some((line) => line.startsWith('< 487')), 'the 487');
      side.leg.reoffer(NEXT_SDP);
      const offer = await side.call.fresh('INVITE');
      side.call.accept(offer, grants('uac'));
      await side.told.next('reofferAccepted');
      await phoneHangsUp(side);
    }, 100_000);

    it('refreshed by the far end: its re-INVITE and its UPDATE get the interval back, and we do not refresh', async () => {
      const rig = await start(bench);
      const side = await calling(rig, 'uac');
      const again = side.call.invite(asks('uac'));
      const { offerId } = await side.told.next('offer');
      side.leg.acceptOffer(offerId, OUR_SDP);
      const ok = await side.call.expect((m) => m.status === 200 && m.cseq === again.cseq);
      expect([session(ok), ok.get('require')]).toEqual(['90;refresher=uac', 'timer']);
      side.call.ack(ok);
      side.call.send('UPDATE', asks('uac'));
      expect(session(await side.call.expect('200 UPDATE'))).toBe('90;refresher=uac');
      await sleep(seconds(bench, 50));
      expect(side.call.take('INVITE')).toBeUndefined();
      await phoneHangsUp(side);
    }, 100_000);

    it.each([
      ['called', 'uas'],
      ['calling', 'uac'],
    ] as const)(
      'a refresh of the far end that never comes ends the call: we are %s',
      async (role, refresher) => {
        const rig = await start(bench);
        const side = role === 'called' ? await called(rig, refresher) : await calling(rig, refresher);
        const bye = await side.call.fresh('BYE', seconds(bench, 110));
        expect(bye.get('reason')).toContain('Session timer expired');
        side.call.respond(bye, 200);
        const { reason } = await side.told.next('hungUp');
        expect(reason).toBe('Session timer expired');
      },
      130_000,
    );

    it.each([481, 408])(
      'a refresh refused with %d: the server ends the call',
      async (status) => {
        const rig = await start(bench);
        const side = await calling(rig, 'uas');
        side.call.respond(await side.call.fresh('INVITE', seconds(bench, 60)), status);
        side.call.respond(await side.call.fresh('INVITE', seconds(bench, 30)), status);
        const bye = await side.call.fresh('BYE', seconds(bench, 30));
        side.call.respond(bye, 200);
        await side.told.next('hungUp');
      },
      130_000,
    );

    it('without a timer nobody refreshes and nobody hangs up', async () => {
      const rig = await start(bench);
      const side = await rig.answered();
      await sleep(seconds(bench, bench.real ? 1 : 110));
      expect(side.call.take((m) => m.method === 'INVITE' || m.method === 'BYE')).toBeUndefined();
      await phoneHangsUp(side);
    });
  },
  { embedded: { timers: { sessionSecond: SECOND } } },
);

describeServers('422 to an INVITE of ours', (bench) => {
  const tooBrief = (seconds: number) => ({
    reason: 'Session Interval Too Small',
    headers: [['Min-SE', String(seconds)]] as HeaderLines,
  });

  it('is answered once with the interval it asks for, in the same call', async () => {
    const rig = await Rig.start(bench);
    const { call, invite, told } = await rig.called();
    expect(session(invite)).toBeUndefined();
    call.respond(invite, 422, tooBrief(3600));
    await call.expect('ACK');
    const again = await call.fresh('INVITE');
    expect([session(again), again.get('min-se'), again.body]).toEqual(['3600', '3600', OUR_SDP]);
    expect(again.get('supported')).toContain('timer');
    expect([again.callId, again.fromTag, again.cseq]).toEqual([
      invite.callId,
      invite.fromTag,
      invite.cseq + 1,
    ]);
    call.accept(again, { headers: [['Session-Expires', '3600;refresher=uas']] });
    await call.expect('ACK');
    expect(told.types).toEqual(['answered']);
    await told.next('answered');
    await phoneHangsUp({ call, told });
  });

  it('a second one is the end', async () => {
    const rig = await Rig.start(bench);
    const { call, invite, told } = await rig.called();
    call.respond(invite, 422, tooBrief(2000));
    await call.expect('ACK');
    call.respond(await call.fresh('INVITE'), 422, tooBrief(4000));
    expect((await told.next('refused')).refusal).toMatchObject({ code: 422, by: 'far_end' });
  });

  it('without Min-SE it is a refusal as any other', async () => {
    const rig = await Rig.start(bench);
    const { call, invite, told } = await rig.called();
    call.respond(invite, 422);
    expect((await told.next('refused')).refusal.code).toBe(422);
  });

  it('does not bring a call back that was given up', async () => {
    const rig = await Rig.start(bench);
    const { call, invite, leg, told } = await rig.called();
    call.respond(invite, 180);
    await told.next('progress');
    leg.cancel([]);
    await call.expect('CANCEL');
    call.respond(invite, 422, tooBrief(2000));
    expect((await told.next('refused')).refusal.code).toBe(422);
    expect(call.take((m) => m.method === 'INVITE' && m.cseq > invite.cseq)).toBeUndefined();
  });
});
