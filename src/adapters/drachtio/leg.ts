import type { Dialog, Request, Response } from 'drachtio-srf';
import type { InfoBody } from '../../domain/effect.js';
import type { HeaderLine, ReferWay } from '../../domain/plan.js';
import type { LadderTap } from '../../ports/ladder.js';
import type { DialogHandle, LegListener, LegPort } from '../../ports/signalling.js';
import type { DialogIds } from '../../sip/replaces.js';
import { handleOf, type RingingState } from './dialog-handle.js';
import { DialogSession } from './dialog-session.js';
import { FarEnd } from './far-end.js';
import type { OurDialog } from './in-dialog-request.js';
import type { LegContext } from './leg-context.js';
import { LegVoice } from './leg-voice.js';
import type { LinkedLeg } from './link.js';
import { localRefusal } from './refusal.js';
import type { Credentials } from './trunk-digest.js';

/** What both kinds of legs do alike: mostly, what needs a confirmed dialog. */
export abstract class DrachtioLeg implements LegPort, LinkedLeg {
  abstract readonly sipCallId: string | null;
  abstract readonly dialog: DialogIds | null;
  protected readonly voice: LegVoice;
  protected readonly farEnd = new FarEnd();
  /** The server's id of the dialog. */
  protected dialogId: string | null = null;

  constructor(protected readonly on: LegContext) {
    this.voice = new LegVoice(on.log, () => on.link.remove(this, this.dialogId));
  }

  /** `null` until the dialog is confirmed. */
  protected abstract readonly session: DialogSession | null;

  /** The INVITE, while another process could end it. */
  protected abstract readonly unanswered: RingingState | null;

  /** What we answer a challenge of the far end with. */
  protected abstract readonly auth: Credentials | null;

  abstract ring(code: number, reason: string, sdp: string | null): void;
  abstract answer(sdp: string): void;
  abstract reject(code: number, reason: string, headers: readonly HeaderLine[]): void;
  abstract cancel(headers: readonly HeaderLine[]): void;
  abstract ack(sdp: string): void;
  abstract bye(headers: readonly HeaderLine[]): void;

  /** A request before the dialog is confirmed; true when it was answered. */
  protected abstract early(req: Request, res: Response): boolean;

  get confirmed(): OurDialog | null {
    const { session, auth } = this;
    return session === null ? null : { id: session.id, socket: undefined, auth };
  }

  get handle(): DialogHandle | null {
    const state = this.session?.state ?? this.unanswered;
    return this.voice.ended || state === null ? null : handleOf(state);
  }

  lost(): void {
    this.voice.tell({ type: 'lost' });
  }

  stray(req: Request, res: Response): boolean {
    if (!this.farEnd.speaks(req)) return false;
    return this.session === null ? this.early(req, res) : this.session.afterBye(req, res);
  }

  speaksFrom(address: string): boolean {
    return this.farEnd.speaksFrom(address);
  }

  rebind(listener: LegListener, tap: LadderTap): void {
    this.voice.rebind(listener, tap);
  }

  /** Or its session would be refreshed from here, and a link that comes back would hang it up. */
  abandon(): void {
    this.session?.forget();
    this.voice.end();
  }

  reoffer(sdp: string): void {
    this.withSession((session) => session.offers.reoffer(sdp));
  }

  acceptOffer(offerId: number, sdp: string): void {
    this.session?.offers.accept(offerId, sdp);
  }

  refuseOffer(offerId: number, code: number, reason: string): void {
    this.session?.offers.refuse(offerId, code, reason);
  }

  refer(referral: number, request: ReferWay): void {
    if (this.withSession((session) => session.refer(referral, request))) return;
    const refusal = localRefusal(481, 'Call/Transaction Does Not Exist');
    this.voice.tellSoon({ type: 'referAnswered', referral, refusal });
  }

  abandonRefer(referral: number): void {
    this.session?.abandonRefer(referral);
  }

  acceptRefer(referId: number): void {
    this.session?.theirRefers.accept(referId);
  }

  refuseRefer(referId: number, code: number, reason: string): void {
    this.session?.theirRefers.refuse(referId, code, reason);
  }

  notifyRefer(referId: number, code: number, reason: string, final: boolean): void {
    this.session?.theirRefers.notify(referId, { code, reason }, final);
  }

  info(body: InfoBody): void {
    this.withSession((session) => session.info(body));
  }

  protected newSession(dialog: Dialog, peer: string | null): DialogSession {
    const { link, log, deadlines } = this.on;
    const { voice, farEnd, auth } = this;
    return new DialogSession({ srf: link.srf, dialog, voice, deadlines, log, farEnd, auth, peer });
  }

  /** Does the work now, or as soon as the dialog is there; false when none is on its way. */
  protected withSession(work: (session: DialogSession) => void): boolean {
    const { session } = this;
    if (session !== null) work(session);
    return session !== null;
  }
}
