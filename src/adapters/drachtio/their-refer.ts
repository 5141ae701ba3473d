import type { Request, Response } from 'drachtio-srf';
import { formatSipfrag, type SipStatus } from '../../sip/sipfrag.js';
import { optionTags, type Answer } from './capabilities.js';
import { firstHeader, rawHeaders } from './raw-headers.js';
import { parametersOf } from './refer-notify.js';
import type { SessionContext } from './session-context.js';
import { ask } from './session-request.js';
import { respond } from './side-requests.js';
import { sendableCode } from './wire.js';

type State =
  { readonly at: 'asked'; readonly takeGuard: () => void } | { readonly at: 'subscribed' | 'over' };

/** How long we promise to report (RFC 3515 2.4.7): longer than any target rings, queues included. */
const SUBSCRIPTION_S = 600;
/** What is promised when that was not long enough. */
const LAST_S = 60;

const TRYING: SipStatus = { code: 100, reason: 'Trying' };

/** The far end's REFER, from its arrival to our last NOTIFY on it. */
export class TheirRefer {
  #state: State;
  readonly #since = performance.now();

  constructor(
    private readonly on: SessionContext,
    private readonly req: Request,
    private readonly res: Response,
  ) {
    const { voice, deadlines } = on;
    const refuse = (): void => this.refuse(500, 'Server Internal Error');
    this.#state = { at: 'asked', takeGuard: voice.after(deadlines.peerRefer, refuse) };
  }

  get over(): boolean {
    return this.#state.at === 'over';
  }

  accept(): void {
    if (!this.leaveAsked('subscribed')) return;
    const silent = wantsNoNotify(this.req);
    // RFC 4488 4: the acceptor says whether it does without NOTIFYs.
    this.respond({ code: 202, reason: 'Accepted', headers: silent ? { 'Refer-Sub': 'false' } : {} });
    if (silent) this.end();
    else this.notify(TRYING, false);
  }

  refuse(code: number, reason: string): void {
    if (this.leaveAsked('over')) this.respond({ code: sendableCode(code), reason, headers: {} });
  }

  notify(status: SipStatus, final: boolean): void {
    const { dialog, voice } = this.on;
    if (this.#state.at !== 'subscribed' || voice.ended) return;
    if (final) this.end();
    const headers = {
      // The server adds one to REFER, not to NOTIFY, where RFC 6665 8.2.1 wants it as well.
      Contact: dialog.local.contact,
      // RFC 3515 2.4.6: a must from the second REFER of a dialog on, and as good on the first.
      Event: `refer;id=${parseInt(this.req.headers['cseq'] ?? '', 10)}`,
      'Subscription-State': final ? 'terminated;reason=noresource' : `active;expires=${this.secondsLeft()}`,
      'Content-Type': 'message/sipfrag;version=2.0',
    };
    const shown = `NOTIFY (${status.code})`;
    const notify = { method: 'NOTIFY', headers, body: formatSipfrag(status), shown } as const;
    ask(this.on, notify, {
      answered: (res) => this.notifyAnswered(res),
      failed: () => this.end(),
    });
  }

  private notifyAnswered(res: Response): void {
    // RFC 6665 4.2.2: nobody listens, unless it asks us to come again.
    if (res.status >= 300 && res.headers['retry-after'] === undefined) this.end();
  }

  private respond(reply: Answer): void {
    respond(this.req, this.res, reply, this.on.voice);
  }

  private secondsLeft(): number {
    return Math.max(LAST_S, SUBSCRIPTION_S - Math.floor((performance.now() - this.#since) / 1000));
  }

  private leaveAsked(at: 'subscribed' | 'over'): boolean {
    if (this.#state.at !== 'asked') return false;
    this.#state.takeGuard();
    this.#state = { at };
    return true;
  }

  private end(): void {
    this.#state = { at: 'over' };
  }
}

/** RFC 4488 4; that it would do without (`Supported`) is not yet that it wants none. */
function wantsNoNotify(req: Request): boolean {
  const headers = rawHeaders(req.raw);
  const asked = parametersOf(firstHeader(headers, 'refer-sub') ?? '').value === 'false';
  return asked || optionTags(firstHeader(headers, 'require')).includes('norefersub');
}
