import type { ClientInvite } from './client-invite.js';
import { ClientRequest } from './client-request.js';
import type { Core } from './core.js';
import { Dialog, natTarget, routeSetOf } from './dialog.js';
import { dialogRequestText, NO_BODY, routeDialog } from './dialog-request.js';
import { rescan } from './derived-requests.js';
import type { AppConnection } from './app-connection.js';
import type { Flow } from './endpoint.js';
import { H } from './header-names.js';
import { uriOf } from './name-addr.js';
import type { SipMessage } from './sip-message.js';

/** What our INVITE said about us; read back from its own text when a dialog needs it. */
export interface Offer {
  readonly id: string;
  readonly local: string;
  readonly callId: string;
  readonly fromTag: string;
  readonly cseq: number;
  readonly uri: string;
  readonly contact: string;
  readonly body: string;
}

export function offerOf(id: string, inviteText: string): Offer | null {
  const m = rescan(inviteText);
  if (m === null) return null;
  const { callId, fromTag, cseq, uri, body } = m;
  return { id, local: m.value(H.From), callId, fromTag, cseq, uri, contact: m.value(H.Contact), body };
}

export function newUacDialog(
  offer: Offer,
  app: AppConnection,
  flow: Flow,
  kind: 'INVITE' | 'SUBSCRIBE' = 'INVITE',
): Dialog {
  const dialog = new Dialog(offer.id, 'uac', kind, offer.callId, offer.fromTag, app, flow);
  dialog.local = offer.local;
  dialog.localSeq = offer.cseq;
  dialog.localContact = offer.contact;
  dialog.localSdp = offer.body;
  dialog.target = offer.uri;
  return dialog;
}

/** Takes tag, target and route set from a response (RFC 3261 12.1.2). Forks share one dialog id: the latest 1xx counts. */
export function learnPeer(core: Core, dialog: Dialog, response: SipMessage, flow: Flow): void {
  dialog.remoteTag = response.toTag;
  dialog.remote = response.value(H.To);
  dialog.flow = flow;
  dialog.routeSet = routeSetOf(response, 'uac');
  dialog.hopFlow = null;
  dialog.retarget(
    response.value(H.Contact),
    natTarget(response, flow, 'uac', core.options.natTargetRule ?? true),
  );
}

/** ACK for a 2xx nobody wants, followed by BYE: losing forks, and answers after the application gave up (RFC 3261 13.2.2.4). */
export function ackAndBye(
  core: Core,
  offer: Offer,
  response: SipMessage,
  flow: Flow,
  app: AppConnection,
): () => void {
  const branch = newUacDialog(offer, app, flow);
  learnPeer(core, branch, response, flow);
  const request = { contact: '', headers: '', body: NO_BODY, uri: '' };
  let ack = '';
  let route: Flow | null = null;
  routeDialog(core, branch, (to) => {
    if (to === null) return;
    route = to;
    ack = dialogRequestText(branch, to, {
      ...request,
      method: 'ACK',
      cseq: offer.cseq,
      txnId: core.ids.uuid(),
    });
    to.send(ack);
    const txnId = core.ids.uuid();
    const bye = dialogRequestText(branch, to, { ...request, method: 'BYE', cseq: offer.cseq + 1, txnId });
    new ClientRequest(core, txnId, to, bye, null).start();
  });
  return () => route?.send(ack);
}

/** The URI part of the peer's Contact; empty when it sent none. */
export function contactUri(response: SipMessage): string {
  const contact = response.value(H.Contact);
  return contact === '' ? '' : uriOf(contact);
}

export function isPending(transaction: ClientInvite | null): boolean {
  return transaction?.pending ?? false;
}
