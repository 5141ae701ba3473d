import type { Request, Response, SipMessage } from 'drachtio-srf';
import type { LegEvent } from '../../ports/signalling.js';
import { parseReason } from '../../sip/reason.js';
import type { Answer } from './capabilities.js';
import { reasonPhrase } from './header-lines.js';
import { customHeaders, rawHeaders } from './raw-headers.js';

export const SDP_TYPE = 'application/sdp';

/** An empty body is no body. */
export const bodyOf = (message: Pick<SipMessage, 'body'>): string | null =>
  message.body === undefined || message.body === '' ? null : message.body;

/** `address:port` the message came from; `null` for what the server made up. */
export function peerOf(message: { source_address: string; source_port: number }): string | null {
  const { source_address: address, source_port: port } = message;
  if (address === '') return null;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** What a BYE or CANCEL of the far end tells. */
export function hungUp(message: SipMessage): LegEvent {
  const reason = parseReason(message.headers['reason']);
  return {
    type: 'hungUp',
    q850: reason.q850,
    reason: reason.text,
    headers: customHeaders(rawHeaders(message.raw)),
  };
}

/** A request the engine is not asked about. */
export function send(res: Response, answer: Answer): void {
  res.send(answer.code, reasonPhrase(answer.reason), { headers: { ...answer.headers } });
}

/** srf knows the codes of a table; RFC 3261 8.1.3.2 makes any other equal to the x00 of its class. */
export function sendableCode(code: number): number {
  return SENDABLE.has(code) ? code : code < 400 ? 480 : Math.min(600, Math.trunc(code / 100) * 100);
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Final codes of the `sip-status` table srf insists on. */
const SENDABLE: ReadonlySet<number> = new Set([
  ...[300, 301, 302, 305, 380],
  ...range(400, 417),
  ...range(420, 424),
  ...[428, 429, 430, 433, 436, 437, 438, 439, 470],
  ...range(480, 489),
  ...[491, 493, 494],
  ...range(500, 505),
  ...[513, 580, 600, 603, 604, 606],
]);

/** Our own address as this INVITE reached it: `<sip:127.0.0.1:5060>`; `null` where the server does not say. */
export function contactOf({ receivedOn, protocol }: Request): string | null {
  const colon = receivedOn?.lastIndexOf(':') ?? -1;
  if (receivedOn === undefined || colon <= 0) return null;
  const host = receivedOn.slice(0, colon).replace(/^\[|\]$/g, '');
  const bracketed = host.includes(':') ? `[${host}]` : host;
  return `<sip:${bracketed}${receivedOn.slice(colon)}${protocol === 'udp' ? '' : `;transport=${protocol}`}>`;
}
