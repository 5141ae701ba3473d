import { onTestFinished } from 'vitest';
import { createDrachtioSignalling } from '../../../src/adapters/drachtio/drachtio-signalling.js';
import type { Deadlines, DrachtioOptions } from '../../../src/adapters/drachtio/options.js';
import type { DialTarget } from '../../../src/domain/plan.js';
import type {
  AcceptedOffer,
  IncomingOffer,
  LegEvent,
  LegPort,
  Signalling,
  SignallingInfo,
  Unwanted,
} from '../../../src/ports/signalling.js';
import type { Bench } from '../../support/contract-bench.js';
import { sleep, until } from '../../support/poll.js';
import { sdp, type PhoneCall, type SipMessage, type SipPhone } from '../../support/sip-phone/index.js';

type EventOf<T extends LegEvent['type']> = Extract<LegEvent, { type: T }>;

const ENDS: readonly string[] = ['refused', 'hungUp', 'closed', 'lost'];

/** What a leg told, in order; fails the test when the port's promise of one end is broken. */
export class Told {
  readonly events: LegEvent[] = [];
  readonly ladder: string[] = [];
  readonly broken: string[] = [];
  #taken = 0;
  /** Called for each event, in the adapter's tick. */
  react: ((event: LegEvent) => void) | null = null;
  /** Called for each line of the ladder, in the adapter's tick. */
  onTap: ((line: string) => void) | null = null;

  /** How often the leg said that its handle is another one. */
  handles = 0;

  readonly listener = (event: LegEvent): void => {
    if (this.ended) this.broken.push(`${event.type} after the end`);
    if (event.type === 'handleChanged') {
      this.handles += 1;
      return;
    }
    this.events.push(event);
    this.react?.(event);
  };

  readonly tap = (direction: 'in' | 'out', text: string, withSdp: boolean): void => {
    const line = `${direction === 'in' ? '<' : '>'} ${text}${withSdp ? ' +sdp' : ''}`;
    this.ladder.push(line);
    this.onTap?.(line);
  };

  get ended(): boolean {
    return this.events.some((event) => ENDS.includes(event.type));
  }

  get types(): string[] {
    return this.events.map((event) => event.type);
  }

  /** The next event, which must be of that type. */
  async next<T extends LegEvent['type']>(type: T, timeoutMs = 3000): Promise<EventOf<T>> {
    await until(
      () => this.events.length > this.#taken,
      () => `a ${type}; told so far: ${this.types.join(' ')}`,
      timeoutMs,
    );
    const event = this.events[this.#taken++];
    if (event?.type !== type) throw new Error(`${type} expected, told: ${JSON.stringify(this.events)}`);
    return event as EventOf<T>;
  }

  /** Nothing more comes for a while. */
  async silent(ms = 150): Promise<void> {
    await sleep(ms);
    const extra = this.events.slice(this.#taken).map((event) => event.type);
    if (extra.length > 0) throw new Error(`nothing expected, told: ${extra.join(' ')}`);
  }
}

export interface Offered {
  readonly offer: IncomingOffer;
  readonly leg: LegPort;
  readonly told: Told;
}

type Policy = (offer: IncomingOffer, leg: LegPort, accepted: AcceptedOffer) => AcceptedOffer | Unwanted;

/** The adapter under test on a server, with what it told. */
export class Rig {
  readonly offers: Offered[] = [];
  readonly links: string[] = [];
  policy: Policy = (_offer, _leg, accepted) => accepted;
  /** Addresses allowed to speak for any far end. */
  readonly allowed = new Set<string>();
  /** Of the trunk that callers come from. */
  auth: AcceptedOffer['auth'] = null;
  info!: SignallingInfo;
  readonly #tolds: Told[] = [];

  private constructor(
    readonly bench: Bench,
    readonly signalling: Signalling,
  ) {}

  static async start(
    bench: Bench,
    deadlines: Partial<Deadlines> = {},
    options: Partial<DrachtioOptions> = {},
  ): Promise<Rig> {
    const log = { info: noop, warn: noop, error: console.error };
    const signalling = createDrachtioSignalling({ ...bench.backend.admin, log, deadlines, ...options });
    const rig = new Rig(bench, signalling);
    onTestFinished(async () => {
      await signalling.stop();
      const broken = rig.#tolds.flatMap((told) => told.broken);
      if (broken.length > 0) throw new Error(`promise of the port broken: ${broken.join(', ')}`);
    });
    rig.info = await signalling.start({
      offered: (offer, leg) => {
        const told = rig.told();
        const verdict = rig.policy(offer, leg, {
          listener: told.listener,
          tap: told.tap,
          allows: rig.allows,
          auth: rig.auth,
        });
        rig.offers.push({ offer, leg, told });
        return verdict;
      },
      linkDown: () => rig.links.push('down'),
      linkUp: () => rig.links.push('up'),
    });
    return rig;
  }

  readonly allows = (address: string): boolean => this.allowed.has(address);

  told(): Told {
    const told = new Told();
    this.#tolds.push(told);
    return told;
  }

  async offered(): Promise<Offered> {
    await until(() => this.offers.length > 0, 'an offer');
    return this.offers.shift()!;
  }

  dial(
    uri: string,
    target: Partial<DialTarget> = {},
    offer: string | null = OUR_SDP,
  ): { leg: LegPort; told: Told } {
    const told = this.told();
    const leg = this.signalling.dial(
      { target: { ...TARGET, label: uri, uri, ...target }, tap: told.tap, sdp: offer, allows: this.allows },
      told.listener,
    );
    return { leg, told };
  }

  /** A phone called by the adapter: the INVITE has arrived. */
  async called(target: Partial<DialTarget> = {}, offer: string | null = OUR_SDP): Promise<Called> {
    const phone = await this.bench.phone({ user: 'bob' });
    const { leg, told } = this.dial(phone.uri, target, offer);
    const invite = await phone.expect('INVITE');
    return { phone, leg, told, invite, call: phone.answering(invite) };
  }

  /** A confirmed call of the adapter to a phone. */
  async talking(target: Partial<DialTarget> = {}): Promise<Called> {
    const called = await this.called(target);
    called.call.accept(called.invite);
    await called.call.expect('ACK');
    await called.told.next('answered');
    return called;
  }

  /** A phone that calls the adapter: the offer is here. */
  async calling(options: Parameters<PhoneCall['invite']>[0] = {}): Promise<Calling> {
    const phone = await this.bench.phone({ user: 'alice' });
    const call = phone.call(this.bench.sip());
    const invite = call.invite(options);
    return { phone, call, invite, ...(await this.offered()) };
  }

  /** A confirmed call of a phone to the adapter. */
  async answered(): Promise<Calling & { ok: SipMessage }> {
    const calling = await this.calling();
    calling.leg.answer(OUR_SDP);
    const ok = await calling.call.expect(200);
    calling.call.ack(ok);
    await until(() => calling.told.ladder.includes('< ACK'), 'the ACK');
    return { ...calling, ok };
  }
}

export interface Called {
  readonly phone: SipPhone;
  readonly leg: LegPort;
  readonly told: Told;
  readonly invite: SipMessage;
  readonly call: PhoneCall;
}

export interface Calling extends Offered {
  readonly phone: SipPhone;
  readonly call: PhoneCall;
  readonly invite: SipMessage;
}

export const OUR_SDP = sdp({ user: 'engine', port: 30_000 });
export const NEXT_SDP = sdp({ user: 'engine', port: 30_002, version: 2 });

export const TARGET: DialTarget = {
  label: '',
  uri: '',
  route: null,
  trunk: null,
  from: { user: 'engine', display: null, host: null },
  headers: [],
  postDial: null,
  auth: null,
};

const noop = (): void => undefined;

/** BYE from the phone and its 200: the end of most tests. */
export async function phoneHangsUp({ call, told }: { call: PhoneCall; told: Told }): Promise<void> {
  call.bye();
  await call.expect('200 BYE');
  await told.next('hungUp');
}
