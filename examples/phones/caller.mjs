// The phone that calls.
import { followDialog } from '../sample-bot/follow-dialog.mjs';
import { Media } from '../sample-bot/media.mjs';

/** The caller's voice when it speaks. Otherwise it sends silence, which is RTP all the same. */
const CALLER_HZ = 440;
const SILENCE_HZ = 0;
/** From one key to the next. */
const KEY_MS = 250;

export class Caller {
  #options;
  /** @type {(() => void) | undefined} */
  #hangUp;
  /** @type {Media | undefined} */
  #media;

  /**
   * @param {object} options
   * @param {any} options.srf
   * @param {string} options.host address media is sent from
   * @param {string} options.from number shown to the other side
   * @param {import('./tape.mjs').Tapes} options.tapes
   * @param {(kind: string, fields: object) => void} options.report
   */
  constructor(options) {
    this.#options = options;
  }

  /** @param {string} uri */
  async call(uri) {
    if (this.#hangUp !== undefined) return this.#tell('failed', { why: 'is on the phone already' });
    const { srf, host, from, tapes } = this.#options;
    const media = await Media.open(host);
    this.#media = media;
    media.play(SILENCE_HZ);
    const endTape = tapes.record(media, 'caller', () => this.#tell('sound'));
    media.onHearing = (address) => this.#tell('hears', { from: address });
    /** @type {any} */
    let invite;
    this.#hangUp = () => invite?.cancel(() => {});
    this.#tell('calling', { uri, rtp: media.address });
    try {
      const dialog = await srf.createUAC(
        uri,
        { localSdp: media.offer(), callingNumber: from },
        {
          cbRequest: (/** @type {Error | null} */ _error, /** @type {any} */ req) => (invite = req),
          cbProvisional: (/** @type {any} */ res) => res.status > 100 && this.#tell('ringback'),
        },
      );
      media.accept(dialog.remote.sdp);
      this.#tell('answered');
      const hangUp = followDialog(dialog, media, (by) => this.#ended(by, endTape()));
      if (dialog.connected) this.#hangUp = hangUp;
    } catch (error) {
      media.close();
      this.#hangUp = undefined;
      const { status, message } = /** @type {Error & { status?: number }} */ (error);
      this.#tell('failed', { why: status === undefined ? message : `answered ${status}` });
    }
  }

  /** Ends the call, or stops calling. */
  hangUp() {
    if (this.#hangUp === undefined) this.#tell('idle');
    else this.#hangUp();
  }

  /** Presses keys of the phone, one after the other. @param {string} keys */
  async press(keys) {
    for (const key of keys) {
      this.#media?.press(key);
      await new Promise((resolve) => setTimeout(resolve, KEY_MS));
    }
    this.#tell('pressed', { keys });
  }

  /** @param {boolean} aloud */
  speak(aloud) {
    this.#media?.play(aloud ? CALLER_HZ : SILENCE_HZ);
  }

  /** @param {'us' | 'them'} by @param {object} tape */
  #ended(by, tape) {
    this.#hangUp = undefined;
    this.#media = undefined;
    this.#tell('ended', { by, ...tape });
  }

  /** @param {string} state @param {object} [fields] */
  #tell(state, fields = {}) {
    this.#options.report('phone', { who: 'caller', state, ...fields });
  }
}
