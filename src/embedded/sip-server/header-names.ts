import { lower } from './chars.js';

/** Headers this server itself reads or writes; every other known header only has a canonical spelling. */
export const H = {
  Other: 0,
  Via: 1,
  From: 2,
  To: 3,
  CallId: 4,
  CSeq: 5,
  Contact: 6,
  ContentLength: 7,
  ContentType: 8,
  MaxForwards: 9,
  Route: 10,
  RecordRoute: 11,
  Require: 12,
  Supported: 13,
  RSeq: 14,
  RAck: 15,
  SessionExpires: 16,
  MinSe: 17,
  Event: 18,
  SubscriptionState: 19,
  Expires: 20,
  PAssertedIdentity: 21,
  Server: 22,
  Reason: 23,
  /** Only ever between an application and this server. */
  TakeOver: 24,
} as const;

export interface KnownHeader {
  readonly id: number;
  readonly name: string;
}

/** "Name" or "Name:compact" (RFC 3261 7.3.3 and the IANA registry); position in the first line is the id in {@link H}. */
const OWN =
  `Via:v From:f To:t Call-ID:i CSeq Contact:m Content-Length:l Content-Type:c Max-Forwards Route Record-Route Require
Supported:k RSeq RAck Session-Expires:x Min-SE Event:o Subscription-State Expires P-Asserted-Identity Server Reason
Take-Over`.split(/\s+/);

const OTHERS =
  `Accept Accept-Contact:a Accept-Encoding Accept-Language Accept-Resource-Priority Alert-Info Allow Allow-Events:u
Answer-Mode Authentication-Info Authorization Call-Info Content-Disposition Content-Encoding:e Content-Language Date Diversion
Encryption Error-Info Feature-Caps Flow-Timer Geolocation Geolocation-Error Geolocation-Routing Hide History-Info Identity:y
Identity-Info Info-Package In-Reply-To Join Max-Breadth MIME-Version Min-Expires Organization P-Access-Network-Info
P-Answer-State P-Associated-URI P-Called-Party-ID P-Charging-Function-Addresses P-Charging-Vector P-Early-Media
P-Media-Authorization P-Preferred-Identity P-Preferred-Service P-Profile-Key P-Served-User P-User-Database
P-Visited-Network-ID Path Permission-Missing Policy-Contact Policy-ID Priority Priv-Answer-Mode Privacy Proxy-Authenticate
Proxy-Authorization Proxy-Require Reject-Contact:j Recv-Info Referred-By:b Refer-Sub Refer-To:r Refer-Events-At Remote-Party-ID
Reply-To Replaces Request-Disposition:d Resource-Priority Response-Key Retry-After Security-Client Security-Server
Security-Verify Service-Route Session-ID SIP-ETag SIP-If-Match Subject:s Suppress-If-Match Target-Dialog Timestamp Trigger-Consent
Unsupported User-Agent User-to-User Warning WWW-Authenticate`.split(/\s+/);

interface Slot {
  readonly lower: string;
  readonly header: KnownHeader;
  readonly next: Slot | undefined;
}

const SIZE = 1024;
const slots = new Array<Slot | undefined>(SIZE).fill(undefined);

function hash(text: string, from: number, to: number): number {
  let h = to - from;
  for (let i = from; i < to; i++) h = (h * 31 + lower(text.charCodeAt(i))) | 0;
  return h & (SIZE - 1);
}

function learn(spelling: string, header: KnownHeader): void {
  const key = spelling.toLowerCase();
  const at = hash(key, 0, key.length);
  slots[at] = { lower: key, header, next: slots[at] };
}

[...OWN, ...OTHERS].forEach((entry, index) => {
  const [name = '', compact] = entry.split(':');
  const header = { id: index < OWN.length ? index + 1 : H.Other, name };
  learn(name, header);
  if (compact !== undefined) learn(compact, header);
});

function same(slot: Slot, text: string, from: number, to: number): boolean {
  if (slot.lower.length !== to - from) return false;
  for (let i = from; i < to; i++)
    if (lower(text.charCodeAt(i)) !== slot.lower.charCodeAt(i - from)) return false;
  return true;
}

/** The known header spelt `text[from, to)` in any case or in compact form; undefined for all others. No allocation. */
export function knownHeader(text: string, from: number, to: number): KnownHeader | undefined {
  for (let slot = slots[hash(text, from, to)]; slot !== undefined; slot = slot.next) {
    if (same(slot, text, from, to)) return slot.header;
  }
  return undefined;
}
