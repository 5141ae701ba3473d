// The dialog of JAICP's page on transfers to an agent, word for word, state by state.

const ANNOUNCEMENTS = [
  'Transferring you to the agent. Please stay on the line.',
  'Putting you through to an agent. Please stay on the line.',
];

/** A telephone has keys where the page has words. */
const WANTS_AGENT = new Set(['1', 'transfer to agent']);
const RATINGS = new Set(['1', '2', '3', '4', '5']);

/** @param {string} text */
const a = (text) => ({ type: 'text', text });
const hangup = { type: 'hangup' };

export class Dialog {
  /** Where each call is. @type {Map<string, 'Start' | 'Busy' | 'Rate'>} */
  #states = new Map();
  #options;

  /**
   * @param {object} options
   * @param {string} options.phoneNumber
   * @param {string} options.transferChannel botId: a channel of the configuration
   * @param {() => number} [options.random] in [0, 1)
   */
  constructor({ phoneNumber, transferChannel, random = Math.random }) {
    this.#options = { phoneNumber, transferChannel, random };
  }

  /**
   * @param {any} request a bot request of JAICP
   * @returns {object[]} replies, in order
   */
  replies(request) {
    const { callId, query, event } = request;
    if (query === '/start') return this.#start(callId);
    if (query !== undefined) return this.#query(request);
    if (event === 'transfer') return this.#transferEvent(callId, request.transferStatus);
    if (event === 'noDtmfAnswerEvent') return this.#silence(callId);
    // `hangup`, `botHangup`: the call is over.
    this.#states.delete(callId);
    return [];
  }

  /** state: Start */
  #start(callId) {
    this.#states.set(callId, 'Start');
    return [a('Hi! How can I help?')];
  }

  /** q!: */
  #query(request) {
    const { callId, query } = request;
    if (this.#states.get(callId) === 'Rate') return this.#rated(query);
    return WANTS_AGENT.has(query) ? this.#transferToAgent(request) : this.#start(callId);
  }

  /** state: TransferToAgent */
  #transferToAgent({ channelUserId }) {
    const { phoneNumber, transferChannel, random } = this.#options;
    return [
      a(ANNOUNCEMENTS[Math.floor(random() * ANNOUNCEMENTS.length)] ?? ''),
      {
        type: 'switch', // Bot reply type.
        phoneNumber, // The phone number the call will be transferred to.
        timeout: '30', // Agent response timeout.
        headers: {
          // SIP headers.
          callReason: 'support',
          crmClientId: channelUserId || 'none',
        },
        transferChannel, // botId. The call will be routed over the SIP trunk connected to the channel.
        continueCall: true, // Redirect the customer back to the bot after the conversation with the agent.
        continueRecording: true, // Continue recording the conversation.
      },
    ];
  }

  /** state: TransferEvent. @param {{ status: 'SUCCESS' | 'FAIL', hangup: boolean, number: string }} status */
  #transferEvent(callId, { status, hangup: gone }) {
    // The customer has left: there is nobody to speak to.
    if (gone) return [];
    if (status === 'FAIL') {
      this.#states.set(callId, 'Busy');
      return [a('All our agents are currently busy. We will reach out to you later.')];
    }
    this.#states.set(callId, 'Rate');
    return [a('Thank you for contacting us. Please rate our service.')];
  }

  /** @param {string} query keys */
  #rated(query) {
    return RATINGS.has(query) ? [a('Thank you!'), hangup] : [a('Please rate our service.')];
  }

  /** Whoever has heard everything and says nothing has nothing more to say. */
  #silence(callId) {
    return this.#states.get(callId) === 'Start' ? this.#start(callId) : [hangup];
  }
}
