import { ClientRequest } from './client-request.js';
import type { Core } from './core.js';
import type { Dialog } from './dialog.js';
import { dialogRequestText, NO_BODY, routeDialog } from './dialog-request.js';
import { sentRequestMeta } from './wire.js';

/** A BYE by the server itself. The application is told by an `unsolicited` frame (protocol section 9) unless it is gone. */
export function serverBye(core: Core, dialog: Dialog, why: string, cause = 200): void {
  if (dialog.state === 'ended') return;
  const txnId = core.ids.uuid();
  const cseq = ++dialog.localSeq;
  // A BYE of the application that was waiting for the ACK goes out instead, and its own answer tells the end.
  const held = dialog.heldBye !== null;
  core.endDialog(dialog);
  if (held) return;
  routeDialog(core, dialog, (flow) => {
    const via = flow ?? dialog.flow;
    const headers = `Reason: SIP;cause=${cause};text="${why}"\r\n`;
    const text = dialogRequestText(dialog, via, {
      method: 'BYE',
      cseq,
      txnId,
      contact: '',
      headers,
      body: NO_BODY,
      uri: '',
    });
    if (flow !== null) new ClientRequest(core, txnId, flow, text, null).start();
    dialog.app.sip(`${sentRequestMeta(via, text.length)}|unsolicited|${dialog.id}|\r\n${text}`);
  });
}
