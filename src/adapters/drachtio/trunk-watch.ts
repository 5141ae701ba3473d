import type Srf from 'drachtio-srf';
import type { Clock, Random } from '../../ports/clock.js';
import type { TrunkState, TrunkWatch, WatchedTrunk } from '../../ports/trunk-watch.js';
import { addressOfTrunk } from './trunk-address.js';
import { Ping, type PingState } from './trunk-ping.js';
import { Registration, type RegistrationState } from './trunk-registration.js';
import { requestsOn, type SendRequest } from './trunk-request.js';
import { TRUNK_TIMINGS } from './trunk-timings.js';

/** Told by the signalling adapter, whose link the requests go by. */
export interface LinkWatcher {
  linkUp(srf: Srf): void;
  linkDown(): void;
}

export interface TrunkWatchOptions {
  readonly clock: Clock;
  readonly random: Random;
}

/** Registrations and pings by way of the drachtio-server that `createDrachtioSignalling` is connected to. */
export function createDrachtioTrunkWatch(options: TrunkWatchOptions): TrunkWatch & LinkWatcher {
  return new DrachtioTrunkWatch(options);
}

class DrachtioTrunkWatch implements TrunkWatch, LinkWatcher {
  #trunks: readonly TrunkWatcher[] = [];
  #send: SendRequest | null = null;
  #at: 'new' | 'watching' | 'stopped' = 'new';

  constructor(private readonly options: TrunkWatchOptions) {}

  watch(trunks: Iterable<WatchedTrunk>, listener: (state: TrunkState) => void): void {
    if (this.#at !== 'new') throw new Error('trunks are watched once');
    this.#at = 'watching';
    const watched = [...trunks].filter(({ register, pingMs }) => register || pingMs !== null);
    this.#trunks = watched.map((trunk) => new TrunkWatcher(trunk, this.options, listener));
    for (const trunk of this.#trunks) {
      trunk.announce();
      if (this.#send !== null) trunk.linkUp(this.#send);
    }
  }

  linkUp(srf: Srf): void {
    const send = requestsOn(srf, this.options.clock);
    this.#send = send;
    for (const trunk of this.#trunks) trunk.linkUp(send);
  }

  linkDown(): void {
    this.#send = null;
    if (this.#at === 'watching') for (const trunk of this.#trunks) trunk.linkDown();
  }

  stop(): Promise<void> {
    if (this.#at === 'stopped') return Promise.resolve();
    this.#at = 'stopped';
    const trunks = this.#trunks;
    this.#trunks = [];
    const farewells = Promise.all(trunks.map((trunk) => trunk.stop()));
    return new Promise((resolve) => {
      const takeTimer = this.options.clock.after(TRUNK_TIMINGS.farewell, resolve);
      void farewells.then(() => {
        takeTimer();
        resolve();
      });
    });
  }
}

/** One trunk: its registration, its pings, and the one state they make. */
class TrunkWatcher {
  readonly #registration: Registration | null = null;
  readonly #ping: Ping | null = null;
  #registered: RegistrationState;
  #pinged: PingState = { reachable: null, rttMs: null, missed: null };
  #silent = false;

  constructor(
    private readonly trunk: WatchedTrunk,
    { clock, random }: TrunkWatchOptions,
    private readonly listener: (state: TrunkState) => void,
  ) {
    const { register, pingMs } = trunk;
    this.#registered = { registration: register ? 'pending' : 'none', detail: null, refusedWith: null };
    const address = addressOfTrunk(trunk);
    if (address === undefined) {
      const registration = register ? 'failed' : 'none';
      this.#registered = { registration, detail: 'the trunk has no proxy', refusedWith: null };
      return;
    }
    const registered = (state: RegistrationState): void => this.registered(state);
    const pinged = (state: PingState): void => this.pinged(state);
    if (register)
      this.#registration = new Registration(trunk, address, { clock, random, changed: registered });
    if (pingMs !== null) this.#ping = new Ping(address, pingMs, { clock, random, changed: pinged });
  }

  linkUp(send: SendRequest): void {
    this.#registration?.linkUp(send);
    this.#ping?.linkUp(send);
  }

  linkDown(): void {
    this.#registration?.linkDown();
    this.#ping?.linkDown();
  }

  stop(): Promise<void> {
    this.#silent = true;
    this.#ping?.stop();
    return new Promise((resolve) => {
      if (this.#registration === null) resolve();
      else this.#registration.stop(resolve);
    });
  }

  announce(): void {
    if (this.#silent) return;
    this.listener({ trunk: this.trunk.name, ...this.#registered, ...this.#pinged });
  }

  private registered(state: RegistrationState): void {
    const before = this.#registered;
    this.#registered = state;
    const same = before.registration === state.registration && before.detail === state.detail;
    if (!same) this.announce();
  }

  private pinged(state: PingState): void {
    const before = this.#pinged;
    this.#pinged = state;
    this.announce();
    if (before.reachable === false && state.reachable === true) this.#registration?.hurry();
  }
}
