import type { AppConnection } from './app-connection.js';
import type { Core, UasOwner } from './core.js';
import { natTarget, type Dialog, type OpenRequest } from './dialog.js';
import type { Flow } from './endpoint.js';
import { H } from './header-names.js';
import type { ServerRequest } from './server-request.js';
import { applySession, sessionOfAnswer } from './session-timer.js';
import type { SipMessage } from './sip-message.js';
import { watchSubscription } from './subscription.js';
import { newUasDialog } from './uas-dialog.js';
import { UNKNOWN_TRANSACTION } from './uas-invite.js';
import { appResponse, ownResponse } from './uas-response.js';
import { meta6, networkMeta } from './wire.js';

/** Any request of the network except INVITE, ACK and CANCEL, from its arrival to the application's answer. */
export class UasRequest implements UasOwner, OpenRequest {
  readonly invite = null;
  /** Told once, when this request has its answer or will never get one. */
  onFinished: (() => void) | null = null;
  private toTag: string;

  constructor(
    private readonly core: Core,
    private readonly transaction: ServerRequest,
    private readonly request: SipMessage,
    private readonly source: Flow,
    readonly app: AppConnection,
    readonly txnId: string,
    private readonly dialog: Dialog | null,
    /** False when another owner holds this transaction id (UPDATE inside an INVITE). */
    private readonly registered: boolean,
  ) {
    this.toTag = request.toTag;
    if (registered) core.uas.set(txnId, this);
    if (request.method !== 'BYE') dialog?.open.push(this);
    transaction.onAnswerTimeout = () => {
      this.finish();
      this.left();
    };
    core.wheel.arm(transaction, core.timers.requestAnswer);
  }

  get callId(): string {
    return this.request.callId;
  }

  deliver(): void {
    const { app, request, source, txnId, dialog } = this;
    const { text } = request;
    const { host, port } = source.face;
    const rest = dialog === null ? `|${host}|${port}|` : `${dialog.id}|`;
    app.sip(`${networkMeta(source, text.length)}|${txnId}|${rest}\r\n${text}`);
  }

  respond(app: AppConnection, requestId: string, answer: SipMessage): void {
    const { core, request, transaction } = this;
    const { status } = answer;
    if (this.toTag === '' && status > 100) this.toTag = answer.toTag === '' ? core.ids.tag() : answer.toTag;
    const success = status >= 200 && status < 300;
    const session = success && request.method === 'UPDATE' ? sessionOfAnswer(core, request, answer) : null;
    const forms = success && (request.method === 'SUBSCRIBE' || request.method === 'UPDATE');
    const parts = { toTag: this.toTag, record: forms, contact: forms, extra: session?.lines ?? '' };
    const text = appResponse(request, answer, transaction.flow, parts);
    if (!transaction.respond(text, status)) {
      app.respond(requestId, UNKNOWN_TRANSACTION);
      return;
    }
    if (status >= 200) this.finish();
    let dialogId = this.dialog === null || request.method === 'BYE' ? '' : this.dialog.id;
    if (success) {
      if (request.method === 'SUBSCRIBE') dialogId = this.subscribed(answer).id;
      else if (request.method === 'UPDATE' && this.dialog !== null) {
        this.retarget(this.dialog);
        if (answer.hasBody) this.dialog.localSdp = text.slice(text.length - answer.body.length);
        if (this.dialog.state === 'confirmed') applySession(core, this.dialog, session);
      }
    }
    if (success) this.left();
    const { flow } = transaction;
    // The real server leaves the protocol token of these replies empty (protocol traces, flow 1).
    const meta = meta6('application', text.length, '', flow.host, flow.port);
    app.respond(requestId, `OK|${meta}|${this.txnId}|${dialogId}||Msg sent:|\r\n${text}`);
  }

  /** Protocol 8.2: what the application left unanswered is answered 500 when the dialog ends. */
  onDialogEnded(): void {
    this.decline(500);
  }

  abandon(): void {
    this.decline(503);
    this.left();
  }

  private decline(status: number): void {
    if (this.toTag === '') this.toTag = this.core.ids.tag();
    this.transaction.respond(ownResponse(this.request, status, this.toTag), status);
    this.finish();
  }

  /** A BYE the application has taken, or has nothing to say to. */
  private left(): void {
    if (this.request.method === 'BYE' && this.dialog !== null) this.core.leaveDialog(this.dialog);
  }

  private finish(): void {
    if (this.registered) this.core.uas.delete(this.txnId);
    this.dialog?.removeOpen(this);
    const finished = this.onFinished;
    this.onFinished = null;
    finished?.();
  }

  private retarget(dialog: Dialog): void {
    const contact = this.request.value(H.Contact);
    if (contact === '') return;
    const rule = this.core.options.natTargetRule ?? true;
    dialog.retarget(
      contact,
      dialog.routeSet.length > 0 ? null : natTarget(this.request, this.source, 'uas', rule),
    );
  }

  /** A 2xx to SUBSCRIBE makes or refreshes a subscription dialog (RFC 6665). */
  private subscribed(answer: SipMessage): Dialog {
    const { core, request } = this;
    if (this.dialog !== null) {
      watchSubscription(core, this.dialog, answer.has(H.Expires) ? answer : request);
      return this.dialog;
    }
    const dialog = newUasDialog(core, request, this.source, this.toTag, this.app, 'SUBSCRIBE');
    dialog.state = 'confirmed';
    core.addDialog(dialog);
    watchSubscription(core, dialog, answer.has(H.Expires) ? answer : request);
    return dialog;
  }
}
