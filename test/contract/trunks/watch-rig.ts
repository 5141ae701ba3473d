import { onTestFinished } from 'vitest';
import { createDrachtioSignalling } from '../../../src/adapters/drachtio/drachtio-signalling.js';
import { createDrachtioTrunkWatch } from '../../../src/adapters/drachtio/trunk-watch.js';
import { systemClock, systemRandom } from '../../../src/engine/system-clock.js';
import type { TrunkState, TrunkWatch, WatchedTrunk } from '../../../src/ports/trunk-watch.js';
import type { Signalling } from '../../../src/ports/signalling.js';
import type { Bench } from '../../support/contract-bench.js';
import { until } from '../../support/poll.js';
import { Registrar, type RegistrarOptions } from '../../support/registrar.js';

/** Credentials every registrar of these tests knows; the password is looked for where it must not be. */
export const AUTH = { username: 'bot 7', password: 'pässword, "7"' };
export const USERS = { [AUTH.username]: AUTH.password };

export async function openRegistrar(options: RegistrarOptions = {}): Promise<Registrar> {
  const registrar = await Registrar.open({ users: USERS, ...options });
  onTestFinished(() => registrar.close());
  return registrar;
}

/** The trunk watch under test, on a link of its own, with what it told. */
export class WatchRig {
  readonly told: TrunkState[] = [];
  /** Whatever the adapter wrote to its log. */
  readonly logged: unknown[] = [];

  private constructor(
    readonly signalling: Signalling,
    readonly watch: TrunkWatch,
  ) {}

  static async start(
    bench: Bench,
    admin: { host: string; port: number } = bench.backend.admin,
  ): Promise<WatchRig> {
    const watch = createDrachtioTrunkWatch({ clock: systemClock, random: systemRandom });
    const note = (...args: unknown[]): void => void rig.logged.push(args);
    const { secret } = bench.backend.admin;
    const { host, port } = admin;
    const log = { info: note, warn: note, error: note };
    const signalling = createDrachtioSignalling({ host, port, secret, log, watcher: watch });
    const rig = new WatchRig(signalling, watch);
    onTestFinished(async () => {
      await watch.stop();
      await signalling.stop();
    });
    await signalling.start({ offered: () => 'ignore', linkDown: () => undefined, linkUp: () => undefined });
    return rig;
  }

  follow(...trunks: Partial<WatchedTrunk>[]): void {
    const full = trunks.map((trunk): WatchedTrunk => ({
      name: 'carrier',
      proxy: null,
      auth: AUTH,
      register: false,
      pingMs: null,
      ...trunk,
    }));
    this.watch.watch(full, (state) => this.told.push(state));
  }

  /** The latest state of a trunk. */
  state(trunk = 'carrier'): TrunkState | undefined {
    return this.told.findLast((state) => state.trunk === trunk);
  }

  async becomes(state: Partial<TrunkState>, timeoutMs?: number): Promise<void> {
    const matches = (): boolean =>
      Object.entries(state).every(([key, value]) => this.state()?.[key as keyof TrunkState] === value);
    const seen = (): string => `${JSON.stringify(state)}; is ${JSON.stringify(this.state())}`;
    await until(matches, seen, timeoutMs);
  }
}
