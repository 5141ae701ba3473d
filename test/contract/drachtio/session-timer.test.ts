import { expect, it } from 'vitest';
import { describeServers, type Bench } from '../../support/contract-bench.js';
import { nextEvent } from '../../support/poll.js';
import { sdp } from '../../support/sip-phone/index.js';
import { callIn, phoneHangsUp, type Established } from './flows.js';

/** A call whose session lives 90 s, the least there is: 0.9 s on the embedded server of these tests. */
const withTimer = (bench: Bench, refresher: 'uac' | 'uas'): Promise<Established> =>
  callIn(bench, {
    request: {
      body: sdp(),
      headers: [
        ['Supported', 'timer'],
        ['Session-Expires', `90;refresher=${refresher}`],
      ],
    },
    localSdp: sdp({ port: 8000 }),
  });

const patience = (bench: Bench): number => (bench.real ? 100_000 : 4000);

describeServers(
  'session timers',
  (bench) => {
    it.each(['uac', 'uas'] as const)(
      'agrees to what the caller asks for: refresher=%s',
      async (refresher) => {
        const established = await withTimer(bench, refresher);
        const ok = established.phone.received.find((m) => m.status === 200 && m.cseqMethod === 'INVITE');
        expect(ok?.get('session-expires')?.replace(/\s/g, '')).toBe(`90;refresher=${refresher}`);
        await phoneHangsUp(established);
      },
    );

    it('raises an interval which is too short', async () => {
      const established = await callIn(bench, {
        request: { body: sdp(), headers: [['Session-Expires', '30;refresher=uac']] },
      });
      const ok = established.phone.received.find((m) => m.status === 200 && m.cseqMethod === 'INVITE');
      expect(ok?.get('session-expires')?.replace(/\s/g, '')).toBe('90;refresher=uac');
      await phoneHangsUp(established);
    });

    it("keeps the application's own Session-Expires", async () => {
      const app = await bench.app();
      const phone = await bench.phone();
      const call = phone.call(bench.sip());
      const invite = call.invite({ headers: [['Supported', 'timer']] });
      const { req, res } = await app.next();
      const answered = app.srf.createUAS(req, res, {
        localSdp: sdp(),
        headers: { 'Session-Expires': '600;refresher=uac' },
      });
      const ok = await call.expect('200 INVITE');
      expect(ok.get('session-expires')?.replace(/\s/g, '')).toBe('600;refresher=uac');
      const dialog = await answered;
      const acked = nextEvent(dialog, 'ack');
      call.ack(ok);
      await acked;
      await phoneHangsUp({ app, phone, call, dialog, invite });
    });

    it('answers 422 to a re-INVITE with an interval which is too short', async () => {
      const established = await callIn(bench);
      const { call } = established;
      call.invite({ headers: [['Session-Expires', '10']] });
      const refused = await call.expect('422 INVITE');
      expect(refused.get('min-se')).toBe('90');
      call.ack(refused);
      await phoneHangsUp(established);
    });

    it('refreshes by itself at half time, with the SDP it has, and does not bother the application', async () => {
      const established = await withTimer(bench, 'uas');
      const { call, dialog } = established;
      let bothered = 0;
      dialog.on('modify', () => bothered++);
      const refresh = await call.fresh('INVITE', patience(bench));
      expect(refresh.body).toBe(sdp({ port: 8000 }));
      call.accept(refresh, { headers: [['Session-Expires', '90;refresher=uac']] });
      const ack = await call.expect('ACK');
      expect(ack.cseq).toBe(refresh.cseq);
      expect(bothered).toBe(0);
      await phoneHangsUp(established);
    }, 120_000);
  },
  { embedded: { timers: { sessionSecond: 10 } } },
);

describeServers(
  'session timers which run out',
  (bench) => {
    it('hangs up when the other side does not refresh', async () => {
      const { call, dialog } = await withTimer(bench, 'uac');
      const ended = nextEvent(dialog, 'destroy');
      const bye = await call.fresh('BYE');
      expect(bye.get('reason')).toMatch(/text="Session timer expired"/);
      call.respond(bye, 200);
      const [, reason] = await ended;
      expect(reason).toBe('Session timer expired');
    });

    it.each([481, 488])('hangs up when its refresh is refused with %i', async (status) => {
      const { call, dialog } = await withTimer(bench, 'uas');
      const ended = nextEvent(dialog, 'destroy');
      call.respond(await call.fresh('INVITE'), status);
      const bye = await call.fresh('BYE');
      call.respond(bye, 200);
      const [, reason] = await ended;
      expect(reason).toBe('Session timer expired');
    });

    // The real server offers what it last saw of ours: refused, or nothing after an INVITE without an offer (measured
    // with 0.9.10). The adapter refreshes ahead of it: test/contract/trunks/session-timers.test.ts.
    it('does not offer again what was refused', async () => {
      const established = await withTimer(bench, 'uas');
      const { call, dialog } = established;
      const refused = dialog.request({ method: 'INVITE', body: sdp({ port: 8002, version: 2 }) });
      call.respond(await call.fresh('INVITE'), 488);
      await refused;
      const refresh = await call.fresh('INVITE');
      expect(refresh.body).toBe(sdp({ port: 8000 }));
      call.accept(refresh, { headers: [['Session-Expires', '90;refresher=uac']] });
      await call.expect('ACK');
      await phoneHangsUp(established);
    });

    it('offers what was accepted', async () => {
      const established = await withTimer(bench, 'uas');
      const { call, dialog } = established;
      const next = sdp({ port: 8002, version: 2 });
      const accepted = dialog.request({ method: 'INVITE', body: next });
      call.accept(await call.fresh('INVITE'), { headers: [['Session-Expires', '90;refresher=uac']] });
      await accepted;
      const refresh = await call.fresh('INVITE');
      expect(refresh.body).toBe(next);
      call.accept(refresh, { headers: [['Session-Expires', '90;refresher=uac']] });
      await call.expect('ACK');
      await phoneHangsUp(established);
    });

    it('is put off by a refresh of the other side', async () => {
      const established = await withTimer(bench, 'uac');
      const { call, phone } = established;
      for (let i = 0; i < 3; i++) {
        // Half the interval later; the wait for a BYE which must not come is the clock.
        await expect(call.expect('BYE', 450)).rejects.toThrow();
        const refresh = call.invite({ headers: [['Session-Expires', '90;refresher=uac']] });
        call.ack(await call.expect((m) => m.status === 200 && m.cseq === refresh.cseq));
      }
      expect(phone.count('BYE')).toBe(0);
      await phoneHangsUp(established);
    });
  },
  // 90 s and more each on the real server.
  { embedded: { timers: { sessionSecond: 10 } }, only: 'embedded' },
);
