import type { Request, Response } from 'drachtio-srf';
import type { ReferWay } from '../../domain/plan.js';
import { NO_SUCH_DIALOG, OK } from './capabilities.js';
import type { Offers } from './offers.js';
import { OwnRefer } from './own-refer.js';
import { readReferNotify, type ReferNotify } from './refer-notify.js';
import type { SessionContext } from './session-context.js';
import { answer, respond } from './side-requests.js';
import { peerOf } from './wire.js';

/** Our REFERs in one dialog, and the NOTIFYs that belong to them. */
export class OwnRefers {
  #all: OwnRefer[] = [];

  constructor(private readonly on: SessionContext) {}

  /** A BYE now would be too early: what became of a REFER is still to come. */
  get expectFinal(): boolean {
    return this.#all.some((refer) => refer.expectsFinal);
  }

  send(referral: number, way: ReferWay, offers: Offers): void {
    const refer = new OwnRefer(this.on, referral, way);
    this.#all = [...this.#all.filter((other) => !other.over), refer];
    refer.send(offers);
  }

  abandon(referral: number): void {
    for (const refer of this.#all) if (refer.referral === referral) refer.abandon();
  }

  notified(req: Request, res: Response): void {
    const notify = readReferNotify(req);
    const refer = notify === null ? undefined : this.named(notify);
    // No subscription of ours is behind it (RFC 6665 4.1.3).
    if (notify === null || refer === undefined) return answer(req, res, NO_SUCH_DIALOG, this.on.voice);
    const code = notify.status === null ? '' : ` (${notify.status.code})`;
    this.on.voice.tap('in', `NOTIFY${code}`, false, peerOf(req));
    respond(req, res, OK, this.on.voice);
    refer.notified(notify);
  }

  /** RFC 3515 2.4.6: only a second REFER in a dialog must be named; without a name it is the latest. */
  private named({ id }: ReferNotify): OwnRefer | undefined {
    const subscribed = this.#all.filter((refer) => refer.isSubscribed);
    return id === null ? subscribed.at(-1) : subscribed.find((refer) => refer.isCalled(id));
  }
}
