import type { Settings } from '../domain/settings.js';
import type { Log } from '../ports/log.js';
import type { Metrics } from '../ports/metrics.js';
import type { TrunkState, TrunkWatch } from '../ports/trunk-watch.js';

export interface TrunksParts {
  readonly settings: Pick<Settings, 'trunks'>;
  readonly watch: TrunkWatch;
  readonly metrics: Pick<Metrics, 'trunkChanged'>;
  readonly log: Log;
}

/** `degraded`: calls are sent that way, but something is wrong or not known yet. */
export type TrunkWord = 'up' | 'down' | 'degraded';

/** What is known of each trunk: for routing, for health, for people. */
export class Trunks {
  /** Watched trunks only. */
  private readonly states = new Map<string, TrunkState>();

  constructor(private readonly parts: TrunksParts) {}

  /** Once the signalling has been started. */
  start(): void {
    this.parts.watch.watch(this.parts.settings.trunks.values(), (state) => this.changed(state));
  }

  /** Takes the registrations back; before the signalling is stopped. */
  stop(): Promise<void> {
    return this.parts.watch.stop();
  }

  /** Whether a call may be sent that way; what is not known (yet) counts as up. */
  trunkUp(name: string): boolean {
    const state = this.states.get(name);
    return state === undefined || isUp(state);
  }

  /** Rows of `/readyz`, `trunk:<name>`. A trunk that is down does not make the engine unready: others still work. */
  rows(): Record<string, TrunkWord> {
    return Object.fromEntries([...this.states].map(([name, state]) => [`trunk:${name}`, wordOf(state)]));
  }

  /** What is wrong and where to look, in words, for the rows that are not `up`. */
  details(): Record<string, string> {
    const wrong = [...this.states].filter(([, state]) => wordOf(state) !== 'up');
    return Object.fromEntries(wrong.map(([name, state]) => [`trunk:${name}`, explain(state)]));
  }

  private changed(state: TrunkState): void {
    const before = this.states.get(state.trunk);
    this.states.set(state.trunk, state);
    this.parts.metrics.trunkChanged(state.trunk, isUp(state));
    const { trunk, registration, reachable, rttMs } = state;
    const fields = { trunk, registration, reachable, rttMs };
    if (wordOf(state) === 'up') this.parts.log.info(fields, 'trunk is up');
    else if (before === undefined) this.parts.log.info(fields, 'trunk is watched');
    else this.parts.log.warn({ ...fields, detail: explain(state) }, 'trunk is not well');
  }
}

const isUp = ({ registration, reachable }: TrunkState): boolean =>
  registration !== 'failed' && reachable !== false;

function wordOf(state: TrunkState): TrunkWord {
  if (!isUp(state)) return 'down';
  return isKnown(state) && state.detail === null && state.missed === null ? 'up' : 'degraded';
}

/** Something has been heard of it: a registration, or, of a trunk that has none, a ping. */
const isKnown = ({ registration, reachable }: TrunkState): boolean =>
  registration === 'none' ? reachable !== null : registration !== 'pending';

/** Refusals that the credentials, and not the network, are to blame for. */
const ABOUT_CREDENTIALS: ReadonlySet<number> = new Set([401, 403, 404, 407]);

function explain(state: TrunkState): string {
  const { trunk, refusedWith, reachable, missed } = state;
  const wrong = [aboutRegistration(state), missed === null ? null : aboutPings(reachable, missed)];
  const said = wrong.filter((part) => part !== null).join(', ');
  if (said === '') return 'not known yet';
  if (state.registration === 'pending') return said;
  const about = refusedWith !== null && ABOUT_CREDENTIALS.has(refusedWith) ? 'auth' : 'proxy';
  return `${said}; check trunks.${trunk}.${about}`;
}

function aboutRegistration({ registration, detail, refusedWith }: TrunkState): string | null {
  if (registration === 'pending') return detail === null ? 'not registered yet' : `not registered: ${detail}`;
  if (detail === null) return null;
  const holds = registration === 'registered' ? ' (the last one still holds)' : '';
  return `registration ${refusedWith === null ? 'failed' : 'refused'}: ${detail}${holds}`;
}

const aboutPings = (reachable: boolean | null, missed: string): string =>
  reachable === false ? `not reachable: ${missed}` : `a ping was missed: ${missed}`;
