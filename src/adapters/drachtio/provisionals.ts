import type { Response, SentHeaders, SipMessage } from 'drachtio-srf';
import { parseNameAddr } from '../../sip/name-addr.js';
import { NO_SUCH_DIALOG } from './capabilities.js';
import type { FarEnd } from './far-end.js';
import { reasonPhrase } from './header-lines.js';
import type { LegVoice } from './leg-voice.js';
import type { Deadlines } from './options.js';
import { SDP_TYPE, send } from './wire.js';

interface Provisional {
  readonly code: number;
  readonly reason: string;
  readonly sdp: string | null;
}

/** `waiting`: a reliable one is out, its PRACK is not here; `next` comes after it. */
type State = { readonly at: 'free' } | { readonly at: 'waiting'; readonly next: (() => void) | null };

const RINGING: Provisional = { code: 180, reason: 'Ringing', sdp: null };

/** What srf can send beside 180 to 183. */
const SENDABLE: ReadonlySet<number> = new Set([180, 181, 182, 183, 199]);

/** The provisional responses of one INVITE: reliable when it demands that, and never too far apart. */
export class Provisionals {
  #state: State = { at: 'free' };
  #last = RINGING;
  #takeTimer: () => void = () => undefined;
  #toTag: string | null = null;

  constructor(
    private readonly res: Response,
    private readonly voice: LegVoice,
    private readonly deadlines: Deadlines,
    private readonly peer: string | null,
    /** The INVITE has `Require: 100rel` (RFC 3262 3). */
    private readonly reliable: boolean,
    /** RFC 3261 12.1.1: a response that makes an early dialog carries one; the server adds it to a 2xx only. */
    private readonly contact: string | null,
    private readonly farEnd: FarEnd,
  ) {}

  /** Our tag, which the server makes: known from the first response it has sent. */
  get toTag(): string | null {
    return this.#toTag;
  }

  send(provisional: Provisional): void {
    // One PRACK at a time: srf knows only the latest response of a dialog to give a PRACK to.
    if (this.#state.at === 'waiting') this.#state = { at: 'waiting', next: () => this.send(provisional) };
    else this.sendNow(provisional);
  }

  /** Now, or when the outstanding PRACK is here. */
  whenAcknowledged(work: () => void): void {
    if (this.#state.at === 'waiting') this.#state = { at: 'waiting', next: work };
    else work();
  }

  /** RFC 3261 13.3.1.1, pitfall 19: an INVITE left without a response for a minute is dropped on the way. */
  keepAlive(): void {
    this.#takeTimer();
    this.#takeTimer = this.voice.after(this.deadlines.provisional, () => this.send(this.#last));
  }

  stop(): void {
    this.#takeTimer();
  }

  private sendNow(provisional: Provisional): void {
    this.#last = provisional;
    this.keepAlive();
    const { sdp } = provisional;
    const reason = reasonPhrase(provisional.reason);
    const code = SENDABLE.has(provisional.code) ? provisional.code : RINGING.code;
    const headers: SentHeaders = {};
    if (this.contact !== null) headers['Contact'] = this.contact;
    if (sdp !== null) headers['Content-Type'] = SDP_TYPE;
    if (this.reliable) headers['Require'] = '100rel';
    this.voice.tap('out', `${code} ${reason}`, sdp !== null, this.peer);
    const options = sdp === null ? { headers } : { headers, body: sdp };
    if (!this.reliable) this.res.send(code, reason, options, (error, sent) => this.sent(error, sent));
    else this.sendReliably(code, reason, options);
  }

  private sendReliably(code: number, reason: string, options: { headers: SentHeaders; body?: string }): void {
    this.#state = { at: 'waiting', next: null };
    const takeGuard = this.voice.after(this.deadlines.ack, () => this.acknowledged());
    const over = (): void => {
      takeGuard();
      this.voice.safely(() => this.acknowledged());
    };
    const sent = (error: unknown, response?: SipMessage): void => {
      this.sent(error, response);
      // The server could not send it reliably: no PRACK will come.
      if (error !== null) over();
    };
    this.res.send(code, reason, options, sent, (prack) => {
      // Whoever else has sent it, the right one is not coming any more: srf and the server have taken this for it.
      if (!this.farEnd.speaks(prack)) return send(prack.res, NO_SUCH_DIALOG);
      // Answered here: behind a confirmed dialog srf would say 501.
      prack.res.send(200, 'OK', {});
      this.voice.tap('in', 'PRACK', false, this.peer);
      this.voice.tap('out', '200 OK (PRACK)', false, this.peer);
      over();
    });
  }

  private sent(error: unknown, response: SipMessage | undefined): void {
    if (error === null) this.#toTag ??= parseNameAddr(response?.headers['to'] ?? '')?.tag ?? null;
  }

  private acknowledged(): void {
    const next = this.#state.at === 'waiting' ? this.#state.next : null;
    this.#state = { at: 'free' };
    if (!this.voice.ended) next?.();
  }
}
