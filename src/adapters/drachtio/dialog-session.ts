import type { Request, Response } from 'drachtio-srf';
import type { InfoBody } from '../../domain/effect.js';
import type { HeaderLine, ReferWay } from '../../domain/plan.js';
import type { LegEvent } from '../../ports/signalling.js';
import { parseNameAddr } from '../../sip/name-addr.js';
import type { DialogIds } from '../../sip/replaces.js';
import { NO_SUCH_DIALOG } from './capabilities.js';
import { dialogState, type TalkingState } from './dialog-handle.js';
import { probe, sayGoodbye } from './forgotten-dialog.js';
import { fitsLine, sentHeaders } from './header-lines.js';
import { Offers } from './offers.js';
import { OwnRefers } from './own-refers.js';
import type { SessionContext } from './session-context.js';
import { ask } from './session-request.js';
import { answer, answerSideRequest } from './side-requests.js';
import { TheirRefers } from './their-refers.js';
import { hungUp, peerOf } from './wire.js';

type Life =
  | { readonly at: 'up' }
  /** Our BYE is wanted or sent. */
  | { readonly at: 'closing' }
  /** Their BYE is here, and what became of our REFER is not. */
  | { readonly at: 'left'; readonly event: LegEvent };

/**
 * A confirmed dialog, the same for both roles. Must be made in the tick in which srf shows the dialog, for a request
 * of the far end may already wait in the same chunk of the link (pitfall 3).
 */
export class DialogSession {
  readonly offers: Offers;
  readonly theirRefers: TheirRefers;
  readonly #ownRefers: OwnRefers;
  #life: Life = { at: 'up' };

  constructor(private readonly on: SessionContext) {
    this.offers = new Offers(on, () => this.forgotten());
    this.theirRefers = new TheirRefers(on);
    this.#ownRefers = new OwnRefers(on);
    this.listen();
  }

  get id(): string {
    return this.on.dialog.id;
  }

  /** For another process. */
  get state(): TalkingState {
    const { dialog, farEnd, peer } = this.on;
    return { ...dialogState(dialog), heard: farEnd.addresses, peer, interval: this.offers.interval.current };
  }

  get ids(): DialogIds {
    const { callId, localTag, remoteTag } = this.on.dialog.sip;
    return { callId, localTag, remoteTag };
  }

  refer(referral: number, way: ReferWay): void {
    this.#ownRefers.send(referral, way, this.offers);
  }

  abandonRefer(referral: number): void {
    this.#ownRefers.abandon(referral);
    this.leaveWhenReported();
  }

  info({ contentType, body }: InfoBody): void {
    if (this.#life.at !== 'up' || !fitsLine(contentType)) return;
    ask(this.on, { method: 'INFO', headers: { 'Content-Type': contentType }, body }, {});
  }

  bye(headers: readonly HeaderLine[]): void {
    if (this.#life.at === 'closing') return;
    // Nobody is there any more to be told.
    if (this.#life.at === 'left') return this.on.voice.tellSoon({ type: 'closed', code: null });
    this.#life = { at: 'closing' };
    this.on.voice.after(this.on.deadlines.bye, () => this.closed(null));
    // RFC 3261 15: no BYE from the called side before the ACK.
    this.offers.nothingButWhenAcked(() => this.sendBye(headers));
  }

  /** A request for this dialog behind its BYE: true when it was still waited for. */
  afterBye(req: Request, res: Response): boolean {
    if (this.#life.at !== 'left' || req.method !== 'NOTIFY' || !this.isNamedBy(req)) return false;
    this.#ownRefers.notified(req, res);
    this.leaveWhenReported();
    return true;
  }

  /** The server has it no more, and told nobody: the far end has left, or was left by the server itself. */
  vanished(): void {
    if (this.#life.at === 'closing') return this.closed(null);
    this.forget();
    this.on.voice.tell({ type: 'hungUp', q850: null, reason: null, headers: [] });
  }

  /** For a dialog the far end never lets go of properly. */
  forget(): void {
    this.on.dialog.removeAllListeners();
    this.on.srf.removeDialog(this.on.dialog);
  }

  private sendBye(headers: readonly HeaderLine[]): void {
    const bye = { method: 'BYE', headers: sentHeaders(headers) } as const;
    ask(this.on, bye, {
      answered: (res) => {
        // Without a source: the server's own 408 or 503.
        if (res.status >= 200) this.closed(res.source_address === '' ? null : res.status);
      },
      // A dialog that is gone already (ENODIALOG, pitfall 13) is just as closed.
      failed: () => this.closed(null),
    });
  }

  private closed(code: number | null): void {
    this.forget();
    this.on.voice.tell({ type: 'closed', code });
  }

  /** BYE from the far end, or from the server itself (ACK timeout, session timer); srf has answered it. */
  private destroyed(req: Request): void {
    const fromNetwork = req.source === 'network';
    this.on.voice.tap(fromNetwork ? 'in' : 'out', 'BYE', false, peerOf(req));
    if (fromNetwork) this.on.voice.tap('out', '200 OK (BYE)', false, peerOf(req));
    // Crossing BYEs: ours was first, as far as the engine knows.
    if (this.#life.at === 'closing') return this.closed(null);
    this.#life = { at: 'left', event: hungUp(req) };
    this.on.voice.after(this.on.deadlines.finalNotify, () => this.leave());
    this.leaveWhenReported();
  }

  /** The order of the far end's last two messages says nothing: over UDP, or sent by two of its threads. */
  private leaveWhenReported(): void {
    if (!this.#ownRefers.expectFinal) this.leave();
  }

  private leave(): void {
    if (this.#life.at === 'left') this.on.voice.tell(this.#life.event);
  }

  /** The far end's re-INVITE or UPDATE; behind an ACK of the same chunk, which srf shows one turn later. */
  private offered(req: Request, res: Response): void {
    setImmediate(() =>
      this.on.voice.safely(() =>
        this.offers.received(req, res, this.#life.at !== 'up' || this.on.voice.ended),
      ),
    );
  }

  private listen(): void {
    const { voice, dialog } = this.on;
    dialog.on('destroy', (req) => voice.safely(() => this.destroyed(req)));
    // Without a listener srf answers with the old SDP; with `hold`, `unhold` or `refresh` it answers as well.
    dialog.on('modify', (req, res) => voice.safely(() => this.offered(req, res)));
    dialog.on('update', (req, res) =>
      voice.safely(() => this.offers.received(req, res, this.#life.at !== 'up')),
    );
    dialog.on('ack', (req) => voice.safely(() => this.offers.acked(req)));
    // Before srf's own dispatch: that answers a BYE 200 and forgets the dialog before anybody is asked; and it hands
    // REFER and INFO out one turn later, when a BYE behind them has taken the listeners away and it says 200 for us.
    const dispatch = dialog.handle.bind(dialog);
    dialog.handle = (req, res) => voice.safely(() => this.received(req, res, dispatch));
  }

  private received(req: Request, res: Response, dispatch: (req: Request, res: Response) => void): void {
    if (!this.on.farEnd.speaks(req)) return this.turnAway(req, res);
    switch (req.method) {
      case 'ACK':
      case 'BYE':
      case 'INVITE':
      case 'UPDATE':
        return dispatch(req, res);
      case 'REFER':
        return this.theirRefers.received(req, res, this.#life.at !== 'up');
      case 'NOTIFY':
        return this.#ownRefers.notified(req, res);
      default:
        return answerSideRequest(req, res, this.on.voice);
    }
  }

  private turnAway(req: Request, res: Response): void {
    const { log, dialog, voice } = this.on;
    log.warn('request in a dialog from an address that is not its far end', {
      method: req.method,
      address: req.source_address,
      sipCallId: dialog.sip.callId,
    });
    if (req.method !== 'ACK') answer(req, res, NO_SUCH_DIALOG, voice);
    // The real server forgets a dialog with any BYE in it, whatever we answer.
    if (req.method === 'BYE') probe(this.on.srf, dialog, () => voice.safely(() => this.forgotten()));
  }

  /** Nothing we send would reach the far end any more, and nothing it sends us: for the engine it is gone. */
  private forgotten(): void {
    const { voice, log, dialog } = this.on;
    if (this.#life.at !== 'up' || voice.ended) return;
    log.warn('the SIP server has forgotten a dialog; its far end is hung up', {
      sipCallId: dialog.sip.callId,
    });
    this.forget();
    sayGoodbye(this.on);
    voice.tell({ type: 'hungUp', q850: null, reason: 'Dialog lost by the SIP server', headers: [] });
  }

  private isNamedBy(req: Request): boolean {
    const tagOf = (header: 'from' | 'to'): string | null | undefined =>
      parseNameAddr(req.headers[header] ?? '')?.tag;
    const { localTag, remoteTag } = this.ids;
    return tagOf('to') === localTag && tagOf('from') === remoteTag;
  }
}
