import { header, headersOf, tagOf, writeSip, type SipMessage } from './message.js';
import type { Flow } from './transport.js';

export const USER_AGENT = 'switchhook-mediad';

export const ALLOW = 'INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE';

type HeaderLine = readonly [name: string, value: string];

export interface ResponseParts {
  readonly toTag?: string;
  readonly headers?: readonly HeaderLine[];
  readonly body?: string;
}

/** RFC 3261 8.2.6.2, and RFC 3581 for what is written into the top Via. */
export function responseTo(
  request: SipMessage,
  flow: Flow,
  status: number,
  reason: string,
  { toTag = '', headers = [], body = '' }: ResponseParts = {},
): string {
  const to = header(request, 'to');
  const lines: HeaderLine[] = headersOf(request, 'via').map((via, i) => [
    'Via',
    i === 0 ? withSource(via, flow) : via,
  ]);
  for (const route of headersOf(request, 'record-route')) lines.push(['Record-Route', route]);
  lines.push(
    ['From', header(request, 'from')],
    ['To', tagOf(to) === '' && toTag !== '' ? `${to};tag=${toTag}` : to],
    ['Call-ID', header(request, 'call-id')],
    ['CSeq', header(request, 'cseq')],
    ['Server', USER_AGENT],
    ...headers,
  );
  if (body !== '') lines.push(['Content-Type', 'application/sdp']);
  return writeSip(`SIP/2.0 ${status} ${reason}`, lines, body);
}

function withSource(via: string, flow: Flow): string {
  const rport = /;\s*rport(?=\s*(?:;|$))/i;
  if (rport.test(via)) return via.replace(rport, `;rport=${flow.port};received=${flow.host}`);
  return /;\s*received=/i.test(via) ? via : `${via};received=${flow.host}`;
}
