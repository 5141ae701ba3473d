import { createHash } from 'node:crypto';
import type { Core } from './core.js';
import { Flow } from './endpoint.js';
import { H } from './header-names.js';
import { reasonPhrase } from './reasons.js';
import type { SipMessage } from './sip-message.js';
import { ownResponse } from './uas-response.js';
import type { Via } from './via.js';

/** A refusal is never larger than this: what cannot be answered briefly is not answered. */
const LONGEST = 8192;

/** RFC 3261 8.2.7: a stateless server answers a retransmission with the same tag, so the tag comes from the request. */
function statelessTag(request: SipMessage): string {
  const key = `${request.callId}|${request.value(H.From)}|${request.value(H.CSeq)}`;
  return createHash('md5').update(key).digest('hex').slice(0, 16);
}

/** RFC 3261 18.2.2, RFC 3581: back to where the request came from, to the source port only when rport asks for it. */
export function responseFlow(source: Flow, via: Via): Flow {
  if (source.reliable) {
    // The sent-by port matters only when the connection has gone.
    const connection = source.connection;
    if (connection !== null && !connection.closed) return source;
  }
  const port = via.rport !== undefined ? source.port : via.port < 0 ? 5060 : via.port;
  return new Flow(source.endpoint, source.host, port, source.connection);
}

/** Answers without keeping anything. ACK is never answered. */
export function refuse(
  core: Core,
  request: SipMessage,
  flow: Flow,
  status: number,
  reason = '',
  extra = '',
): boolean {
  if (request.method === 'ACK') return false;
  const phrase = reason === '' ? reasonPhrase(status) : reason;
  const tag = request.has(H.To) ? statelessTag(request) : '';
  const text = ownResponse(request, status, request.toTag === '' ? tag : '', core.serverLine + extra, phrase);
  if (text.length > LONGEST) return false;
  if (status === 413 && flow.connection !== null) flow.connection.end(text);
  else flow.send(text);
  return true;
}
