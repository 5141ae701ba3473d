// The little SDP a bot that speaks one codec needs: PCMU and keys, one audio stream (RFC 4566, RFC 3264, RFC 4733).

/**
 * @typedef {'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'} Direction
 * @typedef {object} Remote Where the other side wants its audio, and which way it may flow, as the other side sees it.
 * @property {string} host
 * @property {number} port
 * @property {Direction} direction
 * @property {number | undefined} keys Payload type of keys (telephone-event), where it takes them.
 * @typedef {object} Local
 * @property {string} host
 * @property {number} port
 * @property {number} id Session id of our `o=` line: the same for the whole dialog.
 * @property {number} version Counts our descriptions in this dialog.
 */

/** What we may do when the other side says what it does (RFC 3264 6.1). @type {Record<Direction, Direction>} */
const MIRROR = { sendrecv: 'sendrecv', sendonly: 'recvonly', recvonly: 'sendonly', inactive: 'inactive' };

/** Payload type of keys in our own offers: any dynamic one will do, this one everybody uses. */
const KEYS = 101;

/** @param {string} sdp */
function sectionsOf(sdp) {
  const [session = '', ...media] = sdp.split(/\r?\n(?=m=)/);
  return { session, media };
}

/** Is this media section audio that we can speak? @param {string} section */
const isOurs = (section) => /^m=audio [1-9]\d*(\/\d+)? RTP\/AVP (.* )?0( |\r?$)/m.test(section);

/**
 * The audio of the other side; `undefined` when it has none that we can speak.
 * @param {string} sdp
 * @returns {Remote | undefined}
 */
export function remoteAudio(sdp) {
  const { session, media } = sectionsOf(sdp);
  const audio = media.find(isOurs);
  const host = /^c=IN IP[46] (\S+)/m.exec(audio ?? '')?.[1] ?? /^c=IN IP[46] (\S+)/m.exec(session)?.[1];
  if (audio === undefined || host === undefined) return undefined;
  const port = Number(/^m=audio (\d+)/.exec(audio)?.[1]);
  const said = /^a=(sendrecv|sendonly|recvonly|inactive)/m;
  const direction = said.exec(audio)?.[1] ?? said.exec(session)?.[1] ?? 'sendrecv';
  const keys = /^a=rtpmap:(\d+) telephone-event\/8000/m.exec(audio)?.[1];
  return {
    ...{ host, port, direction: /** @type {Direction} */ (direction) },
    keys: keys === undefined ? undefined : Number(keys),
  };
}

/** @param {Local} local @param {string[]} media */
function describe({ host, id, version }, media) {
  const family = host.includes(':') ? 'IP6' : 'IP4';
  const session = [
    'v=0',
    `o=- ${id} ${version} IN ${family} ${host}`,
    's=-',
    `c=IN ${family} ${host}`,
    't=0 0',
  ];
  return [...session, ...media, ''].join('\r\n');
}

/** @param {number} port @param {Direction} direction @param {number | undefined} keys */
const audioLines = (port, direction, keys) => [
  `m=audio ${port} RTP/AVP 0${keys === undefined ? '' : ` ${keys}`}`,
  'a=rtpmap:0 PCMU/8000',
  ...(keys === undefined ? [] : [`a=rtpmap:${keys} telephone-event/8000`, `a=fmtp:${keys} 0-15`]),
  `a=${direction}`,
];

/** @param {Local} local */
export const offerSdp = (local) => describe(local, audioLines(local.port, 'sendrecv', KEYS));

/**
 * The answer to an offer: as many m-lines as the offer has, in its order, the ones we do not take with port 0
 * (RFC 3264 6). A held stream stays held: `sendonly` is answered `recvonly`, `inactive` is answered `inactive`.
 * @param {Local} local
 * @param {string} offer
 * @returns {string | undefined} `undefined`: nothing we can speak; the right SIP answer is 488.
 */
export function answerSdp(local, offer) {
  const remote = remoteAudio(offer);
  if (remote === undefined) return undefined;
  let taken = false;
  const media = sectionsOf(offer).media.flatMap((section) => {
    if (!taken && isOurs(section)) {
      taken = true;
      return audioLines(local.port, MIRROR[remote.direction], remote.keys);
    }
    return [(section.split(/\r?\n/)[0] ?? '').replace(/^m=(\S+) \S+/, 'm=$1 0')];
  });
  return describe(local, media);
}
