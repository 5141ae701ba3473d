import type { Dialog, Request, Response } from 'drachtio-srf';
import type { HeaderLine } from '../../domain/plan.js';
import type { AcceptedOffer } from '../../ports/signalling.js';
import { parseNameAddr } from '../../sip/name-addr.js';
import type { DialogIds } from '../../sip/replaces.js';
import { ALLOW, NO_SUCH_DIALOG, SUPPORTED, optionTags, type Answer } from './capabilities.js';
import type { RingingState } from './dialog-handle.js';
import type { DialogSession } from './dialog-session.js';
import { reasonPhrase, sentHeaders } from './header-lines.js';
import { discard } from './in-dialog-request.js';
import { DrachtioLeg } from './leg.js';
import type { LegContext } from './leg-context.js';
import { Provisionals } from './provisionals.js';
import { answerSideRequest } from './side-requests.js';
import { grantedInterval, grantHeaders } from './session-interval.js';
import { SDP_TYPE, bodyOf, contactOf, hungUp, peerOf, send, sendableCode } from './wire.js';

type Phase =
  /** `offered` runs: what the engine asks for meanwhile is done once it has said who listens. */
  | { readonly at: 'deciding'; readonly asked: (() => void)[] }
  | { readonly at: 'ringing' }
  /** Our 200 is on its way; `next`: what the engine wants of the dialog that is not there yet. */
  | { readonly at: 'answering'; readonly next: readonly ((session: DialogSession) => void)[] }
  | { readonly at: 'rejecting' }
  | { readonly at: 'talking'; readonly session: DialogSession };

/** A caller: the leg of an INVITE we got. */
export class CallerLeg extends DrachtioLeg {
  readonly sipCallId: string;
  readonly #provisionals: Provisionals;
  #phase: Phase = { at: 'deciding', asked: [] };
  #auth: AcceptedOffer['auth'] = null;

  constructor(
    on: LegContext,
    private readonly req: Request,
    private readonly res: Response,
    dialogId: string,
  ) {
    super(on);
    this.dialogId = dialogId;
    this.sipCallId = req.headers['call-id'] ?? '';
    this.farEnd.heard(req);
    const reliable = optionTags(req.headers['require']).includes('100rel');
    this.#provisionals = new Provisionals(
      res,
      this.voice,
      on.deadlines,
      peerOf(req),
      reliable,
      contactOf(req),
      this.farEnd,
    );
    on.link.name(this, dialogId);
    // Emitted once, whoever listens (pitfall 5): so before anything else.
    req.on('cancel', (cancel) => this.voice.safely(() => this.cancelled(hungUp(cancel))));
    req.on('update', (update, updateRes) => this.voice.safely(() => this.updated(update, updateRes)));
  }

  /** The engine takes the call. */
  accept({ listener, tap, allows, auth }: AcceptedOffer): void {
    if (this.#phase.at !== 'deciding') return;
    const { asked } = this.#phase;
    this.farEnd.allow(allows);
    this.#auth = auth;
    this.voice.attach(listener, tap);
    this.#phase = { at: 'ringing' };
    this.voice.tap('in', 'INVITE', bodyOf(this.req) !== null, peerOf(this.req));
    this.#provisionals.keepAlive();
    for (const work of asked) work();
  }

  /** The engine does not want it, and says so. */
  turnAway(answer: Answer): void {
    this.voice.end();
    send(this.res, { ...answer, code: sendableCode(answer.code) });
  }

  /** The engine does not want it, and says nothing. */
  ignore(): void {
    this.voice.end();
    // srf keeps every INVITE until its final response, which this one never gets: a leak anybody could feed.
    this.req.agent.mapServer.get(this.req.socket)?.pendingNetworkInvites.delete(this.sipCallId);
  }

  override abandon(): void {
    if (this.#phase.at === 'ringing') this.ignore();
    else super.abandon();
  }

  get dialog(): DialogIds | null {
    if (this.session !== null) return this.session.ids;
    const localTag = this.#provisionals.toTag;
    const remoteTag = parseNameAddr(this.req.headers['from'] ?? '')?.tag ?? '';
    return localTag === null ? null : { callId: this.sipCallId, localTag, remoteTag };
  }

  protected get session(): DialogSession | null {
    return this.#phase.at === 'talking' ? this.#phase.session : null;
  }

  protected get auth(): AcceptedOffer['auth'] {
    return this.#auth;
  }

  protected get unanswered(): RingingState | null {
    const { dialogId: id, sipCallId: callId } = this;
    const rings = this.#phase.at === 'ringing' || this.#phase.at === 'answering';
    return rings && id !== null ? { at: 'theirs', id, callId, transaction: this.req.stackTxnId } : null;
  }

  protected early(req: Request, res: Response): boolean {
    if (req.method === 'BYE' && this.#phase.at === 'ringing') this.leftEarly(req, res);
    else answerSideRequest(req, res, this.voice);
    return true;
  }

  /** RFC 3261 15.1.2: a BYE in the early dialog ends it like a CANCEL; the INVITE is still owed its final response. */
  private leftEarly(bye: Request, res: Response): void {
    this.#provisionals.stop();
    this.voice.tap('in', 'BYE', false, peerOf(bye));
    send(res, { code: 200, reason: 'OK', headers: {} });
    // The embedded server has sent it already and says so; that is as good.
    this.res.send(487, 'Request Terminated', {}, () => undefined);
    this.voice.tell(hungUp(bye));
  }

  ring(code: number, reason: string, sdp: string | null): void {
    this.whenDecided(() => {
      if (this.#phase.at === 'ringing') this.#provisionals.send({ code, reason, sdp });
    });
  }

  answer(sdp: string): void {
    this.whenDecided(() => {
      if (this.#phase.at !== 'ringing') return;
      this.#phase = { at: 'answering', next: [] };
      // RFC 3262 3: no 2xx before the PRACK of a session description.
      this.#provisionals.whenAcknowledged(() => this.sendAnswer(sdp));
    });
  }

  reject(code: number, reason: string, headers: readonly HeaderLine[]): void {
    this.whenDecided(() => this.turnDown(sendableCode(code), reason, headers));
  }

  bye(headers: readonly HeaderLine[]): void {
    this.whenDecided(() => this.turnDown(480, 'Temporarily Unavailable', headers));
  }

  /** Not ours to do: the INVITE is theirs. */
  cancel(_headers: readonly HeaderLine[]): void {
    return;
  }

  /** Their ACK, not ours. */
  ack(_sdp: string): void {
    return;
  }

  protected override withSession(work: (session: DialogSession) => void): boolean {
    if (this.#phase.at !== 'answering') return super.withSession(work);
    this.#phase = { at: 'answering', next: [...this.#phase.next, work] };
    return true;
  }

  private whenDecided(work: () => void): void {
    const safely = (): void => this.voice.safely(work);
    if (this.#phase.at === 'deciding') this.#phase.asked.push(safely);
    else if (!this.voice.ended) safely();
  }

  private turnDown(code: number, reason: string, headers: readonly HeaderLine[]): void {
    switch (this.#phase.at) {
      case 'talking':
        return this.#phase.session.bye(headers);
      case 'answering':
        this.withSession((session) => session.bye(headers));
        return;
      case 'ringing':
        return this.sendRejection(code, reason, headers);
      case 'deciding':
      case 'rejecting':
        return;
    }
  }

  private sendRejection(code: number, reason: string, headers: readonly HeaderLine[]): void {
    this.#phase = { at: 'rejecting' };
    this.#provisionals.stop();
    const closed = (): void => this.voice.tell({ type: 'closed', code: null });
    this.voice.after(this.on.deadlines.receipt, closed);
    this.voice.tap('out', `${code} ${reason} (INVITE)`, false, peerOf(this.req));
    this.res.send(code, reasonPhrase(reason), { headers: sentHeaders(headers) }, closed);
  }

  private sendAnswer(sdp: string): void {
    if (this.voice.ended) return;
    this.#provisionals.stop();
    this.voice.tap('out', '200 OK (INVITE)', true, peerOf(this.req));
    const takeGuard = this.voice.after(this.on.deadlines.receipt, () => this.lost());
    const timer = grantHeaders(grantedInterval(this.req));
    const headers = { Allow: ALLOW, Supported: SUPPORTED, 'Content-Type': SDP_TYPE, ...timer };
    this.on.link.srf.createUAS(this.req, this.res, { localSdp: sdp, headers }, (error, dialog) =>
      this.voice.safely(() => {
        takeGuard();
        this.answered(error, dialog);
      }),
    );
  }

  private answered(error: unknown, dialog: Dialog | undefined): void {
    if (dialog === undefined) {
      // The server had no such INVITE any more: forgotten, or cancelled in this very moment.
      const reason = error instanceof Error ? error.message : String(error);
      return this.voice.tell({ type: 'hungUp', q850: null, reason, headers: [] });
    }
    if (this.voice.ended || this.#phase.at !== 'answering')
      return discard(this.on.link.srf, dialog, this.auth);
    const { next } = this.#phase;
    const session = this.newSession(dialog, peerOf(this.req));
    session.offers.awaitAck(bodyOf(this.req) === null);
    session.offers.interval.agreed(grantedInterval(this.req));
    this.#phase = { at: 'talking', session };
    this.voice.tell({ type: 'handleChanged' });
    for (const work of next) work(session);
  }

  private cancelled(event: ReturnType<typeof hungUp>): void {
    this.voice.tap('in', 'CANCEL', false, peerOf(this.req));
    this.voice.tap('out', '487 Request Terminated (INVITE)', false, peerOf(this.req));
    this.voice.tell(event);
  }

  /** UPDATE before our final response: nothing is agreed yet that it could change (RFC 3311 5.2). */
  private updated(update: Request, res: Response): void {
    const refresh = bodyOf(update) === null;
    if (!this.farEnd.speaks(update)) send(res, NO_SUCH_DIALOG);
    else if (refresh) send(res, { code: 200, reason: 'OK', headers: { Allow: ALLOW } });
    else send(res, { code: 500, reason: 'Server Internal Error', headers: { 'Retry-After': '5' } });
  }
}
