// What the bot says: the part to change. Each call is at a node; an event of the engine is answered with replies.

const MENU = 'Press 1 to speak to somebody, or 2 to hear our opening hours.';
const HOURS = 'We are open from nine to five, Monday to Friday.';

/**
 * @typedef {object} Reply One of `text`, `audio`, `transfer`, `hangup`; carried out in order.
 * @property {string} type
 */

/** @param {string} text */
const say = (text) => ({ type: 'text', text });

export class Dialog {
  /** Where each call is. @type {Map<string, 'menu' | 'rating'>} */
  #nodes = new Map();
  /** Whom each call has not been handed to yet. @type {Map<string, object[]>} */
  #left = new Map();
  #targets;

  /** @param {object[]} targets whom callers are handed to, as in a transfer command: the next when one is not free */
  constructor(targets) {
    this.#targets = targets;
  }

  /**
   * @param {any} event in the native dialect
   * @returns {Reply[]} none where there is nothing to say
   */
  replies(event) {
    const { callId, type, data } = event;
    switch (type) {
      case 'call.started':
        return this.#menu(callId, 'Hello!');
      case 'call.input':
        return data.from === 'caller' ? this.#heard(callId, data.digits) : [];
      case 'transfer.failed':
        return this.#failed(callId, data);
      case 'transfer.completed':
        return this.#completed(callId, data);
      case 'call.ended':
        this.#nodes.delete(callId);
        this.#left.delete(callId);
        return [];
      default:
        return [];
    }
  }

  /** @param {string} callId @param {string} words */
  #menu(callId, words) {
    this.#nodes.set(callId, 'menu');
    return [say(`${words} ${MENU}`)];
  }

  /** @param {string} callId @param {string} digits empty: the caller said nothing */
  #heard(callId, digits) {
    if (this.#nodes.get(callId) === 'rating') return [say('Thank you, and goodbye.'), { type: 'hangup' }];
    if (digits === '1') {
      this.#left.set(callId, [...this.#targets]);
      return [say('One moment, I am getting somebody for you.'), this.#transfer(callId)];
    }
    if (digits === '2') return this.#menu(callId, HOURS);
    return this.#menu(callId, 'I did not get that.');
  }

  /** To the next in the list. @param {string} callId */
  #transfer(callId) {
    const target = this.#left.get(callId)?.shift();
    const headers = { callReason: 'support' };
    const kept = { returnToBot: true, continueRecording: true };
    return { type: 'transfer', target, ...kept, reason: 'user_request', headers };
  }

  /** The fallback words, where the caller is still here and no policy has said something else. @param {any} data */
  #failed(callId, { outcome, next, transferStatus }) {
    if (transferStatus.hangup || next.action === 'end' || next.action === 'none') return [];
    const why = outcome === 'busy' ? 'Everybody is talking to somebody.' : 'Nobody could be reached.';
    if ((this.#left.get(callId)?.length ?? 0) > 0)
      return [say(`I am sorry. ${why} I will try somebody else.`), this.#transfer(callId)];
    return this.#menu(callId, `I am sorry. ${why}`);
  }

  /** Back from the agent. @param {any} data */
  #completed(callId, { next }) {
    if (next.action !== 'return') return [];
    this.#nodes.set(callId, 'rating');
    return [say('Welcome back. How did we do, from 1 to 5?')];
  }
}
