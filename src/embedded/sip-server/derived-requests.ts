import { H } from './header-names.js';
import { Scanner } from './scanner.js';
import type { SipMessage } from './sip-message.js';

/** Our own text is re-read with limits that never bite. */
const OWN_TEXT = { maxHeaderLine: 1 << 20, maxBlankRun: 1 << 20, maxHeaders: 1 << 16 };

export function rescan(text: string): SipMessage | null {
  return new Scanner(OWN_TEXT).scan(text, 0, text.length);
}

function routes(invite: SipMessage): string {
  let lines = '';
  for (let f = invite.first; f !== null; f = f.next)
    if (f.id === H.Route) lines += `Route: ${invite.valueOf(f)}\r\n`;
  return lines;
}

function derive(invite: SipMessage, method: string, to: string, extra: string): string {
  return (
    `${method} ${invite.uri} SIP/2.0\r\nVia: ${invite.value(H.Via)}\r\n${routes(invite)}Max-Forwards: 70\r\n` +
    `From: ${invite.value(H.From)}\r\nTo: ${to}\r\nCall-ID: ${invite.callId}\r\nCSeq: ${invite.cseq} ${method}\r\n` +
    `${extra}Content-Length: 0\r\n\r\n`
  );
}

/** RFC 3261 17.1.1.3: same Request-URI, top Via, Route, From, Call-ID and CSeq number; To from the response. */
export function ackForFailure(inviteText: string, response: SipMessage): string {
  const invite = rescan(inviteText);
  return invite === null ? '' : derive(invite, 'ACK', response.value(H.To), '');
}

/** RFC 3261 9.1. `extra` are complete header lines, for instance Reason. */
export function cancelFor(inviteText: string, extra: string): string {
  const invite = rescan(inviteText);
  return invite === null ? '' : derive(invite, 'CANCEL', invite.value(H.To), extra);
}

/** A response nobody sent: 408, 487 or 503 made up for the application when the network stays silent. */
export function synthesizeResponse(
  requestText: string,
  status: number,
  reason: string,
  toTag: string,
): string {
  const request = rescan(requestText);
  if (request === null) return '';
  const to = request.value(H.To);
  const tagged = request.toTag === '' ? `${to};tag=${toTag}` : to;
  return (
    `SIP/2.0 ${status} ${reason}\r\nVia: ${request.value(H.Via)}\r\nFrom: ${request.value(H.From)}\r\nTo: ${tagged}\r\n` +
    `Call-ID: ${request.callId}\r\nCSeq: ${request.cseq} ${request.cseqMethod}\r\nContent-Length: 0\r\n\r\n`
  );
}
