import type { Request, Response } from 'drachtio-srf';
import type { LegEvent } from '../../ports/signalling.js';
import { ALLOW, SUPPORTED } from './capabilities.js';
import { localRefusal, refusalOf, sendFailure } from './refusal.js';
import { agreedInterval, renewHeaders, type SessionInterval } from './session-interval.js';
import type { SessionContext } from './session-context.js';
import { ask } from './session-request.js';
import { SDP_TYPE, bodyOf } from './wire.js';

/** Whether the engine has been told; the transaction may outlive that. */
type Told = { readonly at: 'waiting'; readonly takeGuard: () => void } | { readonly at: 'told' };

export type OwnOfferEnd = Extract<LegEvent, { type: 'reofferAccepted' | 'reofferRefused' }>;

/** A re-INVITE of ours, from its sending to its final response. Never `dlg.modify()` (pitfall 1). */
export class OwnOffer {
  #told: Told = { at: 'told' };
  #req: Request | null = null;

  constructor(
    private readonly on: SessionContext,
    private readonly sdp: string,
    private readonly interval: SessionInterval,
    /** The transaction is over: another offer may follow. */
    private readonly over: () => void,
    /** The far end has answered, or is not waited for any more. */
    private readonly listener: (event: OwnOfferEnd) => void,
  ) {}

  send(): void {
    const { dialog, voice, deadlines } = this.on;
    this.#told = { at: 'waiting', takeGuard: voice.after(deadlines.reoffer, () => this.giveUp()) };
    const headers = {
      Contact: dialog.local.contact,
      'Content-Type': SDP_TYPE,
      Allow: ALLOW,
      Supported: SUPPORTED,
      ...renewHeaders(this.interval.current),
    };
    const request = { method: 'INVITE', headers, body: this.sdp } as const;
    ask(this.on, request, {
      sent: (req) => this.sent(req),
      answered: (res, ack) => this.answered(res, ack),
      failed: (error) => this.failed(error),
      wanted: () => this.#told.at === 'waiting' && !voice.ended,
    });
  }

  private sent(req: Request): void {
    this.#req = req;
    refuseUpdates(req);
    // Given up while the server was sending it.
    if (this.#told.at === 'told') req.cancel({}, () => undefined);
  }

  private answered(res: Response, ack: () => void): void {
    const { voice, dialog } = this.on;
    if (res.status < 200) return;
    const body = bodyOf(res);
    const accepted = res.status < 300;
    if (accepted) {
      voice.tap('out', 'ACK', false, this.on.peer);
      ack();
      dialog.local.sdp = this.sdp;
      dialog.remote.sdp = body ?? dialog.remote.sdp;
      // Without a word of theirs we refresh on, if that was our part (RFC 4028 7.2).
      const { current } = this.interval;
      this.interval.agreed(agreedInterval(res) ?? (current?.weRefresh === true ? current : null));
    }
    this.over();
    this.tell(
      accepted ? { type: 'reofferAccepted', sdp: body } : { type: 'reofferRefused', refusal: refusalOf(res) },
    );
  }

  private failed(error: unknown): void {
    this.over();
    this.tell({ type: 'reofferRefused', refusal: sendFailure(error) });
  }

  /**
   * No final response in time (pitfall 8). CANCEL makes the refusal true at the far end as well: an uncancelled
   * re-INVITE could still change the session behind our back (RFC 3261 14.1 allows it).
   */
  private giveUp(): void {
    this.tell({ type: 'reofferRefused', refusal: localRefusal(408, 'Request Timeout') });
    this.#req?.cancel({}, () => undefined);
  }

  private tell(event: OwnOfferEnd): void {
    if (this.#told.at === 'told') return;
    this.#told.takeGuard();
    this.#told = { at: 'told' };
    this.listener(event);
  }
}

/** srf hands an UPDATE of the same Call-ID to our pending request, where it would be lost (RFC 3311 5.2: 491). */
function refuseUpdates(req: Request): void {
  req.on('update', (_update, res) => res.send(491, 'Request Pending', {}));
}
