import { expect, it } from 'vitest';
import { describeServers } from '../../support/contract-bench.js';
import { sipFrame } from '../../support/frame-client.js';
import { until } from '../../support/poll.js';
import { sdp } from '../../support/sip-phone/index.js';
import { dial, refusal } from './flows.js';

/** Waits of minutes on a real server; the embedded one is asked with its timers shrunk. */
describeServers(
  'long waits',
  (bench) => {
    it('timer C: a call that rings for ever is cancelled, the application sees 487', async () => {
      const { dialog, invite, call } = await dial(bench);
      call.respond(invite, 180);
      const cancel = await call.expect('CANCEL');
      call.respond(cancel, 200);
      call.respond(invite, 487);
      expect(await refusal(dialog)).toBe(487);
      await call.expect('ACK');
    });

    it('timer C: every provisional response puts it off', async () => {
      const { dialog, invite, call, phone } = await dial(bench);
      for (let i = 0; i < 4; i++) {
        call.respond(invite, 180);
        await expect(call.expect('CANCEL', 250)).rejects.toThrow();
      }
      expect(phone.count('CANCEL')).toBe(0);
      call.respond(invite, 486);
      expect(await refusal(dialog)).toBe(486);
    });

    it('an application which says nothing: the call is forgotten', async () => {
      const app = await bench.app();
      const phone = await bench.phone();
      phone.call(bench.sip()).invite();
      const { res } = await app.next();
      const stats = (): { pendingRequests: number; serverTransactions: number } | undefined =>
        bench.backend.server?.stats();
      expect(stats()?.pendingRequests).toBe(1);
      await until(() => stats()?.pendingRequests === 0, 'the INVITE is given up', 4000);
      const error = await new Promise((resolve) =>
        res.send(200, { body: sdp() }, (reason) => resolve(reason)),
      );
      expect(error).toMatch(/unknown transaction/);
      expect(phone.count('200 INVITE')).toBe(0);
    });

    it('an application which does not answer BYE: the transaction is given up', async () => {
      const frames = await bench.frames({ routes: ['invite'] });
      const phone = await bench.phone();
      const call = phone.call(bench.sip());
      call.invite();
      const arrived = await frames.expect(sipFrame('INVITE '));
      frames.send(`sip|${arrived.tokens[8] ?? ''}|\r\nSIP/2.0 200 OK\r\n\r\n${sdp()}`);
      call.ack(await call.expect('200 INVITE'));
      await frames.expect(sipFrame('ACK '));
      call.bye();
      await frames.expect(sipFrame('BYE '));
      await bench.backend.idle();
    });
  },
  { embedded: { timers: { c: 600 } }, only: 'embedded' },
);
