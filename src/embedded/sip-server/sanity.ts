import { isSafeId, parseDigits } from './chars.js';
import { H } from './header-names.js';
import { uriOf } from './name-addr.js';
import type { SipMessage } from './sip-message.js';

/** Headers of which a message has exactly one (RFC 3261 7.3.1, 8.1.1). */
const SINGLE = new Set<number>([H.From, H.To, H.CallId, H.CSeq, H.MaxForwards]);

function duplicated(message: SipMessage): boolean {
  let seen = 0;
  for (let f = message.first; f !== null; f = f.next) {
    if (!SINGLE.has(f.id)) continue;
    if ((seen & (1 << f.id)) !== 0) return true;
    seen |= 1 << f.id;
  }
  return false;
}

/** Marks what an application must never see (protocol 6.1 item 1); the defect becomes the reason phrase of a 400. */
export function checkRequest(m: SipMessage): void {
  if (duplicated(m)) m.fail('Duplicate Header');
  else if (!m.has(H.From) || !m.has(H.To)) m.fail('Missing From Or To');
  else if (m.callId === '' || !isSafeId(m.callId)) m.fail('Bad Call-ID');
  else if (m.cseq < 0 || m.cseqMethod !== m.method) m.fail('Bad CSeq');
  else if (!isSafeId(m.fromTag) || !isSafeId(m.toTag)) m.fail('Bad Tag');
  else if (uriOf(m.value(H.From)) === '' || uriOf(m.value(H.To)) === '') m.fail('Bad From Or To');
  else checkMethod(m);
}

function checkMethod(m: SipMessage): void {
  const hops = m.value(H.MaxForwards);
  if (hops !== '' && !(parseDigits(hops) >= 0 && parseDigits(hops) <= 255)) m.fail('Bad Max-Forwards');
  if (m.method === 'INVITE' && m.toTag !== '' && (!m.has(H.Contact) || m.fromTag === ''))
    m.fail('Missing Contact');
  if (m.method === 'REGISTER' && m.value(H.Contact) === '*' && parseDigits(m.value(H.Expires)) !== 0) {
    m.fail('Bad Contact');
  }
}

/** RFC 3261 8.1.3.3: a response with a second Via was not meant for us. */
export function usableResponse(m: SipMessage): boolean {
  if (m.defect !== '' || m.cseq < 0) return false;
  const via = m.find(H.Via);
  if (via === null) return false;
  for (let f = via.next; f !== null; f = f.next) if (f.id === H.Via) return false;
  return true;
}
