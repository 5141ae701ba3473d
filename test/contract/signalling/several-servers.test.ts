import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createSeveralServers } from '../../../src/adapters/drachtio/several-servers.js';
import { createDrachtioTrunkWatch } from '../../../src/adapters/drachtio/trunk-watch.js';
import { systemClock, systemRandom } from '../../../src/engine/system-clock.js';
import type { IncomingOffer, LegPort, Signalling } from '../../../src/ports/signalling.js';
import type { TrunkState } from '../../../src/ports/trunk-watch.js';
import { startEmbedded, type Backend } from '../../support/drachtio-backend.js';
import { until } from '../../support/poll.js';
import { Registrar } from '../../support/registrar.js';
import { SipPhone, type PhoneCall } from '../../support/sip-phone/index.js';
import { Relay } from './relay.js';
import { OUR_SDP, TARGET, Told } from './rig.js';

let one: Backend;
let two: Backend;
beforeAll(async () => {
  [one, two] = await Promise.all([startEmbedded(), startEmbedded()]);
});
afterAll(() => Promise.all([one.close(), two.close()]));

interface Offered {
  readonly offer: IncomingOffer;
  readonly leg: LegPort;
  readonly told: Told;
}

/** The adapter on both servers, each behind a relay that can be cut. */
class TwoServers {
  readonly links: string[] = [];
  readonly listenings: (readonly string[])[] = [];
  readonly trunks: TrunkState[] = [];
  readonly offers: Offered[] = [];
  readonly signalling: Signalling;
  readonly watch = createDrachtioTrunkWatch({ clock: systemClock, random: systemRandom });

  private constructor(
    readonly first: Relay,
    readonly second: Relay,
    secondSecret: string,
  ) {
    const server = ({ port }: Relay, secret: string) => ({
      host: '127.0.0.1',
      port,
      secret,
      reconnectMaxMs: 200,
    });
    this.signalling = createSeveralServers({
      servers: [server(first, one.admin.secret), server(second, secondSecret)],
      ...{ watcher: this.watch, clock: systemClock },
    });
  }

  static async make(secondSecret = two.admin.secret): Promise<TwoServers> {
    const [first, second] = [await Relay.open(one.admin), await Relay.open(two.admin)];
    const servers = new TwoServers(first, second, secondSecret);
    onTestFinished(async () => {
      await servers.watch.stop();
      await servers.signalling.stop();
    });
    return servers;
  }

  static async start(): Promise<TwoServers> {
    const servers = await TwoServers.make();
    await servers.begin();
    return servers;
  }

  begin() {
    return this.signalling.start({
      offered: (offer, leg) => {
        const told = new Told();
        this.offers.push({ offer, leg, told });
        return { listener: told.listener, tap: told.tap, allows: () => false, auth: null };
      },
      linkDown: () => void this.links.push('down'),
      linkUp: () => void this.links.push('up'),
      listeningOn: (listening) => void this.listenings.push(listening),
    });
  }

  get up(): boolean[] {
    return this.signalling.servers().map(({ up }) => up);
  }

  /** A confirmed call of a phone by way of this server. */
  async calling(backend: Backend): Promise<Offered & { call: PhoneCall }> {
    const call = (await phone('alice')).call(backend.sip());
    call.invite();
    await until(() => this.offers.length > 0, 'an offer');
    const offered = this.offers.shift()!;
    offered.leg.answer(OUR_SDP);
    call.ack(await call.expect(200));
    await until(() => offered.told.ladder.includes('< ACK'), 'the ACK');
    return { ...offered, call };
  }

  /** A confirmed call to a phone, and the port of the server it came from. */
  async dialling(beside?: LegPort): Promise<{ leg: LegPort; told: Told; call: PhoneCall; from: number }> {
    const bob = await phone('bob');
    const told = new Told();
    const target = { ...TARGET, label: 'bob', uri: bob.uri };
    const request = { target, tap: told.tap, sdp: OUR_SDP, allows: () => false };
    const leg = this.signalling.dial(beside === undefined ? request : { ...request, beside }, told.listener);
    const invite = await bob.expect('INVITE');
    const call = bob.answering(invite);
    call.accept(invite);
    await call.expect('ACK');
    await told.next('answered');
    return { leg, told, call, from: invite.source.port };
  }
}

async function phone(user: string): Promise<SipPhone> {
  const opened = await SipPhone.open({ user });
  onTestFinished(() => opened.close());
  return opened;
}

async function hangUp({ call, told }: { call: PhoneCall; told: Told }): Promise<void> {
  call.bye();
  await call.expect('200 BYE');
  await told.next('hungUp');
}

describe('signalling: several servers', () => {
  it('says where all of them are, and takes calls from each', async () => {
    const both = await TwoServers.make();
    const info = await both.begin();
    expect(info.server).toBe(`127.0.0.1:${both.first.port},127.0.0.1:${both.second.port}`);
    expect(info.listening).toEqual([...one.hostports, ...two.hostports].map((h) => h.replace('/', ':')));
    for (const backend of [one, two]) {
      const caller = await both.calling(backend);
      expect(caller.offer.requestUri.host).toContain('127.0.0.1');
      await hangUp(caller);
    }
  });

  it('dials by the server that has the other leg', async () => {
    const both = await TwoServers.start();
    for (const backend of [two, one]) {
      const caller = await both.calling(backend);
      const target = await both.dialling(caller.leg);
      expect(target.from).toBe(backend.sip().port);
      const further = await both.dialling(target.leg);
      expect(further.from).toBe(backend.sip().port);
      for (const leg of [caller, target, further]) await hangUp(leg);
    }
    await hangUp(await both.dialling());
  });

  it('one is lost: its legs are, the others go on, nobody is told that all is lost, and it comes back', async () => {
    const both = await TwoServers.start();
    const [lost, kept] = [await both.calling(two), await both.calling(one)];
    const [target, other] = [await both.dialling(lost.leg), await both.dialling(kept.leg)];
    both.second.cut();
    for (const { told } of [lost, target]) await told.next('lost');
    expect([both.up, both.signalling.connected(), both.links]).toEqual([[true, false], true, []]);
    const elsewhere = await both.dialling(lost.leg);
    expect(elsewhere.from).toBe(one.sip().port);
    for (const leg of [kept, other, elsewhere]) await hangUp(leg);
    await both.second.mend();
    await until(() => both.up[1] === true, 'the second is back');
    expect(both.links).toEqual([]);
    await hangUp(await both.calling(two));
  });

  it('all are lost: that is told once, dialling is refused, and the first that is back is told', async () => {
    const both = await TwoServers.start();
    both.second.cut();
    await until(() => both.up[1] === false, 'the second is gone');
    both.first.cut();
    await until(() => both.links.length > 0, 'linkDown');
    expect([both.up, both.signalling.connected()]).toEqual([[false, false], false]);
    const told = new Told();
    const target = { ...TARGET, uri: 'sip:x@127.0.0.1:9' };
    both.signalling.dial({ target, tap: told.tap, sdp: OUR_SDP, allows: () => false }, told.listener);
    expect((await told.next('refused')).refusal).toMatchObject({ code: 503, by: 'local' });
    await both.second.mend();
    await until(() => both.links.length > 1, 'linkUp');
    await both.first.mend();
    await until(() => both.up[0] === true, 'the first is back');
    expect(both.links).toEqual(['down', 'up']);
    await hangUp(await both.dialling());
  });

  it('a server that is away at the start does not hold it up, and joins when it comes', async () => {
    const both = await TwoServers.make();
    both.first.cut();
    const since = performance.now();
    const info = await both.begin();
    expect(performance.now() - since).toBeLessThan(4000);
    expect(info.listening).toEqual(two.hostports.map((h) => h.replace('/', ':')));
    expect(both.up).toEqual([false, true]);
    await hangUp(await both.dialling());
    await both.first.mend();
    await until(() => both.up[0] === true, 'the first has come', 10_000);
    expect(both.listenings.at(-1)).toEqual(
      [...one.hostports, ...two.hostports].map((h) => h.replace('/', ':')),
    );
    expect(both.links).toEqual([]);
    await hangUp(await both.calling(one));
  });

  it('a wrong secret is a mistake, whoever else is up', async () => {
    const both = await TwoServers.make('wrong');
    await expect(both.begin()).rejects.toThrow(
      `127.0.0.1:${both.second.port}: the server refused the secret`,
    );
    expect(both.signalling.connected()).toBe(false);
  });

  it('handles say which server has the leg', async () => {
    const both = await TwoServers.start();
    const [caller, target] = [await both.calling(one), await both.dialling()];
    const second = await both.calling(two);
    const names = both.signalling.servers().map(({ name }) => name);
    expect([caller, target, second].map(({ leg }) => leg.handle?.split(' ')[0])).toEqual([
      names[0],
      names[0],
      names[1],
    ]);
    for (const leg of [caller, target, second]) await hangUp(leg);
    expect(caller.leg.handle).toBeNull();
  });

  it('a trunk is registered by one of them, and by another one when that is lost', async () => {
    const registrar = await Registrar.open({ users: { u: 'p' } });
    onTestFinished(() => registrar.close());
    const both = await TwoServers.start();
    const trunk = { name: 'carrier', proxy: registrar.proxy, auth: { username: 'u', password: 'p' } };
    both.watch.watch([{ ...trunk, register: true, pingMs: null }], (state) => both.trunks.push(state));
    const registered = (): boolean => both.trunks.at(-1)?.registration === 'registered';
    await until(registered, 'the registration');
    const contacts = (): string[] => [...registrar.bindings.keys()].map((uri) => uri.replace(/;.*/, ''));
    const by = (backend: Backend): string => `sip:u@127.0.0.1:${backend.sip().port}`;
    // Whose link came up first.
    const [used, other] = contacts()[0] === by(one) ? [both.first, two] : [both.second, one];
    expect(contacts()).toHaveLength(1);
    used.cut();
    await until(() => contacts().includes(by(other)), 'the registration by the other one');
    await until(registered, 'the registration');
    expect(both.trunks.map(({ registration }) => registration)).toEqual([
      ...['pending', 'registered', 'pending', 'registered'],
    ]);
    await used.mend();
    await until(() => !both.up.includes(false), 'it is back');
    expect(contacts()).toHaveLength(2);
    expect(registrar.wrong).toEqual([]);
  });
});
