import type { Dialog, Request, Response, Unacked } from 'drachtio-srf';
import Srf from 'drachtio-srf';
import type { DialTarget, HeaderLine } from '../../domain/plan.js';
import { firstHeader, rawHeaders } from './raw-headers.js';
import type { Refusal } from '../../domain/outcome.js';
import type { DialRequest, LegListener } from '../../ports/signalling.js';
import type { DialogIds } from '../../sip/replaces.js';
import { NO_SUCH_DIALOG } from './capabilities.js';
import type { RingingState } from './dialog-handle.js';
import type { DialogSession } from './dialog-session.js';
import { EarlySdp } from './early-sdp.js';
import { sentHeaders } from './header-lines.js';
import { askInDialog, discard } from './in-dialog-request.js';
import { Invitation } from './invitation.js';
import type { Invite } from './invite.js';
import { InviteNames } from './invite-names.js';
import type { LegContext } from './leg-context.js';
import { DrachtioLeg } from './leg.js';
import { localRefusal, refusalOf, sendFailure } from './refusal.js';
import { agreedInterval } from './session-interval.js';
import { answerSideRequest } from './side-requests.js';
import { bodyOf, hungUp, peerOf, send } from './wire.js';

type Phase =
  /** The server has not taken the INVITE yet. */
  | { readonly at: 'sending' }
  | { readonly at: 'inviting'; readonly req: Request }
  /** CANCEL is wanted; it goes out once there is a request to cancel. */
  | { readonly at: 'cancelling'; readonly headers: readonly HeaderLine[] }
  /** Answered with an offer, which the engine has to answer in the ACK. */
  | { readonly at: 'unacked'; readonly call: Unacked }
  | { readonly at: 'talking'; readonly session: DialogSession };

/** A party we call. */
export class DialledLeg extends DrachtioLeg {
  readonly #early = new EarlySdp();
  #phase: Phase = { at: 'sending' };
  readonly #names = new InviteNames();
  #takeGuard: () => void = () => undefined;

  constructor(
    on: LegContext,
    private readonly request: DialRequest,
    listener: LegListener,
  ) {
    super(on);
    this.farEnd.allow(request.allows);
    this.voice.attach(listener, request.tap);
    on.link.add(this);
  }

  get sipCallId(): string | null {
    return this.#names.callId;
  }

  start(invite: Invite): void {
    this.invite(new Invitation(invite, this.auth));
  }

  private invite(invitation: Invitation): void {
    this.#phase = { at: 'sending' };
    this.guard(this.on.deadlines.receipt, localRefusal(503, 'No answer from the SIP server'));
    try {
      this.on.link.srf.createUAC(
        this.request.target.uri,
        invitation.options,
        {
          cbRequest: (error, req) => {
            // An error comes to the other callback as well.
            if (error === null && req !== undefined) this.voice.safely(() => this.sent(req));
          },
          cbProvisional: (res) => this.voice.safely(() => this.progress(res)),
        },
        (error, result) => this.voice.safely(() => this.answered(error, result, invitation)),
      );
    } catch (error) {
      // srf asserts instead of calling back when the link went away just now.
      this.voice.tellSoon({ type: 'refused', refusal: sendFailure(error) });
    }
  }

  get dialog(): DialogIds | null {
    return this.session === null ? this.#names.dialog : this.session.ids;
  }

  protected get session(): DialogSession | null {
    return this.#phase.at === 'talking' ? this.#phase.session : null;
  }

  protected get auth(): DialTarget['auth'] {
    return this.request.target.auth;
  }

  protected get unanswered(): RingingState | null {
    return this.#names.state;
  }

  protected early(req: Request, res: Response): boolean {
    if (req.method === 'BYE' && this.#phase.at === 'unacked') {
      this.voice.tap('in', 'BYE', false, peerOf(req));
      send(res, { code: 200, reason: 'OK', headers: {} });
      this.voice.tell(hungUp(req));
    } else if (req.method === 'BYE') send(res, NO_SUCH_DIALOG);
    // Our offer-answer exchange is not through (RFC 3261 14.2, RFC 3311 5.2).
    else if (req.method === 'INVITE' || req.method === 'UPDATE')
      send(res, { code: 491, reason: 'Request Pending', headers: {} });
    else answerSideRequest(req, res, this.voice);
    return true;
  }

  cancel(headers: readonly HeaderLine[]): void {
    if (this.voice.ended) return;
    const phase = this.#phase;
    if (phase.at !== 'sending' && phase.at !== 'inviting') return;
    this.#phase = { at: 'cancelling', headers };
    // Without a final response the real server forgets the INVITE and never says so (pitfall 7).
    this.guard(this.on.deadlines.cancelled, localRefusal(487, 'Request Terminated'));
    if (phase.at === 'inviting') this.sendCancel(phase.req, headers);
  }

  ack(sdp: string): void {
    if (this.#phase.at === 'unacked' && !this.voice.ended) this.sendAck(this.#phase.call, sdp);
  }

  bye(headers: readonly HeaderLine[]): void {
    if (this.voice.ended) return;
    // A 2xx is ACKed before its dialog can be left (RFC 3261 13.2.2.4): with its own offer, nobody listens to it.
    if (this.#phase.at === 'unacked') this.sendAck(this.#phase.call, this.#phase.call.sdp);
    if (this.#phase.at === 'talking') this.#phase.session.bye(headers);
    else this.cancel(headers);
  }

  /** Both are the called side's. */
  ring(_code: number, _reason: string, _sdp: string | null): void {
    return;
  }

  answer(_sdp: string): void {
    return;
  }

  reject(_code: number, _reason: string, headers: readonly HeaderLine[]): void {
    this.bye(headers);
  }

  private sent(req: Request): void {
    this.dialogId = this.#names.sent(req);
    if (!this.voice.ended) this.on.link.name(this, this.dialogId);
    this.voice.tap('out', 'INVITE', this.request.sdp !== null, null);
    const wanted = this.#phase.at === 'cancelling' ? this.#phase.headers : [];
    if (this.#phase.at === 'cancelling' || this.voice.ended) return this.sendCancel(req, wanted);
    this.#phase = { at: 'inviting', req };
    this.guard(this.on.deadlines.firstResponse, localRefusal(408, 'Request Timeout'));
    this.voice.tell({ type: 'handleChanged' });
  }

  private progress(res: Response): void {
    const sdp = bodyOf(res);
    this.voice.tap('in', `${res.status} ${res.reason}`, sdp !== null, peerOf(res));
    if (res.headers['rseq'] !== undefined) this.voice.tap('out', 'PRACK', false, peerOf(res));
    if (this.#phase.at !== 'inviting') return;
    this.heard(res);
    this.#early.note(res);
    this.guard(this.on.deadlines.finalResponse, localRefusal(408, 'Request Timeout'));
    this.voice.tell({ type: 'progress', code: res.status, reason: res.reason, sdp });
  }

  private answered(error: unknown, result: Dialog | Unacked | undefined, invitation: Invitation): void {
    this.#takeGuard();
    if (result === undefined) return this.failed(error, invitation);
    const { res } = result;
    this.heard(res);
    this.voice.tap('in', `${res.status} ${res.reason} (INVITE)`, bodyOf(res) !== null, peerOf(res));
    // Not `ack`: a Dialog has a (broken) shortcut of that name (pitfall 2).
    if ('sdp' in result) {
      this.#phase = { at: 'unacked', call: result };
      // Given up before: ACK and BYE, and not a word (the port's promise has been kept).
      if (this.voice.ended) return this.sendAck(result, result.sdp);
      return this.voice.tell({ type: 'answered', sdp: result.sdp });
    }
    this.voice.tap('out', 'ACK', false, peerOf(res));
    if (this.voice.ended) return discard(this.on.link.srf, result, this.auth);
    this.talk(result);
    this.voice.tell({ type: 'answered', sdp: bodyOf(res) ?? this.#early.of(res) });
  }

  private failed(error: unknown, invitation: Invitation): void {
    const res = error instanceof Srf.SipError ? error.res : undefined;
    if (res === undefined) return this.voice.tell({ type: 'refused', refusal: sendFailure(error) });
    this.voice.tap('in', `${res.status} ${res.reason} (INVITE)`, bodyOf(res) !== null, peerOf(res));
    this.voice.tap('out', 'ACK', false, peerOf(res));
    if (this.#phase.at === 'inviting' && invitation.mend(res)) return this.invite(invitation);
    if (res.status >= 300) return this.voice.tell({ type: 'refused', refusal: refusalOf(res) });
    // A 2xx without a usable Contact: ACKed by srf, and no dialog can be made of it.
    this.hangUpUnusable();
    this.voice.tell({ type: 'refused', refusal: localRefusal(500, 'Answer without Contact') });
  }

  private sendAck(call: Unacked, sdp: string): void {
    const { srf } = this.on.link;
    this.voice.tap('out', 'ACK', true, peerOf(call.res));
    call.ack(sdp).catch(() => undefined);
    // Not from the promise: a BYE waiting in the same chunk would come before it is settled (pitfall 3).
    const dialog = srf.findDialogById(call.res.stackDialogId);
    if (dialog !== undefined && this.voice.ended) discard(srf, dialog, this.auth);
    else if (dialog !== undefined) {
      this.talk(dialog);
      this.voice.tellSoon({ type: 'handleChanged' });
    } else {
      this.hangUpUnusable();
      this.voice.tell({ type: 'hungUp', q850: null, reason: 'Answer without Contact', headers: [] });
    }
  }

  private talk(dialog: Dialog): void {
    const session = this.newSession(dialog, peerOf(dialog.res));
    session.offers.interval.agreed(agreedInterval(dialog.res));
    this.#phase = { at: 'talking', session };
  }

  private heard(res: Response): void {
    this.farEnd.heard(res);
    this.#names.heard(res);
    this.request.responded?.((name) => firstHeader(rawHeaders(res.raw), name.toLowerCase()));
  }

  private sendCancel(req: Request, lines: readonly HeaderLine[]): void {
    this.voice.tap('out', 'CANCEL', false, null);
    this.voice.safely(() => req.cancel({ headers: sentHeaders(lines) }, () => undefined));
  }

  private hangUpUnusable(): void {
    if (this.dialogId === null) return;
    const dialog = { id: this.dialogId, auth: this.auth, socket: undefined };
    askInDialog(this.on.link.srf, dialog, { method: 'BYE', headers: {} }, {});
  }

  /** One wait at a time: for the server, for a response, for the end of a cancelled INVITE. */
  private guard(ms: number, refusal: Refusal): void {
    this.#takeGuard();
    this.#takeGuard = this.voice.after(ms, () => {
      const phase = this.#phase;
      this.voice.tell({ type: 'refused', refusal });
      if (phase.at === 'inviting') this.sendCancel(phase.req, []);
    });
  }
}
