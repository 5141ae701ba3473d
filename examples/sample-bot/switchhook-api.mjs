// The commands this bot gives to Switchhook over HTTP.

/** The caller's leg may be a moment behind ours; then the engine answers 409 transfer_not_possible. */
const TRIES = 5;
const BETWEEN_TRIES_MS = 200;
const ANSWER_MS = 5000;

export class SwitchhookApi {
  #url;
  #token;

  /** @param {string} url @param {string | undefined} token */
  constructor(url, token) {
    this.#url = url.replace(/\/$/, '');
    this.#token = token;
  }

  /**
   * `POST /v1/calls/{callId}/transfers`: 202 means that the events tell the rest.
   * @param {string} callId
   * @param {object} command
   * @returns {Promise<{ status: number, body: any }>} status 0: the engine could not be reached
   */
  async transfer(callId, command) {
    for (let left = TRIES; ; left -= 1) {
      const answer = await this.#post(`/v1/calls/${encodeURIComponent(callId)}/transfers`, command);
      if (answer.body?.code !== 'transfer_not_possible' || left === 1) return answer;
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_TRIES_MS));
    }
  }

  /** @param {string} path @param {object} body @returns {Promise<{ status: number, body: any }>} */
  async #post(path, body) {
    /** @type {Record<string, string>} */
    const headers = { 'content-type': 'application/json' };
    if (this.#token !== undefined) headers.authorization = `Bearer ${this.#token}`;
    try {
      const answer = await fetch(this.#url + path, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      return { status: answer.status, body: await answer.json().catch(() => null) };
    } catch (error) {
      return { status: 0, body: { title: String(/** @type {Error} */ (error).cause ?? error) } };
    }
  }
}
