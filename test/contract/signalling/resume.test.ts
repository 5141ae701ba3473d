import { expect, it } from 'vitest';
import type { DialTarget } from '../../../src/domain/plan.js';
import type { DialogHandle, LegPort } from '../../../src/ports/signalling.js';
import { describeServers, type Bench } from '../../support/contract-bench.js';
import { sleep, until } from '../../support/poll.js';
import type { PhoneCall } from '../../support/sip-phone/index.js';
import { Relay } from './relay.js';
import { NEXT_SDP, OUR_SDP, Rig, type Called, type Told } from './rig.js';

const KEEPING = { embedded: { orphanMs: 3000 } };

/** An engine whose connection is cut: as the server sees it, a process that died. */
class Mortal {
  private constructor(
    readonly rig: Rig,
    private readonly relay: Relay,
  ) {}

  static async start(bench: Bench, deadlines: Parameters<typeof Rig.start>[1] = {}): Promise<Mortal> {
    const relay = await Relay.open(bench.backend.admin);
    return new Mortal(await Rig.start(bench, deadlines, { host: '127.0.0.1', port: relay.port }), relay);
  }

  /** Dies; the other one has its place. */
  async succeeded(bench: Bench, deadlines: Parameters<typeof Rig.start>[1] = {}): Promise<Rig> {
    const heir = await Rig.start(bench, deadlines);
    const noticed = serverNotices(bench);
    this.relay.cut();
    await until(() => this.rig.links.includes('down'), 'the first engine is gone');
    await noticed;
    return heir;
  }
}

/** That a connection has ended, in its own time. */
async function serverNotices({ backend }: Bench): Promise<void> {
  const { server } = backend;
  if (server === null) return sleep(100);
  const before = server.stats().appConnections;
  await until(() => server.stats().appConnections < before, 'an application is gone');
}

interface Leg {
  readonly leg: LegPort;
  readonly told: Told;
  readonly call: PhoneCall;
}

const ROLES: readonly (readonly [string, (rig: Rig) => Promise<Leg>])[] = [
  ['a leg it dialled', (rig) => rig.talking()],
  ['a caller', (rig) => rig.answered()],
];

function resume(
  rig: Rig,
  handle: DialogHandle | null,
  auth: DialTarget['auth'] = null,
): { leg: LegPort; told: Told } {
  if (handle === null) throw new Error('the leg has no handle');
  const told = rig.told();
  const request = { handle, tap: told.tap, allows: rig.allows, auth };
  return { leg: rig.signalling.resume(request, told.listener), told };
}

async function resumed(rig: Rig, handle: DialogHandle | null): Promise<{ leg: LegPort; told: Told }> {
  const { leg, told } = resume(rig, handle);
  await told.next('resumed');
  return { leg, told };
}

async function hangUp({ leg, told, call }: Leg): Promise<void> {
  leg.bye([]);
  call.respond(await call.expect('BYE'), 200);
  expect(await told.next('closed')).toEqual({ type: 'closed', code: 200 });
}

describeServers(
  'signalling: legs of a process that is gone',
  (bench) => {
    it.each(ROLES)('%s: the far end notices nothing until it is spoken to', async (_what, up) => {
      const mortal = await Mortal.start(bench);
      const { leg, call } = await up(mortal.rig);
      const { handle, sipCallId, dialog } = leg;
      const heir = await mortal.succeeded(bench);
      call.phone.forget();
      const again = await resumed(heir, handle);
      expect(leg.handle).toBeNull();
      expect([again.leg.sipCallId, again.leg.dialog]).toEqual([sipCallId, dialog]);
      expect(call.phone.received.filter(({ method }) => method === 'OPTIONS')).toEqual([]);
      again.leg.info({ contentType: 'text/plain', body: 'still there?' });
      const info = await call.expect('INFO');
      expect(info.body).toBe('still there?');
      call.respond(info, 200);
      await hangUp({ ...again, call });
    });

    it.each(ROLES)('%s: another session description', async (_what, up) => {
      const mortal = await Mortal.start(bench);
      const { leg, call } = await up(mortal.rig);
      const { handle } = leg;
      const heir = await mortal.succeeded(bench);
      const again = await resumed(heir, handle);
      again.leg.reoffer(NEXT_SDP);
      const offer = await call.expect('INVITE');
      expect(offer.body).toBe(NEXT_SDP);
      call.accept(offer);
      await call.expect('ACK');
      await again.told.next('reofferAccepted');
      // What it would be handed on with is what is agreed now.
      expect(again.leg.handle).not.toBe(handle);
      expect(JSON.parse(again.leg.handle ?? '')).toMatchObject({ localSdp: NEXT_SDP });
      await hangUp({ ...again, call });
      expect(again.leg.handle).toBeNull();
    });

    it.each(ROLES)('%s: it hangs up', async (_what, up) => {
      const mortal = await Mortal.start(bench);
      const { leg, call } = await up(mortal.rig);
      const { handle } = leg;
      const heir = await mortal.succeeded(bench);
      const { told } = await resumed(heir, handle);
      call.bye();
      // The real server says it to nobody, and forgets: which is asked about once a second.
      await call.expect(bench.real ? '481 BYE' : '200 BYE');
      expect(await told.next('hungUp')).toMatchObject({ headers: [] });
      await told.silent();
    });

    it.each(ROLES)('%s: it has hung up when nobody was there', async (_what, up) => {
      const mortal = await Mortal.start(bench);
      const { leg, call } = await up(mortal.rig);
      const { handle } = leg;
      const heir = await mortal.succeeded(bench);
      call.bye();
      if (bench.real) await call.expect('481 BYE');
      else await sleep(100);
      const { told } = resume(heir, handle);
      if (bench.real) {
        await told.next('lost');
        return;
      }
      await told.next('resumed');
      await told.next('hungUp');
      await call.expect('200 BYE');
    });

    it.each(ROLES)('%s: from one to the next to the next', async (_what, up) => {
      const first = await Mortal.start(bench);
      const { leg, call } = await up(first.rig);
      const { handle } = leg;
      const second = await Mortal.start(bench);
      await first.succeeded(bench).then((rig) => rig.signalling.stop());
      const heir = await resumed(second.rig, handle);
      // Nothing has changed since.
      expect(heir.leg.handle).toBe(handle);
      const third = await second.succeeded(bench);
      await heir.told.next('lost');
      await hangUp({ ...(await resumed(third, handle)), call });
    });

    it.each(ROLES)('%s: gone when it is asked for', async (_what, up) => {
      const rig = await Rig.start(bench);
      const { leg, told, call } = await up(rig);
      const { handle } = leg;
      await hangUp({ leg, told, call });
      const again = resume(rig, handle);
      await again.told.next('lost');
      again.leg.bye([]);
      await again.told.silent();
    });

    it('a handle of another make, or none that can be read', async () => {
      const nothing = (): void => undefined;
      const rig = await Rig.start(bench, {}, { log: { info: nothing, warn: nothing, error: nothing } });
      for (const handle of [
        '',
        'null',
        '{}',
        '{"v":2,"at":"talking"}',
        '{"v":1,"at":"talking","type":"uac"}',
      ]) {
        const { told } = resume(rig, handle as DialogHandle);
        expect(await told.next('lost'), handle).toEqual({ type: 'lost' });
      }
    });

    it('a link that is down', async () => {
      const mortal = await Mortal.start(bench);
      const { leg, call } = await mortal.rig.talking();
      const { handle } = leg;
      const heir = await mortal.succeeded(bench);
      await resume(mortal.rig, handle).told.next('lost');
      await hangUp({ ...(await resumed(heir, handle)), call });
    });

    it('no secret is in a handle, and a challenge is answered with what the heir knows', async () => {
      const auth = { username: 'engine', password: 'open-sesame' };
      const mortal = await Mortal.start(bench);
      const { leg, call } = await mortal.rig.talking({ auth });
      const { handle } = leg;
      expect(handle).not.toContain(auth.password);
      const heir = await mortal.succeeded(bench);
      const { leg: again, told } = resume(heir, handle, auth);
      await told.next('resumed');
      again.bye([]);
      const challenged = await call.expect('BYE');
      call.respond(challenged, 401, {
        headers: [['WWW-Authenticate', 'Digest realm="phones", nonce="abc", algorithm=MD5']],
      });
      const signed = await call.expect('BYE');
      expect(signed.get('authorization')).toContain('username="engine"');
      call.respond(signed, 200);
      expect(await told.next('closed')).toEqual({ type: 'closed', code: 200 });
    });
  },
  KEEPING,
);

describeServers(
  'signalling: INVITEs of a process that is gone',
  (bench) => {
    it('ours is cancelled', async () => {
      const mortal = await Mortal.start(bench);
      const { leg, call, invite, told } = await ringing(mortal.rig);
      const { handle } = leg;
      const heir = await mortal.succeeded(bench);
      const again = resume(heir, handle);
      await again.told.next('lost');
      call.respond(await call.expect('CANCEL'), 200);
      call.respond(invite, 487);
      await call.expect('ACK');
      await again.told.silent();
      expect(told.types.at(-1)).toBe('lost');
    });

    it('ours was answered when nobody was there: ACK and BYE', async () => {
      const mortal = await Mortal.start(bench);
      const { leg, call, invite } = await ringing(mortal.rig);
      const { handle } = leg;
      const heir = await mortal.succeeded(bench);
      call.accept(invite);
      await resume(heir, handle).told.next('lost');
      await call.expect('ACK');
      call.respond(await call.expect('BYE'), 200);
    });

    it.each([
      ['which rings', true],
      ['without any answer yet', false],
    ])('theirs %s is refused, so that the caller can try again', async (_what, rings) => {
      const mortal = await Mortal.start(bench);
      const calling = await mortal.rig.calling();
      expect(calling.leg.handle).not.toBeNull();
      if (rings) {
        calling.leg.ring(180, 'Ringing', null);
        await calling.call.expect(180);
      }
      const { handle } = calling.leg;
      const heir = await mortal.succeeded(bench);
      await resume(heir, handle).told.next('lost');
      const refusal = await calling.call.expect('503 INVITE');
      calling.call.ack(refusal);
    });

    it('whoever writes handles down is told when there is another one', async () => {
      const rig = await Rig.start(bench);
      const { leg, told } = rig.dial((await bench.phone({ user: 'bob' })).uri);
      expect(leg.handle).toBeNull();
      await until(() => told.handles === 1, 'the INVITE is sent');
      expect(leg.handle).not.toBeNull();
      const calling = await rig.calling();
      const ringing = calling.leg.handle;
      calling.leg.answer(OUR_SDP);
      expect(calling.leg.handle).toBe(ringing);
      await until(() => calling.told.handles === 1, 'the dialog is there');
      expect(JSON.parse(calling.leg.handle ?? '')).toMatchObject({ at: 'talking' });
      calling.call.ack(await calling.call.expect(200));
      await hangUp(calling);
    });

    it('an INVITE that was not sent has no handle', async () => {
      const rig = await Rig.start(bench);
      const { leg, told } = rig.dial('no uri');
      expect(leg.handle).toBeNull();
      await told.next('refused');
    });
  },
  KEEPING,
);

describeServers(
  'signalling: what the far end of a resumed leg wants',
  (bench) => {
    it.each(ROLES)('%s: hold, INFO and REFER', async (_what, up) => {
      const mortal = await Mortal.start(bench);
      const { leg, call } = await up(mortal.rig);
      const { handle } = leg;
      const heir = await mortal.succeeded(bench);
      const again = await resumed(heir, handle);
      call.invite();
      const { offerId, sdp } = await again.told.next('offer');
      expect(sdp).not.toBeNull();
      again.leg.acceptOffer(offerId, OUR_SDP);
      const ok = await call.expect('200 INVITE');
      expect(ok.body).toBe(OUR_SDP);
      call.ack(ok);
      call.send('INFO');
      await call.expect('200 INFO');
      call.refer('sip:7001@example.com');
      const { referId } = await again.told.next('referred');
      again.leg.refuseRefer(referId, 603, 'Decline');
      await call.expect('603 REFER');
      await hangUp({ ...again, call });
    });

    it('a stranger who knows its names', async () => {
      const mortal = await Mortal.start(bench);
      const { leg, call } = await mortal.rig.talking();
      const { handle } = leg;
      const heir = await mortal.succeeded(bench);
      const again = await resumed(heir, handle);
      const stranger = await bench.phone({ host: '127.0.0.9' });
      stranger.send(call.build('BYE').toString(), bench.sip());
      await stranger.expect('481 BYE');
      expect(again.leg.speaksFrom('127.0.0.9')).toBe(false);
      expect(again.leg.speaksFrom('127.0.0.1')).toBe(true);
      await again.told.silent();
      await hangUp({ ...again, call });
    });

    it('nobody asks for it: it is hung up', async () => {
      const mortal = await Mortal.start(bench);
      const { call } = await mortal.rig.talking();
      await mortal.succeeded(bench);
      const bye = await call.expect('BYE', 5000);
      expect(bye.get('reason')).toContain('application lost');
      call.respond(bye, 200);
    });
  },
  { ...KEEPING, only: 'embedded' },
);

describeServers(
  'signalling: session timers of a resumed leg',
  (bench) => {
    /** A second of an interval in these tests, in ms. */
    const SECOND = 10;
    const FAST = { sessionSecond: SECOND };

    it.each([
      ['ours to refresh', 'uac'],
      ['theirs to refresh', 'uas'],
    ])('%s', async (_what, refresher) => {
      const mortal = await Mortal.start(bench, FAST);
      const { phone, leg, told, invite, call } = await mortal.rig.called();
      call.accept(invite, {
        headers: [
          ['Session-Expires', `90;refresher=${refresher}`],
          ['Require', 'timer'],
        ],
      });
      await call.expect('ACK');
      await told.next('answered');
      const { handle } = leg;
      const heir = await mortal.succeeded(bench, FAST);
      const again = await resumed(heir, handle);
      // The real server would answer the far end's refresh 481, so that the refreshing becomes ours.
      if (refresher === 'uac' || bench.real) {
        const refresh = await call.expect('INVITE');
        expect(refresh.get('session-expires')).toContain('90;refresher=uac');
        expect(refresh.body).toBe(OUR_SDP);
        call.accept(refresh, {
          headers: [
            ['Session-Expires', '90;refresher=uac'],
            ['Require', 'timer'],
          ],
        });
        await call.expect('ACK');
      } else {
        await again.told.silent(60 * SECOND);
        expect(phone.count('INVITE')).toBe(1);
      }
      await hangUp({ ...again, call });
    });
  },
  KEEPING,
);

async function ringing(rig: Rig): Promise<Called> {
  const called = await rig.called();
  called.call.respond(called.invite, 180);
  await called.told.next('progress');
  expect(called.leg.handle).not.toBeNull();
  return called;
}
