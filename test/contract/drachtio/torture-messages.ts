/**
 * Malformed and merely odd messages. Each is of our own making, after the kinds of trouble described in RFC 4475
 * (the section is named); none of the RFC's own messages is copied.
 */

/** Addresses a message needs: where the server is, and where answers shall go. */
export interface Ends {
  readonly server: string;
  readonly phone: string;
}

/**
 * What must come of it: `delivered` to the application; `kept` from it (answered by the server or dropped); or
 * `either`, where the RFCs leave it open and only survival counts.
 */
export type Fate = 'delivered' | 'kept' | 'either';

export interface Torture {
  readonly name: string;
  readonly fate: Fate;
  /** The real server (or srf behind it) stumbles over this one; found by experiment. */
  readonly realDiffers?: true;
  readonly make: (ends: Ends) => string;
}

let serial = 0;

interface Parts {
  readonly start?: string;
  readonly drop?: readonly string[];
  readonly set?: Readonly<Record<string, string>>;
  readonly more?: readonly string[];
  readonly body?: string;
}

/** A good OPTIONS with something done to it. */
function options({ server, phone }: Ends, parts: Parts = {}): string {
  const n = ++serial;
  const headers: Record<string, string> = {
    Via: `SIP/2.0/UDP ${phone};branch=z9hG4bKt${n};rport`,
    'Max-Forwards': '70',
    From: `<sip:t@${phone}>;tag=t${n}`,
    To: `<sip:service@${server}>`,
    'Call-ID': `torture-${n}@test`,
    CSeq: '1 OPTIONS',
    Contact: `<sip:t@${phone}>`,
    'Content-Length': String(Buffer.byteLength(parts.body ?? '')),
    ...parts.set,
  };
  const lines = Object.entries(headers)
    .filter(([name]) => !(parts.drop ?? []).includes(name))
    .map(([name, value]) => `${name}: ${value}`);
  const start = (parts.start ?? 'OPTIONS sip:service@SERVER SIP/2.0').replace('SERVER', server);
  return `${[start, ...lines, ...(parts.more ?? [])].join('\r\n')}\r\n\r\n${parts.body ?? ''}`;
}

const row =
  (fate: Fate) =>
  (name: string, parts: Parts | ((ends: Ends) => Parts)): Torture => ({
    name,
    fate,
    make: (ends) => options(ends, typeof parts === 'function' ? parts(ends) : parts),
  });
const delivered = row('delivered');
const kept = row('kept');
const either = row('either');
const realDiffers = (torture: Torture): Torture => ({ ...torture, realDiffers: true });

export const TORTURE: readonly Torture[] = [
  realDiffers(
    delivered('3.1.1.1 folded lines, blanks and tabs, odd case', ({ phone }) => ({
      set: {
        To: '\t"Some\\" one"\r\n  <sip:service@there>\r\n\t;p = 1',
        From: `<sip:t@${phone}>  ;\r\n tag = folded`,
      },
      drop: ['Max-Forwards'],
      more: ['mAX-fORWARDS : 0068', 'Subject:', 's: twice'],
    })),
  ),
  delivered('3.1.1.1 compact names', ({ phone }) => ({
    drop: ['Via', 'From', 'Call-ID', 'Contact'],
    more: [
      `v: SIP/2.0/UDP ${phone};branch=z9hG4bKc;rport`,
      `f: <sip:t@${phone}>;tag=c`,
      'i: compact@test',
      `m: <sip:t@${phone}>`,
    ],
  })),
  kept('3.1.1.2 a method of every token character', {
    start: "A-b.c!d%e*f_g+h`i'j~k sip:service@SERVER SIP/2.0",
    set: { CSeq: "1 A-b.c!d%e*f_g+h`i'j~k" },
  }),
  delivered('3.1.1.3 escaped characters in the request URI', {
    start: 'OPTIONS sip:%73%65rvice@SERVER SIP/2.0',
  }),
  delivered('3.1.1.4 an escaped null in the request URI', {
    start: 'OPTIONS sip:null-%00-null@SERVER SIP/2.0',
  }),
  delivered('3.1.1.6 no blank between display name and <', { set: { To: 'service<sip:service@there>' } }),
  either('3.1.1.7 very long values', {
    set: { To: `"${'long '.repeat(300)}"<sip:${'u'.repeat(900)}@there>;p=${'v'.repeat(900)}` },
    more: [`X-${'long'.repeat(60)}: ${'x'.repeat(1500)}`],
  }),
  delivered('3.1.1.9 semicolons in the user part', {
    start: 'OPTIONS sip:user;par=u%40there@SERVER SIP/2.0',
  }),
  realDiffers(
    delivered('3.1.1.11 a body of many parts with null bytes', {
      more: ['Content-Type: multipart/mixed;boundary=b'],
      body: '--b\r\nContent-Type: application/octet-stream\r\n\r\n\0\u0001\0\r\n--b--\r\n',
    }),
  ),
  kept('3.1.1.12 a response to nothing, with an odd reason', {
    start: 'SIP/2.0 200 = 2**3 * 5**2 \u043d\u043e \u0442\u043e\u0436\u0435',
  }),
  kept('3.1.1.13 a response to nothing, without a reason', { start: 'SIP/2.0 100 ' }),
  either('3.1.2.1 separators without anything between them', {
    set: { To: '<sip:service@there>;;,;,,' },
    more: ['Contact: "" <> ;,,;,'],
  }),
  kept('3.1.2.2 Content-Length larger than the datagram', {
    set: { 'Content-Length': '9999' },
    body: 'short',
  }),
  kept('3.1.2.3 a negative Content-Length', { set: { 'Content-Length': '-999' } }),
  either('3.1.2.4 numbers too large to be', {
    set: { CSeq: '36893488147419103232 OPTIONS', 'Max-Forwards': '300' },
    more: ['Expires: 10000000000000000000000', 'Retry-After: 949302838503028349304023988'],
  }),
  kept('3.1.2.5 a response with a number too large', {
    start: 'SIP/2.0 503 Service Unavailable',
    set: { CSeq: '9292394834772304023312 OPTIONS' },
  }),
  either('3.1.2.6 a quote without its end', { set: { To: '"Mr. Nobody <sip:service@there>' } }),
  either('3.1.2.7 the request URI in angle brackets', { start: 'OPTIONS <sip:service@SERVER> SIP/2.0' }),
  either('3.1.2.8 blanks within the request URI', { start: 'OPTIONS sip:service@SERVER; lr SIP/2.0' }),
  either('3.1.2.9 many blanks in the request line', { start: 'OPTIONS  sip:service@SERVER  SIP/2.0' }),
  either('3.1.2.10 a blank behind the request line', { start: 'OPTIONS sip:service@SERVER SIP/2.0  ' }),
  either('3.1.2.11 headers in the request URI', {
    start: 'OPTIONS sip:service@SERVER?Route=%3Csip:x%3E SIP/2.0',
  }),
  either('3.1.2.12 a Date in no zone of SIP', { more: ['Date: Fri, 01 Jan 2010 16:00:00 EST'] }),
  either('3.1.2.13 Contact headers without <>', { set: { Contact: 'sip:t@there?Route=%3Csip:x%3E' } }),
  either('3.1.2.14 blanks inside an address', { set: { To: '"Watson" < sip:service@there >' } }),
  either('3.1.2.15 a display name which is no token', {
    set: { From: 'Bell, Alexander <sip:t@there>;tag=43' },
  }),
  kept('3.1.2.16 another version of SIP', { start: 'OPTIONS sip:service@SERVER SIP/7.0' }),
  kept('3.1.2.17 CSeq of another method', { set: { CSeq: '1 INVITE' } }),
  kept('3.1.2.18 CSeq of an unknown method', { start: 'NEWMETHOD sip:service@SERVER SIP/2.0' }),
  kept('3.1.2.19 a status too large', { start: 'SIP/2.0 4294967301 better not break the receiver' }),
  either('3.2.1 a branch which is only the cookie', ({ phone }) => ({
    set: { Via: `SIP/2.0/UDP ${phone};branch=z9hG4bK;rport` },
  })),
  ...(['From', 'To', 'Call-ID', 'CSeq', 'Via'] as const).map((name) =>
    kept(`3.3.1 no ${name}`, { drop: [name] }),
  ),
  either('3.3.2 a scheme nobody knows', { start: 'OPTIONS nobodyKnowsThisScheme:totallyopaque SIP/2.0' }),
  either('3.3.4 From and To of unknown schemes', {
    set: { To: 'isbn:2983792873', From: '<http://x/>;tag=3' },
  }),
  either('3.3.5 Require and Proxy-Require of nothing known', {
    more: ['Require: nothing', 'Proxy-Require: none'],
  }),
  either('3.3.8 headers which may be there once, twice', {
    more: [
      'CSeq: 2 OPTIONS',
      'Call-ID: another@test',
      'Max-Forwards: 5',
      'From: <sip:x@y>;tag=9',
      'To: <sip:z@y>',
    ],
  }),
  either('3.3.9 two Content-Lengths', { more: ['Content-Length: 5'], body: 'there is no way' }),
  kept('3.3.10 a 200 for somebody else', { start: 'SIP/2.0 200 OK' }),
  either('3.3.11 Max-Forwards: 0', { set: { 'Max-Forwards': '0' } }),
  either('3.4.1 no branch at all', ({ phone }) => ({ set: { Via: `SIP/2.0/UDP ${phone};rport` } })),
];
