/**
 * Session descriptions as a B2BUA needs them: checked, compared and re-presented, never rebuilt. Lines we do not
 * understand pass through untouched, which a parse-and-write round trip through a model would not promise.
 */

import { split, type Section } from './sdp-lines.js';

/** Larger bodies are refused before anything looks at them (field study S-5). */
export const MAX_SDP_BYTES = 8192;
const MAX_MEDIA = 16;

/** What is wrong with a body, in words, or `null`. RFC 4566 5, RFC 3264 5: v=, o=, and c= for every stream. */
export function checkSdp(sdp: string): string | null {
  if (sdp.length > MAX_SDP_BYTES) return 'the session description is too large';
  if (!sdp.startsWith('v=0')) return 'the session description does not begin with v=0';
  const body = split(sdp);
  if (!body.session.some((l) => originFields(l) !== null))
    return 'the session description has no usable o= line';
  if (body.media.length === 0) return 'the session description has no m= line';
  if (body.media.length > MAX_MEDIA) return 'the session description has too many m= lines';
  const common = connection(body.session);
  for (const section of body.media) {
    const m = mediaFields(section);
    if (m === null) return 'the session description has a malformed m= line';
    if (m.port !== 0 && (connection(section.lines) ?? common) === null)
      return 'the session description has no c= line';
  }
  return null;
}

/** Our side of one leg's session: one id for the leg's life, a version per change (RFC 3264 8). */
export interface LocalSdp {
  readonly sessionId: number;
  readonly version: number;
  readonly host: string;
  /** What was last sent, `null` before anything was. */
  readonly body: string | null;
}

/**
 * Another party's SDP, dressed as this leg's own: same `o=` identity as ever, version raised when anything
 * changed, and the number and order of m-lines the leg already has (RFC 3264 8: streams are never removed).
 * `shape` is the body whose m-lines rule: the peer's offer when this is the answer to it, else what we last sent.
 */
export function present(local: LocalSdp, party: string, shape: string | null, answering: boolean): LocalSdp {
  const body = split(party);
  const media = shape === null ? body.media : align(body.media, split(shape).media, answering);
  const version = local.body === null ? local.version : local.version + 1;
  const family = local.host.includes(':') ? 'IP6' : 'IP4';
  const origin = `o=- ${local.sessionId} ${version} IN ${family} ${local.host}`;
  const session = body.session.map((l) => (l.startsWith('o=') ? origin : l.startsWith('s=') ? 's=-' : l));
  const text = join(session, media);
  if (local.body !== null && sameBody(local.body, text)) return local;
  return { ...local, version, body: text };
}

/** The same streams with nobody sending: what a parked party is offered (RFC 3264 8.4). */
export function inactive(sdp: string): string {
  return withDirection(sdp, () => 'inactive');
}

/**
 * `local` as the answer to `offer`: each stream's direction turned to fit what the peer wants to do
 * (RFC 3264 6.1: sendonly is answered recvonly, inactive stays inactive).
 */
export function answerDirections(local: string, offer: string): string {
  const wanted = directions(offer);
  return withDirection(local, (mine, i) => ANSWER[wanted[i] ?? 'sendrecv'][mine]);
}

type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
const DIRECTIONS: readonly Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

/** offered direction -> our own wish -> what we may answer. */
const ANSWER: Record<Direction, Record<Direction, Direction>> = {
  sendrecv: { sendrecv: 'sendrecv', sendonly: 'sendonly', recvonly: 'recvonly', inactive: 'inactive' },
  sendonly: { sendrecv: 'recvonly', sendonly: 'inactive', recvonly: 'recvonly', inactive: 'inactive' },
  recvonly: { sendrecv: 'sendonly', sendonly: 'sendonly', recvonly: 'inactive', inactive: 'inactive' },
  inactive: { sendrecv: 'inactive', sendonly: 'inactive', recvonly: 'inactive', inactive: 'inactive' },
};

/** offered direction -> answered -> what the answerer may have meant; where it had no choice, the best. */
const UNBOUND: Record<Direction, Record<Direction, Direction>> = {
  sendrecv: { sendrecv: 'sendrecv', sendonly: 'sendonly', recvonly: 'recvonly', inactive: 'inactive' },
  sendonly: { sendrecv: 'sendrecv', sendonly: 'sendonly', recvonly: 'sendrecv', inactive: 'sendonly' },
  recvonly: { sendrecv: 'sendrecv', sendonly: 'sendrecv', recvonly: 'recvonly', inactive: 'recvonly' },
  inactive: { sendrecv: 'sendrecv', sendonly: 'sendrecv', recvonly: 'sendrecv', inactive: 'sendrecv' },
};

/** True when two bodies differ in nothing but their `o=` line: a session refresh, not a change. */
export function sameBody(a: string, b: string): boolean {
  return withoutOrigin(a) === withoutOrigin(b);
}

/**
 * Where a party wants its media, per stream: address, port, profile and keys. Two bodies with the same key can
 * stand for each other towards the other party; codecs and directions are settled by offer and answer.
 */
export const transportKey = (sdp: string): string => keyOf(sdp, () => '');

/** {@link transportKey} and what the party wants to do there: a party on hold is not the same as one that listens. */
export const mediaKey = (sdp: string): string =>
  keyOf(sdp, (s, session) => ` ${direction(s.lines) ?? direction(session) ?? 'sendrecv'}`);

function keyOf(sdp: string, more: (s: Section, session: readonly string[]) => string): string {
  const body = split(sdp);
  const common = connection(body.session) ?? '-';
  const keys = keying(body.session);
  return body.media
    .map((s) => {
      const m = mediaFields(s);
      if (m === null || m.port === 0) return 'off';
      const where = `${m.kind} ${m.port} ${m.profile} ${connection(s.lines) ?? common}`;
      return `${where} ${keys}${keying(s.lines)}${more(s, body.session)}`;
    })
    .join('|');
}

/**
 * `answer` as its party would put it unasked. An answer may only do what the offer left it (RFC 3264 6.1): whoever is
 * offered `inactive` has to say `inactive`, and would be taken for silent for ever after if that were its own wish.
 */
export function unbound(answer: string, offer: string | null): string {
  if (offer === null || !/a=(?:inactive|sendonly|recvonly)/.test(answer)) return answer;
  const offered = directions(offer);
  return withDirection(answer, (mine, i) => UNBOUND[offered[i] ?? 'sendrecv'][mine]);
}

/** `sdp` with every stream it does not refuse open in both directions. */
export const opened = (sdp: string): string => withDirection(sdp, () => 'sendrecv');

function directions(sdp: string): readonly Direction[] {
  const { session, media } = split(sdp);
  const common = direction(session) ?? 'sendrecv';
  return media.map((s) => direction(s.lines) ?? common);
}

function withDirection(sdp: string, pick: (mine: Direction, index: number) => Direction): string {
  const body = split(sdp);
  const common = direction(body.session) ?? 'sendrecv';
  const plain = (l: string): boolean => !DIRECTIONS.some((d) => l === `a=${d}`);
  const media = body.media.map((s, i) => ({
    lines: [...s.lines.filter(plain), `a=${pick(direction(s.lines) ?? common, i)}`],
  }));
  return join(body.session.filter(plain), media);
}

function direction(lines: readonly string[]): Direction | null {
  return DIRECTIONS.find((d) => lines.includes(`a=${d}`)) ?? null;
}

function keying(lines: readonly string[]): string {
  return lines
    .filter(
      (l) => l.startsWith('a=crypto:') || l.startsWith('a=fingerprint:') || l.startsWith('a=ice-ufrag:'),
    )
    .join();
}

/** `have` brought into the order of `shape` by kind of stream; a stream `have` lacks becomes a refused one (port 0). */
function align(have: readonly Section[], shape: readonly Section[], answering: boolean): readonly Section[] {
  if (have.length === shape.length && have.every((s, i) => kindOf(s) === kindOf(shape[i]))) return have;
  const rest = [...have];
  const out = shape.map((slot) => {
    const at = rest.findIndex((s) => kindOf(s) === kindOf(slot));
    const [found] = at >= 0 ? rest.splice(at, 1) : [];
    return found ?? refused(slot);
  });
  return answering ? out : [...out, ...rest];
}

function refused(slot: Section): Section {
  const [kind, , ...rest] = (slot.lines[0] ?? 'm=audio 0 RTP/AVP 0').split(' ');
  return { lines: [[kind, '0', ...rest].join(' ')] };
}

const kindOf = (s: Section | undefined): string | undefined => s?.lines[0]?.split(' ', 1)[0];

function mediaFields(s: Section): { kind: string; port: number; profile: string } | null {
  const [kind, port, profile, format] = (s.lines[0] ?? '').slice(2).split(' ');
  const number = Number((port ?? '').split('/', 1)[0]);
  if (
    !kind ||
    !profile ||
    !format ||
    !Number.isInteger(number) ||
    number < 0 ||
    number > 65535 ||
    port === ''
  )
    return null;
  return { kind, port: number, profile };
}

function originFields(line: string): readonly string[] | null {
  if (!line.startsWith('o=')) return null;
  const fields = line.slice(2).split(' ');
  return fields.length === 6 && fields.every((f) => f !== '') ? fields : null;
}

function connection(lines: readonly string[]): string | null {
  const line = lines.find((l) => l.startsWith('c='));
  if (line === undefined) return null;
  const [net, family, address] = line.slice(2).split(' ');
  return net === 'IN' && (family === 'IP4' || family === 'IP6') && address ? address : null;
}

function join(session: readonly string[], media: readonly Section[]): string {
  let out = session.join('\r\n');
  for (const s of media) out += `\r\n${s.lines.join('\r\n')}`;
  return `${out}\r\n`;
}

function withoutOrigin(sdp: string): string {
  const start = sdp.startsWith('o=') ? 0 : sdp.indexOf('\no=') + 1;
  const end = sdp.indexOf('\n', start);
  return start === 0 ? sdp : sdp.slice(0, start) + sdp.slice(end);
}
