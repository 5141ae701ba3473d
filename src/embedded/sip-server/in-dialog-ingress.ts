import { dialogIdOf, type Core } from './core.js';
import type { Dialog } from './dialog.js';
import type { Flow } from './endpoint.js';
import { H } from './header-names.js';
import { ServerInvite } from './server-invite.js';
import { ServerRequest } from './server-request.js';
import { intervalOf } from './session-timer.js';
import type { SipMessage } from './sip-message.js';
import { refuse } from './stateless.js';
import { endsSubscription } from './subscription.js';
import { ownResponse } from './uas-response.js';
import { UasInvite } from './uas-invite.js';
import { UasRequest } from './uas-request.js';
import { networkMeta } from './wire.js';

/** Requests that name an existing dialog (protocol 8.2). */
export class InDialogIngress {
  constructor(private readonly core: Core) {}

  /** Call-ID and both tags decide; the dialog id holds the tag of whoever sent the INVITE. */
  private find(message: SipMessage): Dialog | undefined {
    const { dialogs } = this.core;
    const { callId, fromTag, toTag } = message;
    const theirs = dialogs.get(dialogIdOf(callId, fromTag));
    if (theirs?.role === 'uas' && theirs.localTag === toTag) return theirs;
    const ours = dialogs.get(dialogIdOf(callId, toTag));
    return ours?.role === 'uac' && ours.remoteTag === fromTag ? ours : undefined;
  }

  ack(message: SipMessage, flow: Flow): boolean {
    const dialog = this.find(message);
    const awaiting = dialog?.awaiting ?? null;
    if (dialog === undefined || awaiting === null || awaiting.cseq !== message.cseq) return false;
    awaiting.stop();
    const { text } = message;
    // The real server leaves the protocol token of ACK frames empty (protocol traces, flow 1).
    const meta = networkMeta(flow, text.length).replace(`|${flow.proto}|`, '||');
    const tell = (): void => dialog.app.sip(`${meta}|${awaiting.txnId}|${dialog.id}|\r\n${text}`);
    this.core.orphans.whenTaken(dialog, tell, () => undefined);
    const bye = dialog.heldBye;
    dialog.heldBye = null;
    bye?.();
    return true;
  }

  /** False when the request belongs to no dialog of ours. */
  handle(message: SipMessage, key: string, flow: Flow, back: Flow): boolean {
    const dialog = this.find(message);
    if (dialog === undefined) return false;
    switch (message.method) {
      case 'INVITE':
        this.reinvite(dialog, message, key, flow, back);
        break;
      case 'BYE':
        this.bye(dialog, message, key, flow, back);
        break;
      case 'PRACK':
        this.prack(dialog, message, key, flow, back);
        break;
      case 'UPDATE':
        this.update(dialog, message, key, flow, back);
        break;
      default:
        // Protocol 8.2: before the INVITE is answered these count as out-of-dialog.
        if (dialog.state === 'early' && message.method !== 'REFER') return false;
        this.deliver(dialog, message, key, flow, back);
    }
    return true;
  }

  private reinvite(dialog: Dialog, message: SipMessage, key: string, flow: Flow, back: Flow): void {
    if (this.tooShort(message, back)) return;
    const { core } = this;
    const transaction = new ServerInvite(core, key, back);
    transaction.respond(ownResponse(message, 100, '', core.serverLine), 100);
    this.hand(dialog, message, transaction, () =>
      new UasInvite(core, transaction, message, flow, dialog.app, core.ids.uuid(), dialog).deliver(),
    );
  }

  private bye(dialog: Dialog, message: SipMessage, key: string, flow: Flow, back: Flow): void {
    if (dialog.state === 'early' && dialog.role === 'uac') {
      // A callee has no BYE before its 2xx (RFC 3261 section 15).
      refuse(this.core, message, back, 481);
      return;
    }
    if (dialog.state === 'early') {
      this.earlyBye(dialog, message, flow, back);
      return;
    }
    // It is over when the application says so (RFC 3261 15.1.2): one that knows the far end's addresses may refuse a
    // BYE that comes from elsewhere. The real server ends it here, whatever the answer.
    this.deliver(dialog, message, key, flow, back);
  }

  /** RFC 3261 section 15 lets a caller BYE an early dialog; the application knows only CANCEL for that. */
  private earlyBye(dialog: Dialog, message: SipMessage, flow: Flow, back: Flow): void {
    // The application is not asked here, so a stranger is told off at once.
    const known = flow.host === dialog.flow.host;
    refuse(this.core, message, back, known ? 200 : 481);
    if (known) dialog.pending?.cancel(message, flow);
  }

  private prack(dialog: Dialog, message: SipMessage, key: string, flow: Flow, back: Flow): void {
    const rack = message.value(H.RAck);
    const invite = dialog.pending;
    if (invite === null || !invite.matchesProvisional(rack)) {
      refuse(this.core, message, back, 481);
      return;
    }
    // The frame goes first: a 2xx that waited for this PRACK must not overtake it.
    this.deliver(dialog, message, key, flow, back);
    invite.acknowledgeProvisional();
  }

  private update(dialog: Dialog, message: SipMessage, key: string, flow: Flow, back: Flow): void {
    if (this.tooShort(message, back)) return;
    const invite = dialog.pending;
    if (invite === null) {
      this.deliver(dialog, message, key, flow, back);
      return;
    }
    if (invite.update !== null) {
      // RFC 3311 5.2: a second UPDATE before the first is answered.
      refuse(this.core, message, back, 500, '', 'Retry-After: 1\r\n');
      return;
    }
    const transaction = new ServerRequest(this.core, key, back);
    const update = new UasRequest(
      this.core,
      transaction,
      message,
      flow,
      dialog.app,
      invite.txnId,
      dialog,
      false,
    );
    update.onFinished = () => {
      invite.update = null;
    };
    invite.update = update;
    update.deliver();
  }

  private deliver(dialog: Dialog, message: SipMessage, key: string, flow: Flow, back: Flow): void {
    const { core } = this;
    const transaction = new ServerRequest(core, key, back);
    this.hand(dialog, message, transaction, () =>
      new UasRequest(core, transaction, message, flow, dialog.app, core.ids.uuid(), dialog, true).deliver(),
    );
    if (message.method === 'NOTIFY' && dialog.kind === 'SUBSCRIBE' && endsSubscription(message)) {
      // The application still answers the NOTIFY; only the dialog is over.
      dialog.open.length = 0;
      core.endDialog(dialog);
    }
  }

  /** A dialog without an application: its transaction takes in what the far end repeats meanwhile. */
  private hand(
    dialog: Dialog,
    message: SipMessage,
    transaction: ServerInvite | ServerRequest,
    deliver: () => void,
  ): void {
    const refuseLate = (): void => {
      transaction.respond(ownResponse(message, 481, '', this.core.serverLine), 481);
    };
    this.core.orphans.whenTaken(dialog, deliver, refuseLate);
  }

  /** RFC 4028 section 6: 422 with Min-SE. */
  private tooShort(message: SipMessage, back: Flow): boolean {
    const { minSeSeconds } = this.core.timers;
    const seconds = intervalOf(message);
    if (!(seconds < minSeSeconds)) return false;
    refuse(this.core, message, back, 422, '', `Min-SE: ${minSeSeconds}\r\n`);
    return true;
  }
}
