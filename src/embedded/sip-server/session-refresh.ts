import { ClientInvite, type InviteClientUser } from './client-invite.js';
import type { Core } from './core.js';
import type { Dialog } from './dialog.js';
import { dialogRequestText, NO_BODY, routeDialog } from './dialog-request.js';
import type { Flow } from './endpoint.js';
import type { SessionTimer } from './session-timer.js';
import type { SipMessage } from './sip-message.js';

/** The server's own re-INVITE that refreshes a session; the application does not see it (protocol 6.5). */
class Refresh implements InviteClientUser {
  private ack = '';

  constructor(
    private readonly core: Core,
    private readonly dialog: Dialog,
    private readonly timer: SessionTimer,
    private readonly flow: Flow,
    private readonly cseq: number,
  ) {}

  onProvisional(): void {
    // Nothing to tell anybody.
  }

  onSuccess(_response: SipMessage, _flow: Flow): void {
    if (this.ack === '') {
      const txnId = this.core.ids.uuid();
      const ack = { method: 'ACK', cseq: this.cseq, txnId, contact: '', headers: '', body: NO_BODY, uri: '' };
      this.ack = dialogRequestText(this.dialog, this.flow, ack);
      if (this.dialog.session === this.timer) this.timer.restart();
    }
    this.flow.send(this.ack);
  }

  onFailure(response: SipMessage): void {
    if (this.dialog.session !== this.timer) return;
    // RFC 3261 14.1: 491 is glare, try again a little later.
    if (response.status === 491) this.timer.retryIn(this.core.timers.sessionSecond * 3);
    else this.timer.expire();
  }

  onNoAnswer(): void {
    if (this.dialog.session === this.timer) this.timer.expire();
  }

  onProceedingTimeout(): void {
    this.onNoAnswer();
  }
}

export function refreshSession(core: Core, dialog: Dialog, timer: SessionTimer): void {
  const cseq = ++dialog.localSeq;
  const txnId = core.ids.uuid();
  routeDialog(core, dialog, (flow) => {
    if (flow === null) {
      timer.expire();
      return;
    }
    const sdp = dialog.localSdp;
    const body =
      sdp === '' ? NO_BODY : `Content-Type: application/sdp\r\nContent-Length: ${sdp.length}\r\n\r\n${sdp}`;
    const headers = `Supported: timer\r\nSession-Expires: ${timer.session.seconds};refresher=uac\r\n`;
    const contact = dialog.localContact === '' ? flow.face.contact : dialog.localContact;
    const text = dialogRequestText(dialog, flow, {
      method: 'INVITE',
      cseq,
      txnId,
      contact,
      headers,
      body,
      uri: '',
    });
    new ClientInvite(core, txnId, flow, text, new Refresh(core, dialog, timer, flow, cseq)).start();
  });
}
