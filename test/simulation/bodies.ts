/**
 * Session descriptions of the simulated parties. A port says whose media it is (10000 + 100 * party + 2 * move), so
 * that from a body on any leg one can read which party is heard there.
 */

/** Directions as two bits, from the speaker's side. */
export const SEND = 1;
export const RECV = 2;
export const BOTH = SEND | RECV;
const DIRECTIONS = ['inactive', 'sendonly', 'recvonly', 'sendrecv'] as const;

/** The other side's view of a direction. */
export const flip = (dir: number): number => ((dir & SEND) << 1) | ((dir & RECV) >> 1);

/** Second stream of a body. */
export const VIDEO_NONE = 0;
export const VIDEO_OFF = 1;
export const VIDEO_ON = 2;

const made = new Map<number, string>();

/** What `party` says about itself after `move` changes of address. */
export function bodyOf(party: number, move: number, dir: number, video: number, version = 1): string {
  const code = (((party * 64 + move) * 4 + dir) * 3 + video) * 4 + version;
  const known = made.get(code);
  if (known !== undefined) return known;
  const port = 10_000 + 100 * party + 2 * move;
  let text = `v=0\r\no=p${party} 77 ${version} IN IP4 10.0.0.1\r\ns=x\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n`;
  text += `m=audio ${port} RTP/AVP 0\r\na=${DIRECTIONS[dir] ?? ''}\r\n`;
  if (video !== VIDEO_NONE) text += `m=video ${video === VIDEO_ON ? port + 1 : 0} RTP/AVP 96\r\n`;
  made.set(code, text);
  return text;
}

/** What is wrong with each is what {@link checkSdp} must notice. */
export const BROKEN: readonly string[] = [
  '',
  'v=0\r\n',
  'hello',
  'v=0\r\no=x 1 1 IN IP4 10.0.0.1\r\ns=x\r\nt=0 0\r\n',
  'v=0\r\no=x 1 1 IN IP4 10.0.0.1\r\ns=x\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n',
];

/** A body the engine sent, as its receiver reads it. */
export interface Shown {
  readonly text: string;
  readonly sessionId: number;
  readonly version: number;
  /** Whose media it names, and after which move. */
  readonly party: number;
  readonly move: number;
  readonly dir: number;
  readonly streams: number;
  readonly videoOn: boolean;
}

/** Reads a body of ours, or says why it is not one. */
export function readBody(text: string): Shown | string {
  const o = text.indexOf('\no=- ');
  const m = text.indexOf('\nm=audio ');
  if (!text.startsWith('v=0\r\n') || o < 0 || m < 0) return 'no v=, o= or m= line';
  const [id, version] = text.slice(o + 5, text.indexOf(' IN ', o)).split(' ');
  const port = parseInt(text.slice(m + 9, m + 15), 10) - 10_000;
  const v = text.indexOf('\nm=video ');
  const end = v < 0 ? text.length : v;
  let dir = BOTH;
  const a = text.indexOf('\na=', m);
  if (a >= 0 && a < end) dir = DIRECTIONS.indexOf(text.slice(a + 3, text.indexOf('\r', a)) as 'inactive');
  if (dir < 0) return 'an unknown direction';
  return {
    text,
    sessionId: Number(id),
    version: Number(version),
    party: Math.floor(port / 100),
    move: (port % 100) >> 1,
    dir,
    streams: v < 0 ? 1 : 2,
    videoOn: v >= 0 && text.charCodeAt(v + 9) !== 48,
  };
}
