import { ALLOW, SUPPORTED_AS_CALLER } from './capabilities.js';
import { formatFrom, type Shown } from './from-header.js';
import { parseSipUri } from './sip-uri.js';
import { uriParameter } from './uri-parameters.js';

type Line = readonly [name: string, value: string];

/**
 * Requests as they would leave, for people to look at. What only the SIP server or the moment can know stands in
 * braces: `{branch}`, `{tag}`, `{call-id}`, `{cseq}`, and of a dialog its two sides, route, Via and Contact; of an
 * INVITE the media description. Lines end in CRLF.
 */

/** A new dialog. */
export interface RenderedInvite {
  readonly uri: string;
  /** Where it is sent when not to the Request-URI's own host. */
  readonly route: string | null;
  readonly from: Shown;
  /** In the order in which they are given. */
  readonly headers: readonly Line[];
  readonly maxForwards: number;
}

/** @param listening `udp:127.0.0.1:5060` ...: where the SIP server receives, and so what it calls itself */
export function renderInvite(invite: RenderedInvite, listening: readonly string[]): string {
  const { uri, from, headers, maxForwards } = invite;
  const { transport, address } = leavesBy(invite.route ?? uri, listening);
  const contact = `<sip:${address}${transport === 'udp' ? '' : `;transport=${transport}`}>`;
  return message(`INVITE ${uri} SIP/2.0`, [
    ['Via', `SIP/2.0/${transport.toUpperCase()} ${address};rport;branch={branch}`],
    ['Max-Forwards', String(maxForwards)],
    ['From', `${formatFrom(from, address) ?? contact};tag={tag}`],
    ['To', `<${uri}>`],
    ['Call-ID', '{call-id}'],
    ['CSeq', '{cseq} INVITE'],
    ['Contact', contact],
    ['Allow', ALLOW],
    ['Supported', SUPPORTED_AS_CALLER],
    ...joined(headers),
    ['Content-Type', 'application/sdp'],
    ['Content-Length', '{length}'],
  ]).concat('{sdp}');
}

/** REFER inside the caller's dialog (RFC 3515). */
export const renderRefer = (referTo: string, referredBy: string | null, headers: readonly Line[]): string =>
  inDialog('REFER', [
    ['Contact', '{contact}'],
    ...joined([
      ...headers,
      ['Refer-To', referTo],
      ...(referredBy === null ? [] : ([['Referred-By', referredBy]] as const)),
    ]),
  ]);

/** BYE inside the caller's dialog. */
export const renderBye = (headers: readonly Line[]): string => inDialog('BYE', joined(headers));

/** 302 to a caller's INVITE (RFC 3261 21.3.3). */
export const renderRedirect = (contacts: readonly string[], headers: readonly Line[]): string =>
  message('SIP/2.0 302 Moved Temporarily', [
    ['Via', '{via}'],
    ['From', '{remote};tag={tag}'],
    ['To', '{local};tag={tag}'],
    ['Call-ID', '{call-id}'],
    ['CSeq', '{cseq} INVITE'],
    ['Contact', contacts.join(', ')],
    ...joined(headers),
    ['Content-Length', '0'],
  ]);

/** RFC 3261 12.2.1.1: everything about the way is the dialog's. */
const inDialog = (method: string, headers: readonly Line[]): string =>
  message(`${method} {remote-target} SIP/2.0`, [
    ['Via', '{via};branch={branch}'],
    ['Max-Forwards', '70'],
    ['From', '{local};tag={tag}'],
    ['To', '{remote};tag={tag}'],
    ['Call-ID', '{call-id}'],
    ['CSeq', `{cseq} ${method}`],
    ...headers,
    ['Content-Length', '0'],
  ]);

const message = (first: string, lines: readonly Line[]): string =>
  `${[first, ...lines.map(([name, value]) => `${name}: ${value}`)].join('\r\n')}\r\n\r\n`;

/** A repeated name is one line of comma separated values (RFC 3261 7.3.1). */
function joined(lines: readonly Line[]): Line[] {
  const values = new Map<string, string>();
  for (const [name, value] of lines) {
    const earlier = values.get(name);
    values.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  return [...values];
}

/** The transport a URI asks for, and our address on it (RFC 3263 4.1 without DNS). */
function leavesBy(uri: string, listening: readonly string[]): { transport: string; address: string } {
  const parsed = parseSipUri(uri);
  const asked = parsed === undefined ? undefined : uriParameter(parsed.parameters, 'transport');
  const transport = (asked ?? (parsed?.scheme === 'sips' ? 'tls' : 'udp')).toLowerCase();
  const mine = listening.filter((text) => text.startsWith(`${transport}:`)).map(addressOf);
  // A packet leaves by an address of the kind it goes to; a name may be either, and IPv4 is tried first.
  const at = mine.find((address) => address.startsWith('[') === (parsed?.host.startsWith('[') ?? false));
  return { transport, address: at ?? mine[0] ?? '{address}' };
}

/** `udp:[::1]:5060` -> `[::1]:5060` */
const addressOf = (listening: string): string => listening.slice(listening.indexOf(':') + 1);
