import type { AppConnection } from './app-connection.js';
import { CancelState } from './cancel-state.js';
import { ClientInvite, type InviteClientUser } from './client-invite.js';
import type { Core } from './core.js';
import { synthesizeResponse } from './derived-requests.js';
import { natTarget, type Dialog } from './dialog.js';
import { dialogRequestText, NO_BODY, routeDialog } from './dialog-request.js';
import type { Flow } from './endpoint.js';
import { H } from './header-names.js';
import { bodyPart, copyHeaders } from './outgoing-headers.js';
import { reasonPhrase } from './reasons.js';
import { serverBye } from './server-bye.js';
import { applySession, sessionOfResponse } from './session-timer.js';
import type { SipMessage } from './sip-message.js';
import { ackAndBye, contactUri, learnPeer, newUacDialog, offerOf, type Offer } from './uac-call.js';
import { meta6, networkMeta, sentRequestMeta } from './wire.js';

/** An INVITE of the application, initial or in-dialog, until the last 2xx that may still come (protocol sections 7, 8.1). */
export class UacInvite implements InviteClientUser {
  readonly transaction: ClientInvite;
  private readonly cancelling: CancelState;
  /** A re-INVITE: it makes no dialog. */
  readonly again: boolean;
  private offer: Offer | null = null;
  /** The 2xx has been handed to the application, which has to ACK it. */
  private answered = false;
  private ack = '';
  private ackFlow: Flow | null = null;
  private contactMissing = false;
  private abandoned = false;
  /** Repeats the ACK of losing forks, by To tag. */
  private losers: Map<string, () => void> | null = null;
  private lastReliable = '';

  constructor(
    private readonly core: Core,
    private readonly app: AppConnection,
    readonly txnId: string,
    private readonly dialogId: string,
    flow: Flow,
    text: string,
    private dialog: Dialog | null,
  ) {
    this.again = dialog !== null;
    this.transaction = new ClientInvite(core, txnId, flow, text, this);
    this.cancelling = new CancelState(core, this.transaction, txnId);
    dialog?.invites.push(this);
  }

  get awaitsAck(): boolean {
    return this.answered && this.ack === '';
  }

  onProvisional(response: SipMessage, flow: Flow): void {
    this.cancelling.release();
    if (response.status === 100 || this.abandoned) return;
    if (this.repeatedReliable(response)) return;
    if (!this.again && response.toTag !== '') this.early(response, flow);
    this.deliver(response, flow);
  }

  onSuccess(response: SipMessage, flow: Flow): void {
    const tag = response.toTag;
    const loser = this.losers?.get(tag);
    if (loser !== undefined) loser();
    else if (this.answered && (this.again || tag === this.dialog?.remoteTag)) this.repeatAck();
    else if (this.answered || this.abandoned || this.app.closed) this.refuseAnswer(response, flow, tag);
    else this.answer(response, flow);
  }

  onFailure(response: SipMessage, flow: Flow): void {
    this.fail();
    if (!this.abandoned) this.deliver(response, flow);
  }

  onNoAnswer(status: 408 | 503): void {
    if (this.abandoned) return;
    // An application that cancelled expects 487, whether or not anybody ever heard of the call.
    this.synthesize(this.cancelling.requested ? 487 : status);
    this.fail();
  }

  onProceedingTimeout(): void {
    if (!this.cancelling.requested) {
      // Timer C (RFC 3261 16.6 item 11): nobody waits three minutes on a dead provisional.
      this.cancelling.request('');
      return;
    }
    if (!this.abandoned) this.synthesize(487);
    this.abandoned = true;
    this.keepOffer();
    this.fail();
    this.transaction.linger();
  }

  /** The application cancels: `text` is what will go out, now or when a provisional arrives. Empty when it is too late. */
  cancel(extraHeaders: string): string {
    return this.cancelling.request(extraHeaders);
  }

  abandonFor(app: AppConnection): void {
    if (this.app === app) this.abandon();
  }

  /** The application is gone: end the call as soon as the network lets us. */
  private abandon(): void {
    if (this.abandoned) return;
    this.abandoned = true;
    this.keepOffer();
    this.cancelling.request('');
    // A confirmed dialog is hung up by whoever tells us that the application is gone.
    if (!this.again && this.dialog?.state === 'early') this.core.endDialog(this.dialog);
  }

  /** ACK of the application for our 2xx. */
  acknowledge(requestId: string, message: SipMessage): void {
    const { core, dialog, app } = this;
    if (dialog === null) return;
    routeDialog(core, dialog, (found) => {
      const flow = found ?? dialog.flow;
      const txnId = core.ids.uuid();
      const headers = copyHeaders(message, flow.face);
      const body = bodyPart(message) ?? NO_BODY;
      this.sendAck(dialog, flow, txnId, headers, body);
      // The answer to their offer is what a refresh offers.
      if (message.hasBody) dialog.localSdp = this.ack.slice(this.ack.length - message.body.length);
      app.respond(
        requestId,
        `OK|${sentRequestMeta(flow, this.ack.length)}|${txnId}|Msg sent:|\r\n${this.ack}`,
      );
      if (this.cancelling.requested && !this.again)
        serverBye(core, dialog, 'ACK-BYE due to cancel race condition');
      // srf gives such a call up after its ACK, so nobody else would end it.
      else if (this.contactMissing) serverBye(core, dialog, 'No Contact in 2xx');
    });
  }

  /** The dialog is gone before the application could ACK (a BYE crossed): complete the transaction ourselves. */
  acknowledgeOrphan(): void {
    const { dialog } = this;
    if (dialog === null || !this.awaitsAck) return;
    routeDialog(this.core, dialog, (flow) => {
      if (flow !== null && this.awaitsAck) this.sendAck(dialog, flow, this.core.ids.uuid(), '', NO_BODY);
    });
  }

  private sendAck(dialog: Dialog, flow: Flow, txnId: string, headers: string, body: string): void {
    const cseq = this.keepOffer()?.cseq ?? dialog.localSeq;
    this.ack = dialogRequestText(dialog, flow, {
      method: 'ACK',
      cseq,
      txnId,
      contact: '',
      headers,
      body,
      uri: '',
    });
    this.ackFlow = flow;
    dialog.removeInvite(this);
    this.core.counters.messagesOut++;
    flow.send(this.ack);
  }

  private repeatAck(): void {
    this.core.counters.retransmissionsIn++;
    if (this.ack !== '') this.ackFlow?.send(this.ack);
  }

  private answer(response: SipMessage, flow: Flow): void {
    const { core } = this;
    this.answered = true;
    const offered = this.keepOffer()?.body ?? '';
    const dialog = this.early(response, flow);
    // Only now: a refused re-INVITE changes nothing (RFC 3261 14.1), so a refresh must not offer it again.
    if (this.again && offered !== '') dialog.localSdp = offered;
    dialog.state = dialog.state === 'ended' ? 'ended' : 'confirmed';
    this.contactMissing = !this.again && contactUri(response) === '';
    applySession(core, dialog, sessionOfResponse(response));
    this.deliver(response, flow);
    if (dialog.state === 'ended') this.acknowledgeOrphan();
  }

  private refuseAnswer(response: SipMessage, flow: Flow, tag: string): void {
    const offer = this.keepOffer();
    if (offer === null) return;
    if (this.again && this.dialog !== null) {
      this.answered = true;
      this.acknowledgeOrphan();
      return;
    }
    this.losers ??= new Map();
    this.losers.set(tag, ackAndBye(this.core, offer, response, flow, this.app));
  }

  /** The dialog this response belongs to, with what the response says about the peer. */
  private early(response: SipMessage, flow: Flow): Dialog {
    const { core } = this;
    if (this.again && this.dialog !== null) {
      // RFC 3261 12.2.1.2: a 2xx to a re-INVITE moves the target, never the route set.
      const { dialog } = this;
      const nat =
        dialog.routeSet.length > 0
          ? null
          : natTarget(response, flow, 'uac', core.options.natTargetRule ?? true);
      if (contactUri(response) !== '') dialog.retarget(response.value(H.Contact), nat);
      return dialog;
    }
    const offer = this.keepOffer();
    if (this.dialog === null && offer !== null) {
      this.dialog = newUacDialog(offer, this.app, flow);
      this.dialog.invites.push(this);
      core.addDialog(this.dialog);
    }
    const dialog = this.dialog as Dialog;
    learnPeer(core, dialog, response, flow);
    return dialog;
  }

  private keepOffer(): Offer | null {
    return (this.offer ??= offerOf(this.dialogId, this.transaction.request));
  }

  /** A reliable 1xx that was seen before: its PRACK is under way (RFC 3262 section 4). */
  private repeatedReliable(response: SipMessage): boolean {
    if (!response.has(H.RSeq)) return false;
    const id = `${response.toTag}|${response.value(H.RSeq)}`;
    if (id === this.lastReliable) return true;
    this.lastReliable = id;
    return false;
  }

  private fail(): void {
    const { dialog } = this;
    if (dialog === null) return;
    dialog.removeInvite(this);
    if (!this.again) this.core.endDialog(dialog);
  }

  private deliver(response: SipMessage, flow: Flow): void {
    const { text } = response;
    this.app.sip(`${networkMeta(flow, text.length)}|${this.txnId}|${this.dialogId}|\r\n${text}`);
  }

  private synthesize(status: number): void {
    const reason = status === 487 ? 'Request Terminated' : reasonPhrase(status);
    const text = synthesizeResponse(this.transaction.request, status, reason, this.core.ids.tag());
    const meta = meta6('network', 0, this.transaction.flow.proto, '', 0);
    this.app.sip(`${meta}|${this.txnId}|${this.dialogId}|\r\n${text}`);
  }
}
