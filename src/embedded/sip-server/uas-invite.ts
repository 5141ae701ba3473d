import type { AppConnection } from './app-connection.js';
import { AwaitAck } from './await-ack.js';
import { dialogIdOf, type Core, type UasOwner } from './core.js';
import { natTarget, type Dialog, type OpenRequest } from './dialog.js';
import type { Flow } from './endpoint.js';
import { H } from './header-names.js';
import { ReliableProvisionals, type ReliableOwner } from './reliable-provisionals.js';
import type { ServerInvite } from './server-invite.js';
import { applySession, sessionOfAnswer } from './session-timer.js';
import type { SipMessage } from './sip-message.js';
import { newUasDialog } from './uas-dialog.js';
import { appResponse, ownResponse } from './uas-response.js';
import type { UasRequest } from './uas-request.js';
import { meta6, networkMeta } from './wire.js';

export const UNKNOWN_TRANSACTION = 'NOK|Response not sent due to unknown transaction';

/** An INVITE of the network, initial or in-dialog, from its arrival to its final response (protocol section 6). */
export class UasInvite implements UasOwner, OpenRequest, ReliableOwner {
  readonly dialogId: string;
  /** An UPDATE inside this INVITE; it shares the INVITE's transaction id (protocol 8.2). */
  update: UasRequest | null = null;
  private toTag: string;
  private over = false;
  private reliable: ReliableProvisionals | null = null;
  /** Request id of a 2xx that waits for a PRACK. It is replied to when it goes out, or never will. */
  private heldBack = '';
  private readonly again: boolean;

  constructor(
    private readonly core: Core,
    private readonly transaction: ServerInvite,
    private readonly request: SipMessage,
    private readonly source: Flow,
    readonly app: AppConnection,
    readonly txnId: string,
    /** The dialog of a re-INVITE; for an initial INVITE null until the first response with a tag. */
    private dialog: Dialog | null,
  ) {
    this.again = dialog !== null;
    this.toTag = request.toTag;
    this.dialogId = dialog?.id ?? dialogIdOf(request.callId, request.fromTag);
    transaction.owner = this;
    core.uas.set(txnId, this);
    dialog?.open.push(this);
    core.wheel.arm(transaction, core.timers.appAnswer);
  }

  get invite(): ServerInvite {
    return this.transaction;
  }

  get callId(): string {
    return this.request.callId;
  }

  /** Hands the request to the application. */
  deliver(): void {
    const { app, request, source, txnId } = this;
    const { text } = request;
    const { host, port } = source.face;
    const rest = this.again ? `${this.dialogId}|` : `|${host}|${port}|`;
    app.sip(`${networkMeta(source, text.length)}|${txnId}|${rest}\r\n${text}`);
  }

  respond(app: AppConnection, requestId: string, answer: SipMessage): void {
    if (answer.cseqMethod === 'UPDATE' && this.update !== null) {
      this.update.respond(app, requestId, answer);
      return;
    }
    if (this.over) {
      app.respond(requestId, UNKNOWN_TRANSACTION);
      return;
    }
    if (this.toTag === '' && answer.status > 100)
      this.toTag = answer.toTag === '' ? this.core.ids.tag() : answer.toTag;
    if (answer.status < 200) this.progress(app, requestId, answer);
    else if (answer.status < 300) this.accept(app, requestId, answer);
    else this.refuse(app, requestId, answer);
  }

  transmitProvisional(text: string, status: number): void {
    this.transaction.respond(text, status);
  }

  onPrackTimeout(): void {
    this.finish();
    this.transaction.respond(ownResponse(this.request, 503, this.toTag), 503);
    this.dropEarlyDialog();
  }

  /** True when a PRACK's RAck names the 1xx we are repeating. */
  matchesProvisional(rack: string): boolean {
    return this.reliable?.matches(rack) ?? false;
  }

  acknowledgeProvisional(): void {
    this.reliable?.acknowledge();
  }

  /** RFC 3261 9.2: 487 at once; the application only learns of it (protocol 6.3). A re-INVITE's CANCEL is not told. */
  cancel(cancel: SipMessage, source: Flow): void {
    const known = this.dialog !== null;
    this.terminate(487);
    if (this.again) return;
    const { text } = cancel;
    this.app.sip(
      `${networkMeta(source, text.length)}|${this.txnId}|${known ? this.dialogId : ''}|\r\n${text}`,
    );
  }

  abandon(): void {
    this.terminate(503);
  }

  onDialogEnded(): void {
    if (!this.over) this.terminate(487);
  }

  /** The application never said anything: protocol 6.1 item 5, the state is dropped without an answer. */
  onAnswerTimeout(): void {
    this.finish();
    this.transaction.terminate();
  }

  private terminate(status: number): void {
    if (this.over) return;
    this.finish();
    if (this.toTag === '') this.toTag = this.core.ids.tag();
    this.transaction.respond(ownResponse(this.request, status, this.toTag), status);
    this.dropEarlyDialog();
  }

  private progress(app: AppConnection, requestId: string, answer: SipMessage): void {
    const { request } = this;
    const wantsReliable = answer.status > 100 && answer.lists(H.Require, '100rel');
    if (wantsReliable && !request.lists(H.Supported, '100rel') && !request.lists(H.Require, '100rel')) {
      app.respond(requestId, 'NOK|Remote endpoint does not support 100rel');
      return;
    }
    this.core.wheel.cancel(this.transaction);
    if (answer.status > 100) this.earlyDialog();
    if (!wantsReliable) {
      const text = this.compose(answer, false, '');
      this.transaction.respond(text, answer.status);
      this.sent(app, requestId, text, this.dialogId);
      return;
    }
    this.reliable ??= new ReliableProvisionals(this.core, this.transaction.flow, request.cseq, this);
    const rseq = this.reliable.reserve();
    const text = this.compose(answer, true, `RSeq: ${rseq}\r\n`);
    this.reliable.send(rseq, text, answer.hasBody);
    this.sent(app, requestId, text, this.dialogId);
  }

  private accept(app: AppConnection, requestId: string, answer: SipMessage): void {
    const session = sessionOfAnswer(this.core, this.request, answer);
    const text = this.compose(answer, true, session?.lines ?? '');
    const { reliable } = this;
    const dialog = this.earlyDialog();
    const send = (): void => {
      this.heldBack = '';
      this.finish();
      this.transaction.respond(text, answer.status);
      this.confirm(dialog, text, answer);
      applySession(this.core, dialog, session);
      this.sent(app, requestId, text, this.dialogId);
    };
    // RFC 3262 section 5: a 2xx must not overtake an unacknowledged reliable 1xx that carried SDP. The reply waits too:
    // srf builds its Dialog on it, and a Dialog answers PRACK with 501.
    if (reliable?.holdsFinal === true) {
      this.core.uas.delete(this.txnId);
      this.heldBack = requestId;
      reliable.whenDone(send);
    } else send();
  }

  private refuse(app: AppConnection, requestId: string, answer: SipMessage): void {
    const text = this.compose(answer, false, '');
    this.finish();
    this.transaction.respond(text, answer.status);
    this.dropEarlyDialog();
    this.sent(app, requestId, text, this.again ? this.dialogId : '');
  }

  private confirm(dialog: Dialog, text: string, answer: SipMessage): void {
    const { core, request, source, transaction } = this;
    dialog.state = 'confirmed';
    const contact = request.value(H.Contact);
    if (this.again && contact !== '') {
      const nat =
        dialog.routeSet.length > 0
          ? null
          : natTarget(request, source, 'uas', core.options.natTargetRule ?? true);
      dialog.retarget(contact, nat);
    }
    if (answer.hasBody) dialog.localSdp = text.slice(text.length - answer.body.length);
    new AwaitAck(
      core,
      dialog,
      transaction.flow,
      text,
      request.cseq,
      this.again ? core.ids.uuid() : this.txnId,
    );
  }

  private earlyDialog(): Dialog {
    if (this.dialog !== null) return this.dialog;
    const dialog = newUasDialog(this.core, this.request, this.source, this.toTag, this.app, 'INVITE');
    dialog.pending = this;
    this.dialog = dialog;
    this.core.addDialog(dialog);
    return dialog;
  }

  private dropEarlyDialog(): void {
    if (this.again || this.dialog === null) return;
    this.core.endDialog(this.dialog);
  }

  /** No more answers of the application are welcome. */
  private finish(): void {
    this.over = true;
    this.core.uas.delete(this.txnId);
    this.reliable?.stop();
    this.dialog?.removeOpen(this);
    if (this.dialog?.pending === this) this.dialog.pending = null;
    if (this.heldBack !== '') this.app.respond(this.heldBack, UNKNOWN_TRANSACTION);
    this.heldBack = '';
  }

  private compose(answer: SipMessage, contact: boolean, extra: string): string {
    const record = answer.status > 100 && answer.status < 300;
    const parts = { toTag: this.toTag, record, contact, extra };
    return appResponse(this.request, answer, this.transaction.flow, parts);
  }

  /** The address of this reply is that of the peer (protocol traces, flow 1). */
  private sent(app: AppConnection, requestId: string, text: string, dialogId: string): void {
    const { flow } = this.transaction;
    const meta = meta6('application', text.length, flow.proto, flow.host, flow.port);
    app.respond(requestId, `OK|${meta}|${this.txnId}|${dialogId}||Msg sent:|\r\n${text}`);
  }
}
