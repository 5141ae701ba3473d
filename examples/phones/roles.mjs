// The phones that are called: what they do is in the user part of the URI that called them.
import { followDialog } from '../sample-bot/follow-dialog.mjs';
import { Media } from '../sample-bot/media.mjs';

/** What the agent's phone plays: a tone of its own, so that one can hear who is talking; no note of the sounds that come with us. */
const AGENT_HZ = 620;

/** Those who answer, and how many times `ringMs` it takes them. @type {Record<string, number>} */
const SLOWNESS = { agent: 1, colleague: 6 };

/**
 * @typedef {(state: string, fields?: object) => void} Tell
 * @typedef {object} Ringing An INVITE under way.
 * @property {any} req
 * @property {any} res
 * @property {() => boolean} cancelled
 * @property {Tell} tell
 */

export class Roles {
  /** Hangs up the agent's calls. @type {Set<() => void>} */
  #agents = new Set();
  #options;

  /**
   * @param {object} options
   * @param {any} options.srf
   * @param {string} options.host address media is sent from
   * @param {number} options.ringMs how long the agent lets it ring
   * @param {import('./tape.mjs').Tapes} options.tapes
   * @param {(kind: string, fields: object) => void} options.report
   */
  constructor(options) {
    this.#options = options;
    options.srf.invite((/** @type {any} */ req, /** @type {any} */ res) => this.#called(req, res));
  }

  hangUpAgent() {
    for (const hangUp of this.#agents) hangUp();
  }

  /** @param {any} req @param {any} res */
  #called(req, res) {
    const user = /^sips?:([^@;]+)@/.exec(req.uri)?.[1] ?? '';
    let cancelled = false;
    /** @type {Tell} */
    const tell = (state, fields = {}) => this.#options.report('phone', { who: user, state, ...fields });
    // Listened for before anything else: a CANCEL is announced once.
    req.on('cancel', () => {
      cancelled = true;
      tell('missed');
    });
    const ringing = { req, res, cancelled: () => cancelled, tell };
    const slowness = SLOWNESS[user];
    if (slowness !== undefined)
      this.#agent(user, slowness * this.#options.ringMs, ringing).catch((error) =>
        tell('failed', { why: error.message }),
      );
    else if (user === 'busy') this.#refuse(ringing, 486, 'busy');
    else if (user === 'nobody') this.#ring(ringing);
    else this.#refuse(ringing, 404, 'unknown');
  }

  /** @param {Ringing} call */
  #ring({ res, tell }) {
    res.send(180);
    tell('ringing');
  }

  /** @param {Ringing} call @param {number} status @param {string} state */
  #refuse({ res, tell }, status, state) {
    res.send(status);
    tell(state);
  }

  /** @param {string} who @param {number} ringMs @param {Ringing} call */
  async #agent(who, ringMs, call) {
    const { srf, host, tapes } = this.#options;
    const { req, res, tell } = call;
    this.#ring(call);
    await new Promise((resolve) => setTimeout(resolve, ringMs));
    if (call.cancelled()) return;
    const media = await Media.open(host);
    const localSdp = req.body ? media.answer(req.body) : media.offer();
    if (localSdp === undefined) return this.#refuse(call, 488, 'no common codec');
    const endTape = tapes.record(media, who, () => tell('sound'));
    media.onHearing = (from) => tell('hears', { from });
    // Not its promise: a re-INVITE right behind the ACK would come before that is settled.
    srf.createUAS(req, res, { localSdp }, (/** @type {Error | null} */ error, /** @type {any} */ dialog) => {
      if (error) {
        media.close();
        return tell('failed', { why: error.message });
      }
      media.play(AGENT_HZ);
      tell('answered', { rtp: media.address, at: performance.timeOrigin + performance.now() });
      const hangUp = followDialog(dialog, media, (by) => {
        this.#agents.delete(hangUp);
        tell('ended', { by, ...endTape() });
      });
      if (dialog.connected) this.#agents.add(hangUp);
    });
  }
}
