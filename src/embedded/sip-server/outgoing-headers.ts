import type { Face, Flow } from './endpoint.js';
import { H } from './header-names.js';
import type { SipMessage } from './sip-message.js';

/**
 * Headers an application may not set, or that are written elsewhere from what it gave (protocol section 14). Everything else goes
 * out as `Name: value`: known names in canonical spelling, all others byte for byte as given.
 */
const OWNED = new Set<number>([
  H.Via,
  H.Route,
  H.RecordRoute,
  H.RSeq,
  H.ContentLength,
  H.ContentType,
  H.From,
  H.To,
  H.CallId,
  H.CSeq,
  H.Contact,
  H.MaxForwards,
]);

const MARK = '@localhost';

/** `@localhost` stands for the transport the message leaves by. Only the whole host counts, not `@localhost.example`. */
export function rewriteLocalhost(value: string, face: Face): string {
  let at = value.indexOf(MARK);
  if (at < 0) return value;
  let text = '';
  let from = 0;
  while (at >= 0) {
    const end = at + MARK.length;
    const next = value.charAt(end);
    if (next === '' || next === '>' || next === ';' || next === '?' || next === ',' || next === ' ') {
      text += `${value.slice(from, at)}@${face.hostPort}`;
      from = end;
    }
    at = value.indexOf(MARK, end);
  }
  return text + value.slice(from);
}

/** A Contact of the application: over TCP a rewritten localhost must also say so, or the peer would answer by UDP. */
export function contactValue(value: string, flow: Flow): string {
  const face = flow.face;
  const rewritten = rewriteLocalhost(value, face);
  if (rewritten === value) return value;
  const bracketed = rewritten.includes('<') ? rewritten : `<${rewritten}>`;
  if (!flow.reliable || bracketed.includes('transport=')) return bracketed;
  return bracketed.replace('>', ';transport=tcp>');
}

function copyable(message: SipMessage, except: ReadonlySet<number> | null): string {
  let lines = '';
  for (let f = message.first; f !== null; f = f.next) {
    if (OWNED.has(f.id) || (except?.has(f.id) ?? false)) continue;
    lines += `${message.nameOf(f)}: ${message.valueOf(f)}\r\n`;
  }
  return lines;
}

export function copyHeaders(
  message: SipMessage,
  face: Face,
  except: ReadonlySet<number> | null = null,
): string {
  const lines = copyable(message, except);
  return lines.includes(MARK) ? rewriteIdentity(lines, face) : lines;
}

/** Of the copied headers only P-Asserted-Identity has its localhost replaced. */
function rewriteIdentity(lines: string, face: Face): string {
  return lines
    .split('\r\n')
    .map((line) => (line.startsWith('P-Asserted-Identity:') ? rewriteLocalhost(line, face) : line))
    .join('\r\n');
}

/** What a CANCEL may carry besides what it copies from its INVITE: not Via's kin, not the identities, not Require (RFC 3261 9.1). */
const NOT_ON_CANCEL = new Set<number>([
  H.PAssertedIdentity,
  H.Require,
  H.Supported,
  H.SessionExpires,
  H.MinSe,
]);

export function cancelHeaders(message: SipMessage, face: Face): string {
  return copyHeaders(message, face, NOT_ON_CANCEL);
}

/** Content-Type, Content-Length, blank line and body. Undefined when a body has no type and does not look like SDP. */
export function bodyPart(message: SipMessage): string | undefined {
  if (!message.hasBody) return 'Content-Length: 0\r\n\r\n';
  const { body } = message;
  let type = message.value(H.ContentType);
  if (type === '') {
    if (!body.startsWith('v=0')) return undefined;
    type = 'application/sdp';
  }
  return `Content-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}
