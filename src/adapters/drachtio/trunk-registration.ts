import type { Clock, Random } from '../../ports/clock.js';
import type { TrunkState, WatchedTrunk } from '../../ports/trunk-watch.js';
import { parseRetryAfter } from '../../sip/retry-after.js';
import type { TrunkAddress } from './trunk-address.js';
import { grantedSeconds, minExpires, valuesOf } from './trunk-binding.js';
import { TrunkCredentials } from './trunk-credentials.js';
import type { SendRequest, TrunkReply } from './trunk-request.js';
import { renewalMs, retryMs, TRUNK_TIMINGS } from './trunk-timings.js';

export type RegistrationState = Pick<TrunkState, 'registration' | 'detail' | 'refusedWith'>;

export interface RegistrationParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly changed: (state: RegistrationState) => void;
}

/** Of a reason phrase that is shown to people. */
const LONGEST_REASON = 120;

/**
 * One registration (RFC 3261 10.2), kept as long as there is a link to send by.
 *
 *            linkUp                 2xx
 *   (away) ---------> [asking] -------------> [registered] --+
 *      ^               ^  ^ |  401, 407, 423       | due     |
 *      |               |  +-+  answered            |         |
 *      |  linkDown     +---------------------------+         |
 *      +-------------- |  | any other: back-off              |
 *                      |  v                                  |
 *                   due [failed, or registered until it runs out]
 */
export class Registration {
  readonly #credentials: TrunkCredentials;
  readonly #callId: string;
  readonly #fromTag: string;
  /** Of the whole registration, over all its links: it only rises (RFC 3261 10.2). */
  #cseq = 0;
  #seconds: number = TRUNK_TIMINGS.registerSeconds;
  #failures = 0;
  /** Until when the registrar keeps the last binding it granted; ms of the clock. */
  #validUntil = 0;
  #send: SendRequest | null = null;
  #takeTimer: () => void = () => undefined;
  /** Replies to anything but the latest request are late. */
  #latest = 0;
  #asking = false;

  constructor(
    trunk: WatchedTrunk,
    private readonly address: TrunkAddress,
    private readonly parts: RegistrationParts,
  ) {
    this.#credentials = new TrunkCredentials(trunk.auth);
    this.#callId = parts.random.uuid();
    this.#fromTag = parts.random.uuid();
  }

  linkUp(send: SendRequest): void {
    this.#send = send;
    this.#failures = 0;
    this.ask();
  }

  linkDown(): void {
    this.#send = null;
    this.#latest += 1;
    this.#takeTimer();
    this.tell('pending', 'the SIP server is away', null);
  }

  /** The far end has come back to life: no point in sitting a long pause out. */
  hurry(): void {
    if (this.#failures === 0 || this.#send === null) return;
    this.#failures = 0;
    // One at a time (RFC 3261 10.2); should that one still fail, the pause behind it is the shortest again.
    if (!this.#asking) this.ask();
  }

  /** Takes the binding back; `done` when the registrar has answered, or at once when it can have none of ours. */
  stop(done: () => void): void {
    this.#takeTimer();
    const bound = this.#asking || this.#validUntil > this.parts.clock.now();
    this.#latest += 1;
    if (!bound || this.#send === null) return done();
    this.#credentials.begin();
    this.farewell(done);
  }

  private farewell(done: () => void): void {
    this.request(0, TRUNK_TIMINGS.farewell, (reply) => {
      if (this.#credentials.learn(reply)) this.farewell(done);
      else done();
    });
  }

  /** A new round, at once. */
  private ask(): void {
    this.#takeTimer();
    this.#credentials.begin();
    this.askAgain();
  }

  private askAgain(): void {
    this.#latest += 1;
    const mine = this.#latest;
    this.#asking = true;
    this.request(this.#seconds, TRUNK_TIMINGS.registerDeadline, (reply) => {
      if (mine !== this.#latest) return;
      this.#asking = false;
      this.replied(reply);
    });
  }

  private request(expires: number, deadlineMs: number, done: (reply: TrunkReply) => void): void {
    this.#cseq += 1;
    const { registrar, record, contact, route } = this.address;
    const request = { method: 'REGISTER', uri: registrar } as const;
    const headers = {
      From: `${record};tag=${this.#fromTag}`,
      To: record,
      'Call-ID': this.#callId,
      CSeq: `${this.#cseq} REGISTER`,
      Contact: contact,
      Expires: String(expires),
      ...this.#credentials.headers(request),
    };
    this.#send?.({ ...request, route, headers, deadlineMs }, done);
  }

  private replied(reply: TrunkReply): void {
    if (reply.status < 300) return this.granted(reply);
    if (this.#credentials.learn(reply) || this.lengthened(reply)) return this.askAgain();
    this.failed(reply);
  }

  private granted({ lines, contact }: TrunkReply): void {
    const granted = Math.min(grantedSeconds(lines, contact) ?? this.#seconds, TRUNK_TIMINGS.maxSeconds);
    this.#validUntil = this.parts.clock.now() + granted * 1000;
    if (granted === 0) return this.failedWith('the registrar keeps the registration for 0 s', null, 0);
    this.#failures = 0;
    this.tell('registered', null, null);
    this.schedule(renewalMs(granted, this.parts.random));
  }

  /** 423 Interval Too Brief: true when a longer one is worth asking for. */
  private lengthened({ status, lines }: TrunkReply): boolean {
    const least = status === 423 ? minExpires(lines) : null;
    if (least === null || least <= this.#seconds || least > TRUNK_TIMINGS.maxSeconds) return false;
    this.#seconds = least;
    return true;
  }

  private failed({ status, reason, local, lines }: TrunkReply): void {
    const [retryAfter] = valuesOf(lines, 'retry-after');
    const least = parseRetryAfter(retryAfter) ?? 0;
    if (!local) return this.failedWith(`${status} ${reason.slice(0, LONGEST_REASON)}`, status, least);
    this.failedWith(status === 408 ? 'no answer' : `cannot be reached (${reason})`, null, least);
  }

  private failedWith(detail: string, refusedWith: number | null, leastMs: number): void {
    const { clock, random } = this.parts;
    this.#failures += 1;
    // Refused, the registrar may have dropped the binding; unanswered, it has it until its time is over.
    if (refusedWith !== null && refusedWith < 500) this.#validUntil = 0;
    const left = this.#validUntil - clock.now();
    this.tell(left > 0 ? 'registered' : 'failed', detail, refusedWith);
    const pause = Math.max(leastMs, retryMs(this.#failures, random));
    // Not later than when the old binding runs out, so that its end is told in time.
    this.schedule(left > 0 ? Math.min(pause, Math.max(left, TRUNK_TIMINGS.firstRetry)) : pause);
  }

  private schedule(ms: number): void {
    this.#takeTimer();
    this.#takeTimer = this.parts.clock.after(ms, () => this.ask());
  }

  private tell(
    registration: RegistrationState['registration'],
    detail: string | null,
    refusedWith: number | null,
  ): void {
    this.parts.changed({ registration, detail, refusedWith });
  }
}
