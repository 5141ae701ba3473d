// What a phone hears, kept: a WAV file for each call, and word of when something is to be heard.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const RATE = 8000;
const PACKET_MS = 20;
/** Packets come when the network has them; only what is later than this was not sent without a break. */
const BREAK_MS = 100;
/** Below this it is the rounding of silence. */
const SILENT = 100;
/** A sound after this much silence is a new one. */
const PAUSE_PACKETS = 25;

/** The tapes of a run, one for each call of each phone. */
export class Tapes {
  #dir;
  #count = 0;

  /** @param {string | undefined} dir where they are kept; without it, they are not */
  constructor(dir) {
    this.#dir = dir;
  }

  /**
   * @param {import('../sample-bot/media.mjs').Media} media
   * @param {string} who
   * @param {() => void} onSound
   * @returns {() => object} ends the tape and says where it is
   */
  record(media, who, onSound) {
    const tape = new Tape(onSound);
    this.#count += 1;
    const name = `${String(this.#count).padStart(2, '0')}-${who}.wav`;
    media.onAudio = (payload) => tape.add(payload);
    return () => {
      if (this.#dir === undefined) return {};
      mkdirSync(this.#dir, { recursive: true });
      return tape.save(join(this.#dir, name));
    };
  }
}

class Tape {
  /** Pieces of audio and where each begins, in samples. @type {{ at: number, payload: Buffer }[]} */
  #pieces = [];
  #end = 0;
  #began = 0;
  #silence = PAUSE_PACKETS;
  #onSound;

  /** @param {() => void} onSound told when there is something to hear after silence */
  constructor(onSound) {
    this.#onSound = onSound;
  }

  /** @param {Buffer} payload PCMU */
  add(payload) {
    const now = performance.timeOrigin + performance.now();
    if (this.#pieces.length === 0) this.#began = now - PACKET_MS;
    const due = Math.round((now - PACKET_MS - this.#began) * (RATE / 1000));
    const at = due - this.#end > (BREAK_MS * RATE) / 1000 ? due : this.#end;
    this.#pieces.push({ at, payload });
    this.#end = at + payload.length;
    if (payload.every((code) => Math.abs(linear(code)) < SILENT)) this.#silence += 1;
    else {
      if (this.#silence >= PAUSE_PACKETS) this.#onSound();
      this.#silence = 0;
    }
  }

  /**
   * Writes what was heard as a WAV file.
   * @param {string} file
   * @returns {{ tape: string, began: number }} `began`: when its first sample was heard, in ms since 1970
   */
  save(file) {
    const wav = Buffer.alloc(44 + this.#end * 2);
    wav.write('RIFF', 0, 'latin1');
    wav.writeUInt32LE(wav.length - 8, 4);
    wav.write('WAVEfmt ', 8, 'latin1');
    wav.writeUInt32LE(16, 16);
    // PCM, one channel.
    wav.writeUInt16LE(1, 20);
    wav.writeUInt16LE(1, 22);
    wav.writeUInt32LE(RATE, 24);
    wav.writeUInt32LE(RATE * 2, 28);
    wav.writeUInt16LE(2, 32);
    wav.writeUInt16LE(16, 34);
    wav.write('data', 36, 'latin1');
    wav.writeUInt32LE(this.#end * 2, 40);
    for (const { at, payload } of this.#pieces)
      payload.forEach((code, i) => wav.writeInt16LE(linear(code), 44 + (at + i) * 2));
    writeFileSync(file, wav);
    return { tape: file, began: this.#began };
  }
}

/** One byte of G.711 mu-law as a 16-bit sample. @param {number} code */
function linear(code) {
  const u = ~code & 0xff;
  const magnitude = ((((u & 0x0f) << 3) + 0x84) << ((u >> 4) & 7)) - 0x84;
  return (u & 0x80) === 0 ? magnitude : -magnitude;
}
