import type { AppConnection } from './app-connection.js';
import { dialogIdOf, type Core } from './core.js';
import { Flow } from './endpoint.js';
import { hopOf, type Hop } from './endpoints.js';
import { H } from './header-names.js';
import { BRANCH_COOKIE } from './ids.js';
import { tagOf, withTag } from './name-addr.js';
import { bodyPart, contactValue, copyHeaders, rewriteLocalhost } from './outgoing-headers.js';
import type { SipMessage } from './sip-message.js';
import { UacInvite } from './uac-invite.js';
import { UacRequest } from './uac-request.js';
import { sentRequestMeta } from './wire.js';

interface Composed {
  readonly text: string;
  readonly dialogId: string;
}

/** Protocol section 7: what the server supplies around an out-of-dialog request of the application. */
function compose(core: Core, message: SipMessage, flow: Flow, txnId: string, body: string): Composed {
  const { face } = flow;
  const { method, uri } = message;
  const given = message.value(H.From);
  const from = given === '' ? face.contact : rewriteLocalhost(given, face);
  const fromTag = tagOf(from) || core.ids.tag();
  const to = message.value(H.To);
  const callId = message.callId === '' ? core.ids.uuid() : message.callId;
  // srf repeats a challenged request with CSeq+1 (protocol section 7), so the application's number counts.
  const cseq = message.cseq >= 0 ? message.cseq : core.ids.sequence();
  let contact = message.value(H.Contact);
  if (contact !== '') contact = contactValue(contact, flow);
  else if (method === 'INVITE' || method === 'SUBSCRIBE') contact = face.contact;
  const hops = message.value(H.MaxForwards);
  const text =
    `${method} ${uri} SIP/2.0\r\n${face.via}${BRANCH_COOKIE}${txnId}\r\nMax-Forwards: ${hops === '' ? '70' : hops}\r\n` +
    `From: ${withTag(from, fromTag)}\r\nTo: ${to === '' ? `<${uri}>` : withTag(rewriteLocalhost(to, face), '')}\r\n` +
    `Call-ID: ${callId}\r\nCSeq: ${cseq} ${method}\r\n${contact === '' ? '' : `Contact: ${contact}\r\n`}` +
    copyHeaders(message, face) +
    body;
  return { text, dialogId: dialogIdOf(callId, fromTag) };
}

/** The routeUrl may be a bare `host[:port]` (srf's documentation allows it). */
function hopFor(message: SipMessage, routeUrl: string): Hop | undefined {
  if (routeUrl === '') return hopOf(message.uri);
  return hopOf(/^sips?:/i.test(routeUrl) ? routeUrl : `sip:${routeUrl}`);
}

/** An out-of-dialog request of the application. */
export function newRequest(
  core: Core,
  app: AppConnection,
  requestId: string,
  message: SipMessage,
  routeUrl: string,
): void {
  const body = bodyPart(message);
  if (body === undefined) {
    app.respond(requestId, 'NOK|missing content-type');
    return;
  }
  const hop = hopFor(message, routeUrl);
  if (hop === undefined) {
    app.respond(
      requestId,
      `NOK|can not route to ${(routeUrl === '' ? message.uri : routeUrl).slice(0, 200)}`,
    );
    return;
  }
  core.endpoints.route(hop, (flow) => {
    if (app.closed) return;
    if (flow !== null && core.endpoints.isOurs(hop, flow.host))
      app.respond(requestId, 'NOK|can not send request to myself');
    else launch(core, app, requestId, message, flow, body);
  });
}

/** An unreachable destination is not the application's mistake: it gets its transaction, and a 503 on it. */
function launch(
  core: Core,
  app: AppConnection,
  requestId: string,
  message: SipMessage,
  flow: Flow | null,
  body: string,
): void {
  const { fallback } = core.endpoints;
  const via = flow ?? (fallback === undefined ? null : new Flow(fallback, fallback.host, 0));
  if (via === null) {
    app.respond(requestId, 'NOK|no transport available');
    return;
  }
  const txnId = core.ids.uuid();
  const { method } = message;
  const { text, dialogId } = compose(core, message, via, txnId, body);
  app.respond(requestId, `OK|${sentRequestMeta(via, text.length)}|${txnId}|Msg sent:|\r\n${text}`);
  const transaction =
    method === 'INVITE'
      ? new UacInvite(core, app, txnId, dialogId, via, text, null).transaction
      : new UacRequest(core, app, txnId, method, method === 'SUBSCRIBE' ? dialogId : '', via, text, null)
          .transaction;
  if (flow === null) transaction.transportFailed();
  else transaction.start();
}
