import { expect, it } from 'vitest';
import { describeServers, type Bench } from '../../support/contract-bench.js';
import { startEmbedded } from '../../support/drachtio-backend.js';
import { sipFrame, type Frame, type FrameClient } from '../../support/frame-client.js';
import { sleep, until } from '../../support/poll.js';
import { TestApp } from '../../support/test-app.js';
import { sdp } from '../../support/sip-phone/index.js';
import { callIn, callOut, dial, type Established } from './flows.js';
import { knownBug } from './known-bugs.js';

/**
 * What is left of the calls of an application that is gone, for another one with the same tag. Asserted for both
 * servers, where they differ: docs/scaling.md tells users what an engine makes of it.
 */

const TAG = { tags: ['engine'] };
const ORPHAN_MS = 800;
const KEEPING = { embedded: { orphanMs: ORPHAN_MS } };

const BYE = 'BYE sip:placeholder SIP/2.0\r\nContent-Length: 0\r\n\r\n';
const INFO = 'INFO sip:placeholder SIP/2.0\r\nContent-Type: text/plain\r\n\r\nstill there?';
/** As the adapter asks: no server sends it, each says something else to it. */
const TAKE_OVER = 'OPTIONS sip:placeholder SIP/2.0\r\nTake-Over: dialog\r\n\r\n?';

const inDialog = (dialogId: string, message: string): string => `sip||${dialogId}\r\n${message}`;

const reasonOf = (reply: Frame): string => reply.tokens.slice(3).join('|');

async function takeOver(heir: FrameClient, { dialog }: Pick<Established, 'dialog'>): Promise<string> {
  return reasonOf(await heir.ask(inDialog(dialog.id, TAKE_OVER)));
}

/** A call of an application that is gone, and the connection of another one. */
async function orphaned(
  bench: Bench,
  up: typeof callIn | typeof callOut,
  heirTags: readonly string[] = TAG.tags,
): Promise<Established & { heir: FrameClient }> {
  const heir = await bench.frames({ routes: ['bye'], tags: heirTags });
  const established = await up(bench, { app: await bench.app(undefined, TAG) });
  await established.app.close();
  return { ...established, heir };
}

const ROLES = [
  ['a call it made', callOut],
  ['a call it took', callIn],
] as const;

describeServers(
  'the calls of an application that is gone',
  (bench) => {
    it.each(ROLES)('another one can send in %s, and is told what comes of it', async (_what, up) => {
      const { heir, call, dialog } = await orphaned(bench, up);
      heir.send(inDialog(dialog.id, INFO));
      const info = await call.expect('INFO');
      expect(info.body).toBe('still there?');
      call.respond(info, 200);
      await heir.expect(sipFrame('SIP/2.0 200'));
      heir.send(inDialog(dialog.id, BYE));
      call.respond(await call.expect('BYE'), 200);
      await heir.expect(sipFrame('SIP/2.0 200'));
      expect(reasonOf(await heir.ask(inDialog(dialog.id, BYE)))).toContain('unable to find dialog');
    });

    it.each(ROLES)('taking over says what the server can do, on %s', async (_what, up) => {
      const { heir, call, dialog } = await orphaned(bench, up);
      // The real server only says that it has the dialog: it looks for the dialog before it looks at the body.
      expect(await takeOver(heir, { dialog })).toContain(
        bench.real ? 'missing content-type' : 'dialog taken over',
      );
      expect(call.take('OPTIONS')).toBeUndefined();
      heir.send(inDialog(dialog.id, BYE));
      call.respond(await call.expect('BYE'), 200);
      await heir.expect(sipFrame('SIP/2.0 200'));
      expect(await takeOver(heir, { dialog })).toContain('unable to find dialog');
    });

    it.each(ROLES)('the far end hangs up after the take-over of %s', async (_what, up) => {
      const { heir, call, dialog } = await orphaned(bench, up);
      await takeOver(heir, { dialog });
      call.bye();
      if (knownBug(bench, 'noHeir')) {
        // It is told nobody, but the server has forgotten the dialog, which can be asked.
        await call.expect('481 BYE');
        expect(await takeOver(heir, { dialog })).toContain('unable to find dialog');
        expect(heir.received.filter((frame) => frame.kind === 'sip')).toEqual([]);
        return;
      }
      await answerFrame(heir, 'BYE ');
      await call.expect('200 BYE');
      await until(() => bench.backend.server?.stats().dialogs === 0, 'the dialog is gone');
    });

    it.each(ROLES)('what the far end says before the take-over of %s', async (_what, up) => {
      const { heir, call, dialog } = await orphaned(bench, up);
      call.send('INFO');
      if (knownBug(bench, 'noHeir')) {
        await call.expect('481 INFO');
        heir.send(inDialog(dialog.id, BYE));
        call.respond(await call.expect('BYE'), 200);
        await heir.expect(sipFrame('SIP/2.0 200'));
        return;
      }
      call.invite();
      await call.expect('100 INVITE');
      await takeOver(heir, { dialog });
      await answerFrame(heir, 'INFO ');
      await call.expect('200 INFO');
      await answerFrame(heir, 'INVITE ', '488 Not Acceptable Here');
      call.ack(await call.expect('488 INVITE'));
      call.bye();
      await answerFrame(heir, 'BYE ');
      await call.expect('200 BYE');
    });

    it('an INVITE of ours which rings', async () => {
      const app = await bench.app(undefined, TAG);
      const { invite, call } = await dial(bench, { app });
      const heir = await bench.frames({ tags: TAG.tags });
      call.respond(invite, 180);
      const transaction = transactionOf(app);
      await app.close();
      if (bench.real) {
        // Whoever knows the transaction may CANCEL it.
        expect(reasonOf(await heir.ask(`sip|${transaction}|\r\nCANCEL sip:x SIP/2.0\r\n\r\n`))).toMatch(
          /^OK/,
        );
      }
      call.respond(await call.expect('CANCEL'), 200);
      call.respond(invite, 487);
      await call.expect('ACK');
    });

    it('an INVITE of ours which was answered when nobody was there', async () => {
      const app = await bench.app(undefined, TAG);
      const { invite, call } = await dial(bench, { app });
      call.respond(invite, 180);
      await sleep(50);
      const heir = await bench.frames({ tags: TAG.tags });
      const id = `${invite.need('call-id')};from-tag=${invite.fromTag}`;
      await app.close();
      if (bench.real) {
        call.accept(invite);
        await until(() => call.take('ACK') === undefined, 'no ACK by itself');
        await sleep(100);
        // The server has made the dialog, so that anybody can finish the call properly.
        heir.send(inDialog(id, 'ACK sip:placeholder SIP/2.0\r\nContent-Length: 0\r\n\r\n'));
        await call.expect('ACK');
        heir.send(inDialog(id, BYE));
      } else {
        await call.expect('CANCEL');
        call.accept(invite);
        await call.expect('ACK');
      }
      call.respond(await call.expect('BYE'), 200);
    });

    it('a call which rings at it', async () => {
      const app = await bench.app(undefined, TAG);
      const phone = await bench.phone();
      const call = phone.call(bench.sip());
      call.invite();
      const { req, res } = await app.next();
      res.send(180);
      await call.expect('180 INVITE');
      const heir = await bench.frames({ tags: TAG.tags });
      await app.close();
      // Whoever knows the transaction may answer it.
      if (knownBug(bench, 'ringsWithoutApplication'))
        expect(
          reasonOf(await heir.ask(`sip|${req.stackTxnId}|\r\nSIP/2.0 503 Service Unavailable\r\n\r\n`)),
        ).toMatch(/^OK/);
      call.ack(await call.expect('503 INVITE'));
    });

    it('an ACK that was still to come', async () => {
      const app = await bench.app(undefined, TAG);
      const phone = await bench.phone();
      const call = phone.call(bench.sip());
      call.invite();
      const { req, res } = await app.next();
      const answered = app.srf.createUAS(req, res, { localSdp: 'v=0\r\n' });
      const ok = await call.expect('200 INVITE');
      const dialog = await answered;
      const heir = await bench.frames({ tags: TAG.tags });
      await app.close();
      await takeOver(heir, { dialog });
      call.ack(ok);
      if (!bench.real) await heir.expect(sipFrame('ACK '));
      // No BYE for want of an ACK.
      await sleep(2 * bench.timers.t1);
      heir.send(inDialog(dialog.id, BYE));
      const bye = await call.expect('BYE');
      expect(bye.get('reason')).toBeUndefined();
      call.respond(bye, 200);
      await heir.expect(sipFrame('SIP/2.0 200'));
    });

    it('a re-INVITE under way', async () => {
      const app = await bench.app(undefined, TAG);
      const { call, dialog, phone } = await callOut(bench, { app });
      dialog.request({ method: 'INVITE', body: sdp() }, () => undefined);
      const again = await call.expect('INVITE');
      const heir = await bench.frames({ tags: TAG.tags });
      await app.close();
      if (bench.real) {
        call.accept(again);
        // Nobody ACKs it, and the far end would hang up after a while.
        await sleep(4 * bench.timers.t1);
        expect(call.take('ACK')).toBeUndefined();
      } else {
        call.respond(again, 100);
        call.respond(await call.expect('CANCEL'), 200);
        const ok = call.accept(again);
        await call.expect('ACK');
        // The ACK is lost: it comes again.
        phone.send(ok, bench.sip());
        await call.expect('ACK');
      }
      await takeOver(heir, { dialog });
      heir.send(inDialog(dialog.id, BYE));
      call.respond(await call.expect('BYE'), 200);
      await heir.expect(sipFrame('SIP/2.0 200'));
    });
  },
  KEEPING,
);

describeServers(
  'the calls of an application that is gone: who may have them',
  (bench) => {
    it.each([
      ['without the tag', ['another']],
      ['without any tag', []],
    ])('not an application %s', async (_what, tags) => {
      const { heir, call, dialog } = await orphaned(bench, callIn, tags);
      expect(await takeOver(heir, { dialog })).toContain('belongs to another application');
      call.bye();
      const bye = await call.expect('BYE');
      expect(bye.get('reason')).toContain('application lost');
      call.respond(bye, 200);
      await call.expect('481 BYE');
      expect(heir.received.filter((frame) => frame.kind === 'sip')).toEqual([]);
    });

    it('nobody takes them: BYE when the wait is over', async () => {
      const begun = performance.now();
      const { call } = await orphaned(bench, callOut);
      const bye = await call.expect('BYE');
      expect(performance.now() - begun).toBeGreaterThan(ORPHAN_MS - 100);
      expect(bye.get('reason')).toContain('application lost');
      call.respond(bye, 200);
      expect(bench.backend.server?.stats().orphans).toBe(0);
    });

    it('an application without tags: BYE at once', async () => {
      const { app, call } = await callOut(bench);
      await app.close();
      call.respond(await call.expect('BYE'), 200);
      expect(bench.backend.server?.stats().orphans).toBe(0);
    });

    it('a frozen application loses a call to whoever takes it over', async () => {
      const app = await bench.app(undefined, TAG);
      const { call, dialog } = await callIn(bench, { app });
      dialog.on('info', () => expect.unreachable('the INFO of a call of another application'));
      const heir = await bench.frames({ tags: TAG.tags });
      expect(await takeOver(heir, { dialog })).toContain('dialog taken over');
      call.send('INFO');
      await answerFrame(heir, 'INFO ');
      await call.expect('200 INFO');
      call.bye();
      await answerFrame(heir, 'BYE ');
      await call.expect('200 BYE');
    });

    it('the end of the server is the end of the wait', async () => {
      const backend = await startEmbedded({ orphanMs: 60_000 });
      const app = await TestApp.connect(backend.admin, [], TAG);
      const { call } = await callOut(bench, { app });
      await app.close();
      await until(() => backend.server?.stats().orphans === 1, 'the call waits');
      const closed = backend.close();
      call.respond(await call.expect('BYE'), 200);
      await closed;
    });
  },
  { embedded: { orphanMs: ORPHAN_MS }, only: 'embedded' },
);

/** The request as the application gets it, answered 200. */
async function answerFrame(heir: FrameClient, startsWith: string, status = '200 OK'): Promise<void> {
  const { tokens } = await heir.expect(sipFrame(startsWith));
  heir.send(`sip|${tokens[8] ?? ''}|\r\nSIP/2.0 ${status}\r\n\r\n`);
}

/** Of the INVITE it has sent: not part of srf's API. */
function transactionOf({ srf }: Established['app']): string {
  const { client } = (
    srf as unknown as {
      _app: { client: { mapServer: Map<unknown, { pendingSipRequests: Map<string, unknown> }> } };
    }
  )._app;
  const [server] = client.mapServer.values();
  return [...(server?.pendingSipRequests.keys() ?? [])].at(-1) ?? '';
}
