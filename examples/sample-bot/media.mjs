// One RTP stream: sends a tone (or silence) while the other side wants to hear us, and notices what comes in.
// A real bot plays its speech synthesis here and feeds its recogniser; the rest of the bot stays as it is.
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { answerSdp, offerSdp, remoteAudio } from './sdp.mjs';

const PACKET_MS = 20;
const SAMPLES = 160;
const RATE = 8000;

export class Media {
  /** Told the address audio begins to come from, again after each change of the other side. @type {(from: string) => void} */
  onHearing = () => {};

  /** @type {import('./sdp.mjs').Remote | undefined} */
  #remote;
  /** @type {string | undefined} */
  #heard;
  #hz = 0;
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
    socket.on('message', (_packet, from) => this.#receive(`${from.address}:${from.port}`));
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

  close() {
    clearInterval(this.#timer);
    this.#socket.close();
  }

  /** @param {string} from */
  #receive(from) {
    // Stragglers of the party before are none of our business.
    if (from === this.#heard || this.#remote === undefined) return;
    if (from !== `${this.#remote.host}:${this.#remote.port}`) return;
    this.#heard = from;
    this.onHearing(from);
  }

  #send() {
    const remote = this.#remote;
    if (remote === undefined || remote.direction === 'sendonly' || remote.direction === 'inactive') return;
    const packet = Buffer.alloc(12 + SAMPLES);
    packet[0] = 0x80; // RTP version 2 (RFC 3550 5.1); payload type 0 = PCMU
    packet.writeUInt16BE(this.#sent & 0xffff, 2);
    packet.writeUInt32BE((this.#sent * SAMPLES) >>> 0, 4);
    packet.writeUInt32BE(this.#ssrc, 8);
    for (let i = 0; i < SAMPLES; i += 1) {
      const t = (this.#sent * SAMPLES + i) / RATE;
      packet[12 + i] = muLaw(this.#hz === 0 ? 0 : 6000 * Math.sin(2 * Math.PI * this.#hz * t));
    }
    this.#sent += 1;
    this.#socket.send(packet, remote.port, remote.host);
  }
}

/** One 16-bit sample as G.711 mu-law. @param {number} sample */
function muLaw(sample) {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(Math.round(sample)), 32635) + 132;
  const exponent = 31 - Math.clz32(magnitude) - 7;
  return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0f)) & 0xff;
}
