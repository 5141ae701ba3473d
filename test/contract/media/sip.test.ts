import { expect, it } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { describeMediaServers, type MediaBench } from '../../support/media-bench.js';
import type { Address } from '../../support/sip-phone/index.js';

/** Where the media server takes calls, as it told drachtio-fsmrf. */
function sipOf(bench: MediaBench, proto: Address['proto'] = 'udp'): Address {
  const [host = '', port = '0'] = (bench.ms.sip.ipv4.udp.address ?? '').split(':');
  return { proto, host, port: Number(port) };
}

describeMediaServers(
  'the SIP side',
  (bench) => {
    /** Nobody listens there: the call is given up by the server once it is answered. */
    const headers = [
      ['User-Agent', 'drachtio-fsmrf:x'],
      ['X-esl-outbound', '127.0.0.1:9'],
    ] as const;

    it('a stranger is not found', async () => {
      const phone = await bench.sipPhone();
      const call = phone.call(sipOf(bench));
      call.invite();
      expect((await call.expect(404)).status).toBe(404);
    });

    it('OPTIONS is answered', async () => {
      const phone = await bench.sipPhone();
      const call = phone.call(sipOf(bench));
      call.send('OPTIONS');
      expect((await call.expect(200)).get('allow')).toContain('INVITE');
    });

    it('requests in no dialog: 481, unknown ones 501', async () => {
      const phone = await bench.sipPhone();
      const one = phone.call(sipOf(bench));
      one.send('BYE');
      await one.expect(481);
      const other = phone.call(sipOf(bench));
      other.send('SUBSCRIBE');
      await other.expect(501);
    });

    it('an INVITE that comes again gets the same answer, not a second call', async () => {
      const phone = await bench.sipPhone();
      const call = phone.call(sipOf(bench));
      const invite = call.invite({ headers });
      const first = await call.expect(200);
      call.resend(invite);
      const second = await call.expect(200);
      expect(second.body).toBe(first.body);
      expect(bench.backend.server?.stats().calls).toBe(1);
      call.ack(first);
      call.respond(await call.expect('BYE'), 200);
    });

    it('an application that cannot be reached: BYE', async () => {
      const phone = await bench.sipPhone();
      const call = phone.call(sipOf(bench));
      call.invite({ headers });
      call.ack(await call.expect(200));
      const bye = await call.expect('BYE');
      expect(bye.get('reason')).toContain('cause=16');
      call.respond(bye, 200);
    });

    it('the 200 is repeated until it is acknowledged', async () => {
      const phone = await bench.sipPhone();
      const call = phone.call(sipOf(bench));
      call.invite({ headers, body: '' });
      await call.expect(200);
      const again = await call.expect(200);
      call.ack(again, { body: again.body });
      call.respond(await call.expect('BYE'), 200);
      await eventually(() => bench.backend.server?.stats().dialogs).toBe(0);
    });
  },
  { only: 'embedded' },
);
