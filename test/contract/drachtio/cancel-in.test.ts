import { expect, it } from 'vitest';
import { describeServers, type Bench } from '../../support/contract-bench.js';
import { until } from '../../support/poll.js';
import { sdp, type PhoneCall, type SipPhone } from '../../support/sip-phone/index.js';
import type { Arrival, TestApp } from '../../support/test-app.js';
import { phoneHangsUp } from './flows.js';
import { knownBug } from './known-bugs.js';

interface Ringing {
  readonly app: TestApp;
  readonly phone: SipPhone;
  readonly call: PhoneCall;
  readonly arrival: Arrival;
}

async function ringing(bench: Bench, status: number | null): Promise<Ringing> {
  const app = await bench.app();
  const phone = await bench.phone();
  const call = phone.call(bench.sip());
  call.invite();
  const arrival = await app.next();
  if (status !== null) {
    arrival.res.send(status);
    await call.expect(`${status} INVITE`);
  }
  return { app, phone, call, arrival };
}

const sendFails = (arrival: Arrival): Promise<unknown> =>
  new Promise((resolve) => arrival.res.send(200, { body: sdp() }, (error) => resolve(error)));

describeServers('CANCEL from the caller', (bench) => {
  it.each([
    ['before the application said anything', null],
    ['while ringing', 180],
    ['after early media', 183],
  ])('%s: the server answers 200 and 487 and tells the application', async (_when, status) => {
    const { call, arrival } = await ringing(bench, status);
    call.cancel({ headers: [['Reason', 'SIP;cause=200;text="Call completed elsewhere"']] });
    await call.expect('200 CANCEL');
    const terminated = await call.expect('487 INVITE');
    call.ack(terminated);
    await until(() => arrival.cancel !== null, 'the cancel event');
    expect(arrival.cancel?.get('Reason')).toContain('completed elsewhere');
    expect(await sendFails(arrival)).toMatch(/unknown transaction/);
  });

  it('gives the 487 the To-tag of the 180', async () => {
    const { call, phone } = await ringing(bench, 180);
    call.cancel();
    const terminated = await call.expect('487 INVITE');
    call.ack(terminated);
    expect(terminated.toTag).toBe(phone.received.find((m) => m.status === 180)?.toTag);
  });

  it('after the 200: 481, and the call stays up', async () => {
    const { app, phone, call, arrival } = await ringing(bench, 180);
    const dialog = await app.srf.createUAS(arrival.req, arrival.res, { localSdp: sdp() });
    const ok = await call.expect('200 INVITE');
    call.cancel();
    // The real server answers 481 only when it can still tell the transaction; what matters is the call.
    await call.expect((m) => m.cseqMethod === 'CANCEL' && m.status >= 200);
    call.ack(ok);
    expect(arrival.cancel).toBeNull();
    expect(dialog.connected).toBe(true);
    expect(phone.count('487 INVITE')).toBe(0);
    await phoneHangsUp({ app, phone, call, dialog, invite: ok });
  });

  it('a retransmitted CANCEL is answered again', async () => {
    const { call } = await ringing(bench, 180);
    const cancel = call.cancel();
    await call.expect('200 CANCEL');
    call.resend(cancel);
    await call.expect('200 CANCEL');
    call.ack(await call.expect('487 INVITE'));
  });

  it('of another branch cancels nothing', async () => {
    const { call, arrival } = await ringing(bench, 180);
    call.cancel({ branch: 'z9hG4bKother' });
    await call.expect('481 CANCEL');
    expect(arrival.cancel).toBeNull();
    if (knownBug(bench, 'cancelByLeg')) {
      call.respond(await call.expect('BYE'), 200);
      call.ack(await call.expect('500 INVITE'));
      return;
    }
    arrival.res.send(486);
    call.ack(await call.expect('486 INVITE'));
  });

  it('races with the answer: the phone sees one final response, whoever was first', async () => {
    const app = await bench.app();
    const phone = await bench.phone();
    const finals: number[] = [];
    for (let i = 0; i < 20; i++) {
      const call = phone.call(bench.sip());
      call.invite();
      const { req, res } = await app.next();
      const answered = app.srf.createUAS(req, res, { localSdp: sdp() }).catch(() => null);
      call.cancel();
      const final = await call.expect((m) => m.cseqMethod === 'INVITE' && m.status >= 200);
      finals.push(final.status);
      call.ack(final);
      await call.expect((m) => m.cseqMethod === 'CANCEL' && m.status >= 200);
      const dialog = await answered;
      if (final.status === 200) {
        expect(dialog?.connected).toBe(true);
        call.bye();
        await call.expect('200 BYE');
      } else {
        expect(final.status).toBe(487);
      }
      const statuses = phone.received.filter((m) => m.callId === call.callId && m.cseqMethod === 'INVITE');
      expect(new Set(statuses.filter((m) => m.status >= 200).map((m) => m.status)).size).toBe(1);
    }
    expect(finals).toHaveLength(20);
  });
});
