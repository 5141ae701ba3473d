import { createServer, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { createDrachtioSignalling } from '../../../src/adapters/drachtio/drachtio-signalling.js';
import type { SignallingHandler } from '../../../src/ports/signalling.js';
import { describeServers } from '../../support/contract-bench.js';
import { until } from '../../support/poll.js';
import { respondTo, type SipPhone } from '../../support/sip-phone/index.js';
import { Relay } from './relay.js';
import { NEXT_SDP, OUR_SDP, Rig, phoneHangsUp, type Told } from './rig.js';

const HANDLER: SignallingHandler = {
  offered: () => 'ignore',
  linkDown: () => undefined,
  linkUp: () => undefined,
};

describeServers('signalling: the link', (bench) => {
  it('start: a wrong secret is refused at once, naming the address', async () => {
    const { host, port } = bench.backend.admin;
    const signalling = createDrachtioSignalling({ host, port, secret: 'wrong' });
    await expect(signalling.start(HANDLER)).rejects.toThrow(`${host}:${port}: the server refused the secret`);
    expect(signalling.connected()).toBe(false);
    await signalling.stop();
  });

  it('start: nobody there, until the deadline', async () => {
    const relay = await Relay.open(bench.backend.admin);
    relay.cut();
    const { secret } = bench.backend.admin;
    const options = { host: '127.0.0.1', port: relay.port, secret, startTimeoutMs: 400 };
    const signalling = createDrachtioSignalling(options);
    await expect(signalling.start(HANDLER)).rejects.toThrow(`127.0.0.1:${relay.port}`);
    const patient = createDrachtioSignalling({ ...options, startTimeoutMs: 5000 });
    const started = patient.start(HANDLER);
    await relay.mend();
    expect((await started).listening).not.toEqual([]);
    await patient.stop();
  });

  it('start: a server that says nothing, until the deadline', async () => {
    const mute = createServer();
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const { port } = mute.address() as AddressInfo;
    const signalling = createDrachtioSignalling({
      host: '127.0.0.1',
      port,
      secret: 's',
      startTimeoutMs: 200,
    });
    await expect(signalling.start(HANDLER)).rejects.toThrow(`127.0.0.1:${port}`);
    mute.close();
  });

  it('start: a secret that would break the framing', async () => {
    const signalling = createDrachtioSignalling({ host: '127.0.0.1', port: 1, secret: 'a|b' });
    await expect(signalling.start(HANDLER)).rejects.toThrow('secret');
  });

  it('a lost link: every leg is lost once, dialling is refused, and it comes back', async () => {
    const relay = await Relay.open(bench.backend.admin);
    const rig = await Rig.start(bench, {}, { host: '127.0.0.1', port: relay.port });
    const legs = await allPhases(rig);
    relay.cut();
    for (const { phase, told } of legs) {
      await until(() => told.ended, `${phase}: an end`);
      expect([phase, told.events.at(-1)]).toEqual([phase, { type: 'lost' }]);
    }
    await until(() => rig.links.length === 1, 'linkDown');
    expect(rig.signalling.connected()).toBe(false);
    for (const { leg } of legs) {
      leg.cancel([]);
      leg.bye([]);
      leg.reoffer(NEXT_SDP);
      leg.answer(OUR_SDP);
      leg.acceptOffer(1, OUR_SDP);
    }
    const { told } = rig.dial('sip:x@127.0.0.1:9');
    expect((await told.next('refused')).refusal).toMatchObject({ code: 503, by: 'local' });
    await relay.mend();
    await until(() => rig.signalling.connected(), 'the link is back');
    expect(rig.links).toEqual(['down', 'up']);
    letGo(legs.map(({ phone }) => phone));
    await phoneHangsUp(await rig.answered());
    await phoneHangsUp(await rig.talking());
  });

  it('a server that falls silent: after two to three pings every leg is lost, and it comes back', async () => {
    const relay = await Relay.open(bench.backend.admin);
    const rig = await Rig.start(
      bench,
      { heartbeat: 200, receipt: 300 },
      { host: '127.0.0.1', port: relay.port },
    );
    const { told, call } = await rig.talking();
    await told.silent(1000);
    expect(rig.links).toEqual([]);
    const since = performance.now();
    relay.freeze();
    await told.next('lost');
    expect(performance.now() - since).toBeGreaterThan(190);
    expect(rig.links).toEqual(['down']);
    expect(rig.signalling.connected()).toBe(false);
    relay.thaw();
    await until(() => rig.signalling.connected(), 'the link is back');
    letGo([call.phone]);
    await phoneHangsUp(await rig.answered());
  });

  // The embedded server ends the dialogs of a lost application by itself, without a word to the phones.
  it.skipIf(!bench.real)('what was lost is hung up when the link is back', async () => {
    const relay = await Relay.open(bench.backend.admin);
    const rig = await Rig.start(bench, {}, { host: '127.0.0.1', port: relay.port });
    const legs = [await rig.answered(), await rig.talking()];
    relay.cut();
    await until(() => rig.links.at(-1) === 'down', 'linkDown');
    await relay.mend();
    for (const { call, told } of legs) {
      const bye = await call.expect('BYE');
      expect(bye.get('reason')).toContain('Signalling lost');
      call.respond(bye, 200);
      expect(told.types.at(-1)).toBe('lost');
    }
  });

  it('a link that is lost again and again', async () => {
    const relay = await Relay.open(bench.backend.admin);
    const rig = await Rig.start(bench, {}, { host: '127.0.0.1', port: relay.port });
    for (let i = 0; i < 3; i++) {
      relay.cut();
      await until(() => rig.links.at(-1) === 'down', 'linkDown');
      await relay.mend();
      await until(() => rig.links.at(-1) === 'up', 'linkUp');
    }
    expect(rig.links).toHaveLength(6);
    await phoneHangsUp(await rig.talking());
  });

  it('stop while the link is away ends the attempts', async () => {
    const relay = await Relay.open(bench.backend.admin);
    const rig = await Rig.start(bench, {}, { host: '127.0.0.1', port: relay.port });
    relay.cut();
    await until(() => rig.links.length === 1, 'linkDown');
    await rig.signalling.stop();
    await relay.mend();
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(rig.signalling.connected()).toBe(false);
    expect(rig.links).toEqual(['down']);
  });

  it('two adapters in one process know nothing of each other', async () => {
    const relay = await Relay.open(bench.backend.admin);
    const one = await Rig.start(bench, {}, { host: '127.0.0.1', port: relay.port });
    const two = await Rig.start(bench);
    const called = await two.talking();
    relay.cut();
    await until(() => one.links.length === 1, 'linkDown of one');
    expect(two.links).toEqual([]);
    await phoneHangsUp(called);
  });
});

interface Phased {
  readonly phase: string;
  readonly told: Told;
  readonly leg: Rig['dial'] extends (...args: never[]) => { leg: infer L } ? L : never;
  readonly phone: SipPhone;
}

/** A leg in each phase in which it waits for somebody. */
async function allPhases(rig: Rig): Promise<Phased[]> {
  const legs: Phased[] = [];
  const add = <T extends Omit<Phased, 'phase'>>(phase: string, leg: T): T => {
    legs.push({ phase, told: leg.told, leg: leg.leg, phone: leg.phone });
    return leg;
  };
  const ringing = add('ringing', await rig.calling());
  ringing.leg.ring(180, 'Ringing', null);
  await ringing.call.expect(180);
  add('talking to a caller', await rig.answered());
  add('inviting', await rig.called());
  const cancelling = add('cancelling', await rig.called());
  cancelling.call.respond(cancelling.invite, 180);
  await cancelling.told.next('progress');
  cancelling.leg.cancel([]);
  await cancelling.call.expect('CANCEL');
  const unacked = add('unacked', await rig.called({}, null));
  unacked.call.accept(unacked.invite);
  await unacked.told.next('answered');
  const reoffering = add('reoffering', await rig.talking());
  reoffering.leg.reoffer(NEXT_SDP);
  await reoffering.call.expect('INVITE');
  const offered = add('offered', await rig.talking());
  offered.call.invite();
  await offered.told.next('offer');
  const leaving = add('leaving', await rig.talking());
  leaving.leg.bye([]);
  await leaving.call.expect('BYE');
  return legs;
}

/** Lets the server's own tables run empty: phones answer whatever it still wants of them. */
function letGo(phones: readonly SipPhone[]): void {
  const answers = [respondTo('BYE', 200), respondTo('CANCEL', 200), respondTo('INVITE', 487)];
  for (const phone of phones) phone.script(...answers);
}
