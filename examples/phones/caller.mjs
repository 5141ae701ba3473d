// The phone that calls.
import { followDialog } from '../sample-bot/follow-dialog.mjs';
import { Media } from '../sample-bot/media.mjs';

/** The caller's voice: silence, which is RTP all the same. */
const CALLER_HZ = 0;

export class Caller {
  #options;
  /** @type {(() => void) | undefined} */
  #hangUp;

  /**
   * @param {object} options
   * @param {any} options.srf
   * @param {string} options.host address media is sent from
   * @param {string} options.from number shown to the other side
   * @param {(kind: string, fields: object) => void} options.report
   */
  constructor(options) {
    this.#options = options;
  }

  /** @param {string} uri */
  async call(uri) {
    if (this.#hangUp !== undefined) return this.#tell('failed', { why: 'is on the phone already' });
    const { srf, host, from } = this.#options;
    const media = await Media.open(host);
    media.play(CALLER_HZ);
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
      const hangUp = followDialog(dialog, media, (by) => this.#ended(by));
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

  /** @param {'us' | 'them'} by */
  #ended(by) {
    this.#hangUp = undefined;
    this.#tell('ended', { by });
  }

  /** @param {string} state @param {object} [fields] */
  #tell(state, fields = {}) {
    this.#options.report('phone', { who: 'caller', state, ...fields });
  }
}
