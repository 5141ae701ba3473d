import type { Response, SentHeaders, SipMessage } from 'drachtio-srf';
import { optionTags } from './capabilities.js';
import type { Invite } from './invite.js';

/** An agreed session interval (RFC 4028): without a refresh in that time the session is over. */
export interface Interval {
  readonly seconds: number;
  readonly weRefresh: boolean;
}

/** An interval, and when (ms since the epoch, for another process) the session was last refreshed. */
export interface AgreedInterval extends Interval {
  readonly agreedAt: number;
}

type Headed = Pick<SipMessage, 'headers'>;

/** The least there is (RFC 4028 4); the server raises a shorter wish of an INVITE to it. */
const LEAST_SECONDS = 90;
/** Ours when a proxy on the way insists on an interval. */
const USUAL_SECONDS = 1800;
/** Eleven days and a half: a longer one could as well be none, and would not fit a timer. */
const MOST_SECONDS = 1_000_000;

const secondsOf = (value: string | undefined): number | null => {
  const digits = /^\s*(\d{1,9})\s*(?:;|$)/.exec(value ?? '')?.[1];
  return digits === undefined || Number(digits) === 0 ? null : Math.min(MOST_SECONDS, Number(digits));
};

const refresherOf = (value: string): 'uac' | 'uas' | null => {
  const name = /;\s*refresher\s*=\s*(uac|uas)\s*(?:;|$)/i.exec(value)?.[1]?.toLowerCase();
  return name === 'uac' || name === 'uas' ? name : null;
};

/** Compact form included, which srf leaves as it is in some messages. */
const sessionExpires = ({ headers }: Headed): string | undefined =>
  headers['session-expires'] ?? headers['x'];

/** What a 2xx to an INVITE or re-INVITE of ours agrees to; `null`: the session has no timer (RFC 4028 7.2). */
export function agreedInterval(response: Headed): Interval | null {
  const value = sessionExpires(response) ?? '';
  const seconds = secondsOf(value);
  return seconds === null ? null : { seconds, weRefresh: refresherOf(value) !== 'uas' };
}

/**
 * What our 2xx to this request agrees to (RFC 4028 9). We say so ourselves: the real server does for a first INVITE,
 * but leaves the header out of the 2xx to a refresh, after which the far end thinks that there is no timer any more,
 * does not refresh again, and the server hangs up on it.
 */
export function grantedInterval(request: Headed): Interval | null {
  const value = sessionExpires(request) ?? '';
  const seconds = secondsOf(value);
  if (seconds === null) return null;
  const refresher = refresherOf(value) ?? (supportsTimer(request) ? 'uac' : 'uas');
  return { seconds: Math.max(LEAST_SECONDS, seconds), weRefresh: refresher === 'uas' };
}

const supportsTimer = ({ headers }: Headed): boolean =>
  [...optionTags(headers['supported']), ...optionTags(headers['require'])].includes('timer');

/** Headers of our 2xx. A far end that shall refresh is told that it must (RFC 4028 9). */
export function grantHeaders(interval: Interval | null): SentHeaders {
  if (interval === null) return {};
  const { seconds, weRefresh } = interval;
  const header = { 'Session-Expires': `${seconds};refresher=${weRefresh ? 'uas' : 'uac'}` };
  return weRefresh ? header : { ...header, Require: 'timer' };
}

/** Headers of our re-INVITE: it is a refresh too, and without them it would end the timer (RFC 4028 7.4). */
export function renewHeaders(interval: Interval | null): SentHeaders {
  if (interval === null) return {};
  return { 'Session-Expires': `${interval.seconds};refresher=${interval.weRefresh ? 'uac' : 'uas'}` };
}

/**
 * The INVITE with the interval a 422 asks for (RFC 4028 7.3). `null`: it is no such refusal, or has been answered like
 * that before.
 */
export function withLongerInterval(res: Pick<Response, 'status' | 'headers'>, invite: Invite): Invite | null {
  const least = res.status === 422 ? secondsOf(res.headers['min-se']) : null;
  if (least === null || invite.headers['Min-SE'] !== undefined) return null;
  return {
    ...invite,
    headers: {
      ...invite.headers,
      Supported: [invite.headers['Supported'], 'timer'].filter(Boolean).join(', '),
      'Session-Expires': String(Math.max(least, USUAL_SECONDS)),
      'Min-SE': String(Math.max(least, LEAST_SECONDS)),
    },
  };
}

/** The server refreshes at half the interval, give or take five seconds of the shortest one: we come before it. */
const SHARE = 0.4;
/** Many legs may be resumed at once, and have more urgent things to do. */
const SOON_SECONDS = 1;

/**
 * Keeps the session alive where that is our part, ahead of the server. The server would do it by itself, unseen, with
 * the description of our last offer: also one that was refused, none at all after an offerless INVITE, and in the
 * middle of a re-INVITE of ours, whose 500 (RFC 3261 14.2) it takes for the end of the call.
 */
export class SessionInterval {
  #interval: AgreedInterval | null = null;
  #takeTimer: () => void = () => undefined;

  constructor(
    private readonly after: (ms: number, fire: () => void) => () => void,
    private readonly secondMs: number,
    private readonly refresh: () => void,
  ) {}

  get current(): AgreedInterval | null {
    return this.#interval;
  }

  /** A 2xx has agreed to it: the time begins anew. */
  agreed(interval: Interval | null): void {
    this.#interval = interval === null ? null : { ...interval, agreedAt: Date.now() };
    this.again(interval === null ? 0 : interval.seconds * SHARE);
  }

  /** As another process left it: what has passed of it has passed. */
  resume(interval: AgreedInterval): void {
    this.#interval = interval;
    const passed = (Date.now() - interval.agreedAt) / this.secondMs;
    this.again(Math.max(SOON_SECONDS, interval.seconds * SHARE - passed));
  }

  /** The far end's refreshes cannot be answered: from now on the refreshing is ours, and begins soon. */
  takeOn(): void {
    if (this.#interval === null || this.#interval.weRefresh) return;
    this.#interval = { ...this.#interval, weRefresh: true };
    this.again(SOON_SECONDS);
  }

  /** Now was no good moment. */
  later(): void {
    this.again((this.#interval?.seconds ?? 0) / 50);
  }

  private again(seconds: number): void {
    this.#takeTimer();
    this.#takeTimer =
      this.#interval?.weRefresh === true
        ? this.after(seconds * this.secondMs, this.refresh)
        : () => undefined;
  }
}
