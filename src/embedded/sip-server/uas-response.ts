import { H } from './header-names.js';
import { withTag } from './name-addr.js';
import type { Flow } from './endpoint.js';
import { bodyPart, contactValue, copyHeaders } from './outgoing-headers.js';
import { reasonPhrase } from './reasons.js';
import type { SipMessage } from './sip-message.js';

function lines(request: SipMessage, id: number, name: string): string {
  let text = '';
  for (let f = request.first; f !== null; f = f.next)
    if (f.id === id) text += `${name}: ${request.valueOf(f)}\r\n`;
  return text;
}

/** Status line and the headers a response copies from its request (RFC 3261 8.2.6.2, 12.1.1). */
export function responseHead(
  request: SipMessage,
  status: number,
  reason: string,
  toTag: string,
  record: boolean,
): string {
  const to = request.value(H.To);
  return (
    `SIP/2.0 ${status} ${reason}\r\n${lines(request, H.Via, 'Via')}${record ? lines(request, H.RecordRoute, 'Record-Route') : ''}` +
    `From: ${request.value(H.From)}\r\nTo: ${toTag === '' ? to : withTag(to, toTag)}\r\n` +
    `Call-ID: ${request.callId}\r\nCSeq: ${request.value(H.CSeq)}\r\n`
  );
}

/** A response made by the server itself. `extra` are complete header lines. */
export function ownResponse(
  request: SipMessage,
  status: number,
  toTag: string,
  extra = '',
  reason = reasonPhrase(status),
): string {
  return `${responseHead(request, status, reason, toTag, false)}${extra}Content-Length: 0\r\n\r\n`;
}

export interface ResponseParts {
  readonly toTag: string;
  /** Copy Record-Route (RFC 3261 12.1.1): responses with a To tag that make or refresh a dialog. */
  readonly record: boolean;
  /** Add our Contact when the application gave none. */
  readonly contact: boolean;
  /** Complete header lines added by the server (RSeq, Session-Expires ...). */
  readonly extra: string;
}

/** A response of the application, completed. */
export function appResponse(
  request: SipMessage,
  answer: SipMessage,
  flow: Flow,
  parts: ResponseParts,
): string {
  const given = answer.value(H.Contact);
  let contact = '';
  if (given !== '') contact = `Contact: ${contactValue(given, flow)}\r\n`;
  else if (parts.contact) contact = `Contact: ${flow.face.contact}\r\n`;
  const reason = answer.reason === '' ? reasonPhrase(answer.status) : answer.reason;
  const body = bodyPart(answer) ?? `Content-Length: ${answer.body.length}\r\n\r\n${answer.body}`;
  const head = responseHead(request, answer.status, reason, parts.toTag, parts.record);
  return `${head}${contact}${parts.extra}${copyHeaders(answer, flow.face)}${body}`;
}
