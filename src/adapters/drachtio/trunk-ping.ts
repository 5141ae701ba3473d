import type { Clock, Random } from '../../ports/clock.js';
import type { TrunkState } from '../../ports/trunk-watch.js';
import type { TrunkAddress } from './trunk-address.js';
import type { SendRequest, TrunkReply } from './trunk-request.js';
import { TRUNK_TIMINGS } from './trunk-timings.js';

export type PingState = Pick<TrunkState, 'reachable' | 'rttMs' | 'missed'>;

export interface PingParts {
  readonly clock: Clock;
  readonly random: Pick<Random, 'next'>;
  readonly changed: (state: PingState) => void;
}

/** That many unanswered in a row mean that nobody is there: one or two are a bad network. */
const MISSES = 3;

/** OPTIONS to a trunk's proxy now and then (RFC 3261 11): whoever answers anything is there. Never two at a time. */
export class Ping {
  #send: SendRequest | null = null;
  #misses = 0;
  #state: PingState = { reachable: null, rttMs: null, missed: null };
  #takeTimer: () => void = () => undefined;
  /** Replies of a link that is gone are late. */
  #link = 0;

  constructor(
    private readonly address: TrunkAddress,
    private readonly everyMs: number,
    private readonly parts: PingParts,
  ) {}

  linkUp(send: SendRequest): void {
    this.#send = send;
    const spread = Math.min(this.everyMs, TRUNK_TIMINGS.pingSpread);
    this.schedule(Math.floor(spread * this.parts.random.next()));
  }

  linkDown(): void {
    this.stop();
    this.#misses = 0;
    this.become({ reachable: null, rttMs: null, missed: null });
  }

  stop(): void {
    this.#takeTimer();
    this.#send = null;
    this.#link += 1;
  }

  private ping(): void {
    const started = this.parts.clock.now();
    const link = this.#link;
    const { registrar, route } = this.address;
    const deadlineMs = Math.min(this.everyMs, TRUNK_TIMINGS.pingDeadline);
    const headers = { Accept: 'application/sdp' };
    this.#send?.({ method: 'OPTIONS', uri: registrar, route, headers, deadlineMs }, (reply) => {
      if (link !== this.#link) return;
      this.replied(reply, this.parts.clock.now() - started);
      this.schedule(Math.round(this.everyMs * (0.95 + 0.1 * this.parts.random.next())));
    });
  }

  private replied({ local, status, reason }: TrunkReply, rttMs: number): void {
    if (!local) {
      this.#misses = 0;
      return this.become({ reachable: true, rttMs, missed: null });
    }
    this.#misses += 1;
    const missed = status === 408 ? 'no answer to OPTIONS' : `cannot be reached (${reason})`;
    this.become({ ...this.#state, reachable: this.#misses < MISSES ? this.#state.reachable : false, missed });
  }

  private schedule(ms: number): void {
    this.#takeTimer();
    this.#takeTimer = this.parts.clock.after(ms, () => this.ping());
  }

  /** The round trip alone is no news. */
  private become(state: PingState): void {
    const before = this.#state;
    this.#state = state;
    if (before.reachable !== state.reachable || before.missed !== state.missed) this.parts.changed(state);
  }
}
