import type { Request, Response } from 'drachtio-srf';
import type { SipStatus } from '../../sip/sipfrag.js';
import { NO_SUCH_DIALOG, badExtension, type Answer } from './capabilities.js';
import { allHeaders, customHeaders, firstHeader, rawHeaders } from './raw-headers.js';
import type { SessionContext } from './session-context.js';
import { answer, tapRequest } from './side-requests.js';
import { TheirRefer } from './their-refer.js';

/** The far end's REFERs in one dialog, by the number the engine knows them by. */
export class TheirRefers {
  readonly #refers = new Map<number, TheirRefer>();
  #lastId = 0;

  constructor(private readonly on: SessionContext) {}

  received(req: Request, res: Response, closing: boolean): void {
    const { voice } = this.on;
    // srf joins repeated lines and leaves `r` and `b` as they are (pitfall 10): so from the message itself.
    const headers = rawHeaders(req.raw);
    const targets = allHeaders(headers, 'refer-to');
    const problem = closing ? NO_SUCH_DIALOG : (badExtension(req.headers['require']) ?? unfit(targets));
    if (problem !== null) return answer(req, res, problem, voice);
    tapRequest(req, voice);
    for (const [id, refer] of this.#refers) if (refer.over) this.#refers.delete(id);
    const referId = ++this.#lastId;
    this.#refers.set(referId, new TheirRefer(this.on, req, res));
    const [referTo = ''] = targets;
    const referredBy = firstHeader(headers, 'referred-by') ?? null;
    const source = req.source_address;
    const request = { source, referTo, referredBy, customHeaders: customHeaders(headers) };
    voice.tell({ type: 'referred', referId, request });
  }

  accept(referId: number): void {
    this.#refers.get(referId)?.accept();
  }

  refuse(referId: number, code: number, reason: string): void {
    this.#refers.get(referId)?.refuse(code, reason);
  }

  notify(referId: number, status: SipStatus, final: boolean): void {
    this.#refers.get(referId)?.notify(status, final);
  }
}

/** RFC 3515 2.4.2: exactly one Refer-To. */
function unfit(targets: readonly string[]): Answer | null {
  if (targets.length === 1 && targets[0] !== '') return null;
  const reason = targets.length > 1 ? 'Bad Request: more than one Refer-To' : 'Bad Request: no Refer-To';
  return { code: 400, reason, headers: {} };
}
