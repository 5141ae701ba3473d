import type { Response } from 'drachtio-srf';
import { parseNameAddr } from '../../sip/name-addr.js';
import { bodyOf } from './wire.js';

/**
 * Session descriptions of provisional responses, by To-tag: an INVITE may fork, and only the fork that answers counts
 * (pitfall 16). Its 2xx may leave the answer out when a reliable provisional has brought it (RFC 3261 13.2.1).
 */
export class EarlySdp {
  readonly #byTag = new Map<string, string>();

  note(res: Response): void {
    const sdp = bodyOf(res);
    if (sdp !== null) this.#byTag.set(tagOf(res), sdp);
  }

  of(res: Response): string | null {
    return this.#byTag.size === 0 ? null : (this.#byTag.get(tagOf(res)) ?? null);
  }
}

const tagOf = (res: Response): string => parseNameAddr(res.headers['to'] ?? '')?.tag ?? '';
