import type { Request, Response } from 'drachtio-srf';
import { parseNameAddr } from '../../sip/name-addr.js';
import type { DialogIds } from '../../sip/replaces.js';
import type { RingingState } from './dialog-handle.js';
import { dialogIdOf } from './link.js';

/** What an INVITE of ours is called, as soon as the server has sent it. */
export class InviteNames {
  #sent: { readonly callId: string; readonly localTag: string; readonly transaction: string } | null = null;
  /** Of the first response with one: the early dialog a Replaces could name. */
  #remoteTag: string | null = null;

  get callId(): string | null {
    return this.#sent?.callId ?? null;
  }

  get dialog(): DialogIds | null {
    if (this.#sent === null || this.#remoteTag === null) return null;
    const { callId, localTag } = this.#sent;
    return { callId, localTag, remoteTag: this.#remoteTag };
  }

  get state(): RingingState | null {
    if (this.#sent === null) return null;
    const { callId, localTag, transaction } = this.#sent;
    return { at: 'ours', id: dialogIdOf(callId, localTag), callId, transaction };
  }

  /** Returns the server's id of the dialog to come. A repetition is another transaction. */
  sent(req: Request): string {
    const callId = req.headers['call-id'] ?? '';
    const localTag = tagIn(req.headers['from']) ?? '';
    this.#sent = { callId, localTag, transaction: req.stackTxnId };
    return dialogIdOf(callId, localTag);
  }

  heard(res: Response): void {
    // Of several forks, the one that answers has the dialog (RFC 3261 13.2.2.4).
    if (res.status >= 200 || this.#remoteTag === null) this.#remoteTag = tagIn(res.headers['to']);
  }
}

const tagIn = (header: string | undefined): string | null => parseNameAddr(header ?? '')?.tag ?? null;
