import { checkSdp } from './sdp.js';
import { split, type Section } from './sdp-lines.js';

/** Kinds of payload nobody can be heard by. */
const NO_VOICE: ReadonlySet<string> = new Set(['telephone-event', 'cn']);

/** RFC 3551 6: numbers that need no rtpmap. */
const STATIC: Readonly<Record<string, string>> = {
  0: 'pcmu',
  3: 'gsm',
  8: 'pcma',
  9: 'g722',
  13: 'cn',
  18: 'g729',
};

/**
 * Whether the answer takes the offer's audio with a codec that was offered (RFC 3264 6.1). Media servers differ in what
 * becomes of a leg whose answer does not.
 */
export function takesAudio(answer: string, offer: string): boolean {
  if (checkSdp(answer) !== null) return false;
  const [theirs, ours] = [audioOf(answer), audioOf(offer)];
  if (theirs === undefined || ours === undefined || portOf(theirs) === '0') return false;
  const offered = codecsOf(ours);
  return codecsOf(theirs).some((codec) => offered.includes(codec));
}

const audioOf = (sdp: string): Section | undefined =>
  split(sdp).media.find(({ lines }) => lines[0]?.startsWith('m=audio ') === true);

const fieldsOf = ({ lines }: Section): readonly string[] =>
  (lines[0] ?? '').split(' ').filter((f) => f !== '');

const portOf = (section: Section): string | undefined => fieldsOf(section)[1];

/** Encoding names in lower case, without those that carry no voice. */
function codecsOf(section: Section): readonly string[] {
  const named = new Map(
    section.lines.flatMap((line): [string, string][] => {
      const [, payload, name] = /^a=rtpmap:(\d+) +([^/ ]+)/.exec(line) ?? [];
      return payload === undefined || name === undefined ? [] : [[payload, name.toLowerCase()]];
    }),
  );
  return fieldsOf(section)
    .slice(3)
    .map((payload) => named.get(payload) ?? STATIC[payload] ?? payload)
    .filter((codec) => !NO_VOICE.has(codec));
}
