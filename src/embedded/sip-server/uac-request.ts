import type { AppConnection } from './app-connection.js';
import { ClientRequest, type RequestClientUser } from './client-request.js';
import type { Core } from './core.js';
import { synthesizeResponse } from './derived-requests.js';
import { natTarget, type Dialog } from './dialog.js';
import type { Flow } from './endpoint.js';
import { H } from './header-names.js';
import { reasonPhrase } from './reasons.js';
import { applySession, sessionOfResponse } from './session-timer.js';
import type { SipMessage } from './sip-message.js';
import { endsSubscription, watchSubscription } from './subscription.js';
import { learnPeer, newUacDialog, offerOf } from './uac-call.js';
import { meta6, networkMeta } from './wire.js';
import { rescan } from './derived-requests.js';

/** Any request of the application except INVITE, ACK and CANCEL (protocol sections 7, 8.1). */
export class UacRequest implements RequestClientUser {
  readonly transaction: ClientRequest;

  constructor(
    private readonly core: Core,
    private readonly app: AppConnection,
    private readonly txnId: string,
    private readonly method: string,
    /** Empty for requests that have nothing to do with a dialog. */
    private readonly dialogId: string,
    flow: Flow,
    private readonly text: string,
    private dialog: Dialog | null,
  ) {
    this.transaction = new ClientRequest(core, txnId, flow, text, this);
  }

  onProvisional(response: SipMessage, flow: Flow): void {
    if (response.status > 100) this.deliver(response, flow);
  }

  onFinal(response: SipMessage, flow: Flow): void {
    const { status } = response;
    if (status < 300) this.succeeded(response, flow);
    this.deliver(response, flow);
    // A challenged BYE comes again with credentials, so its dialog stays (protocol 8.1).
    if (this.method === 'BYE' && status !== 401 && status !== 407) this.end();
  }

  onNoAnswer(status: 408 | 503): void {
    const text = synthesizeResponse(this.text, status, reasonPhrase(status), this.core.ids.tag());
    const meta = meta6('network', 0, this.transaction.flow.proto, '', 0);
    this.app.sip(`${meta}|${this.txnId}|${this.dialogId}|\r\n${text}`);
    if (this.method === 'BYE') this.end();
  }

  private succeeded(response: SipMessage, flow: Flow): void {
    const { core, dialog } = this;
    if (this.method === 'SUBSCRIBE') {
      this.subscribed(response, flow);
    } else if (this.method === 'UPDATE' && dialog !== null) {
      const nat =
        dialog.routeSet.length > 0
          ? null
          : natTarget(response, flow, 'uac', core.options.natTargetRule ?? true);
      dialog.retarget(response.value(H.Contact), nat);
      const session = sessionOfResponse(response);
      if (session !== null) applySession(core, dialog, session);
    } else if (this.method === 'NOTIFY' && dialog?.kind === 'SUBSCRIBE') {
      const sent = rescan(this.text);
      if (sent !== null && endsSubscription(sent)) this.end();
    }
  }

  private subscribed(response: SipMessage, flow: Flow): void {
    if (this.dialog === null) {
      const offer = offerOf(this.dialogId, this.text);
      if (offer === null) return;
      this.dialog = newUacDialog(offer, this.app, flow, 'SUBSCRIBE');
      learnPeer(this.core, this.dialog, response, flow);
      this.dialog.state = 'confirmed';
      this.core.addDialog(this.dialog);
    }
    watchSubscription(this.core, this.dialog, response);
  }

  private end(): void {
    if (this.dialog !== null) this.core.endDialog(this.dialog);
  }

  private deliver(response: SipMessage, flow: Flow): void {
    const { text } = response;
    this.app.sip(`${networkMeta(flow, text.length)}|${this.txnId}|${this.dialogId}|\r\n${text}`);
  }
}
