// What the bot does: the part to change. Nodes are points of the conversation; the engine names them in `data.next`.

/** What each node says (here a tone stands for speech) and what comes after it. */
export const NODES = {
  Welcome: { says: 'Hello! One moment, I am getting somebody for you.', hz: 440, then: 'transfer' },
  Apology: {
    says: 'I am sorry, nobody is free right now. Please call again later.',
    hz: 330,
    then: 'hangUp',
  },
  CSAT: { says: 'Welcome back. How did we do, from one to five?', hz: 523, then: 'listen' },
};

/**
 * @typedef {object} Call A caller on the line.
 * @property {string} callId the engine's id of the call, from the header X-Switchhook-Call
 * @property {(hz: number) => void} play
 * @property {() => void} hangUp
 */

export class Flow {
  /** @type {Map<string, Call>} */
  #calls = new Map();
  /** What the callers dialled: `call.started` comes about when the SIP call does, before or after it. @type {Map<string, string>} */
  #dialled = new Map();
  /** Calls whose caller has talked to somebody. @type {Set<string>} */
  #served = new Set();
  #options;

  /**
   * @param {object} options
   * @param {import('./switchhook-api.mjs').SwitchhookApi} options.api
   * @param {(dialled: string | undefined) => object | undefined} options.targetFor whom callers of a number are handed to
   * @param {number} options.sayMs how long saying something takes
   * @param {(kind: string, fields: object) => void} options.report
   */
  constructor(options) {
    this.#options = options;
  }

  /** The bot has answered. @param {Call} call */
  started(call) {
    this.#calls.set(call.callId, call);
    this.#goTo(call, 'Welcome');
  }

  /** The call is over, whoever ended it. @param {string} callId */
  ended(callId) {
    this.#calls.delete(callId);
    this.#served.delete(callId);
  }

  /** An event of the engine, in the native dialect or JAICP's. @param {any} event */
  told(event) {
    if (event.type === 'call.started') this.#dialled.set(event.callId, event.data.to);
    if (event.type === 'call.ended') this.#dialled.delete(event.callId);
    const call = this.#calls.get(event.callId);
    if (call === undefined) return;
    if (event.event === 'transfer') this.#toldByJaicp(call, event.transferStatus);
    if (event.type === 'transfer.completed') this.#served.add(event.callId);
    if (event.type === 'transfer.failed') this.#failed(call, event.data.next);
    // The caller is with us (again). After a failure the flow is at the node for it already.
    if (event.type === 'transfer.returned' && this.#served.delete(event.callId)) this.#goTo(call, 'CSAT');
  }

  /** @param {Call} call @param {{ action: string, node: string | null }} next what the failure policy says */
  #failed(call, next) {
    if (next.action === 'goto') this.#goTo(call, next.node ?? 'Apology');
    // The caller is still with us and no policy says what to do.
    if (next.action === 'stay') this.#goTo(call, 'Apology');
    // Any other action: the engine plays a message or ends the call by itself, or the caller is gone.
  }

  /** @param {Call} call @param {{ status: 'SUCCESS' | 'FAIL', hangup: boolean }} transferStatus */
  #toldByJaicp(call, { status, hangup }) {
    if (!hangup) this.#goTo(call, status === 'SUCCESS' ? 'CSAT' : 'Apology');
  }

  /** @param {Call} call @param {string} name */
  #goTo(call, name) {
    const node = NODES[/** @type {keyof typeof NODES} */ (name)] ?? NODES.Apology;
    this.#options.report('node', { callId: call.callId, node: name, says: node.says });
    call.play(node.hz);
    setTimeout(() => this.#said(call, node.then), this.#options.sayMs);
  }

  /** @param {Call} call @param {string} then */
  #said(call, then) {
    if (!this.#calls.has(call.callId)) return;
    if (then === 'transfer') void this.#transfer(call);
    if (then === 'hangUp') call.hangUp();
  }

  /** @param {Call} call */
  async #transfer(call) {
    const { api, report, targetFor } = this.#options;
    const target = targetFor(this.#dialled.get(call.callId));
    if (target === undefined) return this.#goTo(call, 'Apology');
    const command = { target, returnToBot: true, reason: 'user_request', headers: { callReason: 'support' } };
    const { status, body } = await api.transfer(call.callId, command);
    report('command', { callId: call.callId, target, status, answer: body });
    // Refused at once: no transfer, so no event will come.
    if (status !== 202 && this.#calls.has(call.callId)) this.#goTo(call, 'Apology');
  }
}
