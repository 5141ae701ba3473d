import type { Flow } from './endpoint.js';
import { H } from './header-names.js';
import type { Scanner } from './scanner.js';
import type { SipMessage } from './sip-message.js';
import type { Via } from './via.js';

/** `;rport` without a value, inside the first Via entry. */
const RPORT = /;[ \t]*rport[ \t]*(?=;|,|$)/i;

/** RFC 3261 18.2.1 and RFC 3581: writes the observed source into the top Via; the message as it is when nothing is to be said. */
export function stampVia(message: SipMessage, via: Via, flow: Flow, scanner: Scanner): SipMessage {
  const differs = via.host !== flow.host && via.host.toLowerCase() !== flow.host;
  if (!differs && via.rport !== '') return message;
  const field = message.find(H.Via);
  if (field === null) return message;
  const { raw } = message;
  let entry = raw.slice(field.start, field.start + via.length);
  if (via.rport === '') {
    const found = RPORT.exec(entry);
    if (found !== null) {
      const at = found.index + found[0].trimEnd().length;
      entry = `${entry.slice(0, at)}=${flow.port}${entry.slice(at)}`;
    }
  }
  if (differs) entry += `;received=${flow.host}`;
  const text =
    raw.slice(message.start, field.start) + entry + raw.slice(field.start + via.length, message.end);
  return scanner.scan(text, 0, text.length) ?? message;
}
