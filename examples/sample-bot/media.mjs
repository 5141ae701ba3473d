// One RTP stream: sends a tone (or silence) while the other side wants to hear us, and notices what comes in.
// A real bot plays its speech synthesis here and feeds its recogniser; the rest of the bot stays as it is.
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { answerSdp, offerSdp, remoteAudio } from './sdp.mjs';

const PACKET_MS = 20;
const SAMPLES = 160;
const RATE = 8000;
const KEYS = '0123456789*#ABCD';
/** A key is held down for five packets, and its end is told three times, for packets get lost (RFC 4733 2.5.1.4). */
const KEY_PACKETS = { down: 5, end: 3 };

export class Media {
  /** Told the address audio begins to come from, again after each change of the other side. @type {(from: string) => void} */
  onHearing = () => {};
  /** Told every packet of the other side's audio: 20 ms of PCMU. @type {(payload: Buffer) => void} */
  onAudio = () => {};

  /** @type {import('./sdp.mjs').Remote | undefined} */
  #remote;
  /** @type {string | undefined} */
  #heard;
  #hz = 0;
  /** The key being pressed, since which packet. @type {{ event: number, since: number } | undefined} */
  #key;
  #sent = 0;
  #ssrc = randomInt(2 ** 32);
  /** @type {import('./sdp.mjs').Local} */
  #local;
  #socket;
  #timer;

  /** @param {import('node:dgram').Socket} socket @param {string} host */
  constructor(socket, host) {
    this.#socket = socket;
    this.#local = { host, port: socket.address().port, id: randomInt(2 ** 31), version: 0 };
    socket.on('message', (packet, from) => this.#receive(packet, `${from.address}:${from.port}`));
    // An ICMP "port unreachable" from a party that has hung up is no reason to stop.
    socket.on('error', () => {});
    this.#timer = setInterval(() => this.#send(), PACKET_MS);
  }

  /** A stream on a free port of `host`. @param {string} host */
  static async open(host) {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.bind({ address: host, port: 0 });
    await once(socket, 'listening');
    return new Media(socket, host);
  }

  get address() {
    return `${this.#local.host}:${this.#local.port}`;
  }

  /** Our offer; the other side's answer goes to {@link accept}. */
  offer() {
    this.#local.version += 1;
    return offerSdp(this.#local);
  }

  /** Our answer to an offer, in a first INVITE or a later one; `undefined`: answer 488. @param {string} offer */
  answer(offer) {
    const answer = answerSdp({ ...this.#local, version: this.#local.version + 1 }, offer);
    if (answer === undefined) return undefined;
    this.#local.version += 1;
    this.accept(offer);
    return answer;
  }

  /** What the other side says about itself. @param {string} sdp */
  accept(sdp) {
    this.#remote = remoteAudio(sdp);
    this.#heard = undefined;
  }

  /** From now on this tone; 0 is silence. @param {number} hz */
  play(hz) {
    this.#hz = hz;
  }

  /** Presses a key, where the other side takes keys. @param {string} key one of `0-9*#A-D` */
  press(key) {
    const event = KEYS.indexOf(key);
    if (event >= 0 && this.#remote?.keys !== undefined) this.#key = { event, since: this.#sent };
  }

  close() {
    clearInterval(this.#timer);
    this.#socket.close();
  }

  /** @param {Buffer} packet @param {string} from */
  #receive(packet, from) {
    // Stragglers of the party before are none of our business.
    if (this.#remote === undefined || from !== `${this.#remote.host}:${this.#remote.port}`) return;
    if (packet.length > 12 && (packet[1] & 0x7f) === 0) this.onAudio(packet.subarray(12));
    if (from === this.#heard) return;
    this.#heard = from;
    this.onHearing(from);
  }

  #send() {
    const remote = this.#remote;
    if (remote === undefined || remote.direction === 'sendonly' || remote.direction === 'inactive') return;
    this.#socket.send(this.#keyPacket(remote.keys) ?? this.#audioPacket(), remote.port, remote.host);
    this.#sent += 1;
  }

  #audioPacket() {
    const payload = Buffer.alloc(SAMPLES);
    for (let i = 0; i < SAMPLES; i += 1) {
      const t = (this.#sent * SAMPLES + i) / RATE;
      payload[i] = muLaw(this.#hz === 0 ? 0 : 6000 * Math.sin(2 * Math.PI * this.#hz * t));
    }
    return this.#packet(0, this.#sent, payload);
  }

  /** In place of audio while a key is pressed. @param {number | undefined} type */
  #keyPacket(type) {
    if (this.#key === undefined || type === undefined) return undefined;
    const { event, since } = this.#key;
    const n = this.#sent - since;
    const over = n >= KEY_PACKETS.down;
    if (n === KEY_PACKETS.down + KEY_PACKETS.end - 1) this.#key = undefined;
    const payload = Buffer.from([event, (over ? 0x80 : 0) | 10, 0, 0]);
    payload.writeUInt16BE(Math.min(n + 1, KEY_PACKETS.down) * SAMPLES, 2);
    // All packets of one key bear the time of its beginning; the first has the marker (RFC 4733 2.2.1, 2.5.1.1).
    return this.#packet((n === 0 ? 0x80 : 0) | type, since, payload);
  }

  /** @param {number} type payload type, 0 = PCMU @param {number} since packet whose time it bears @param {Buffer} payload */
  #packet(type, since, payload) {
    const header = Buffer.alloc(12);
    header[0] = 0x80; // RTP version 2 (RFC 3550 5.1)
    header[1] = type;
    header.writeUInt16BE(this.#sent & 0xffff, 2);
    header.writeUInt32BE((since * SAMPLES) >>> 0, 4);
    header.writeUInt32BE(this.#ssrc, 8);
    return Buffer.concat([header, payload]);
  }
}

/** One 16-bit sample as G.711 mu-law. @param {number} sample */
function muLaw(sample) {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(Math.round(sample)), 32635) + 132;
  const exponent = 31 - Math.clz32(magnitude) - 7;
  return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0f)) & 0xff;
}
