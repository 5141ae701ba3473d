import { randomBytes } from 'node:crypto';
import type { Request, Response, SentHeaders } from 'drachtio-srf';
import type { ReferWay } from '../../domain/plan.js';
import type { Refusal } from '../../domain/outcome.js';
import { sentHeaders } from './header-lines.js';
import { requestInDialog } from './in-dialog-request.js';
import type { Offers } from './offers.js';
import { allHeaders, rawHeaders } from './raw-headers.js';
import type { ReferNotify } from './refer-notify.js';
import { localRefusal, refusalOf, sendFailure } from './refusal.js';
import type { SessionContext } from './session-context.js';
import { answerable, authorization } from './trunk-digest.js';
import { peerOf } from './wire.js';

/** The far end's answer to the REFER itself. */
type Answer =
  { readonly at: 'awaited'; readonly takeGuard: () => void } | { readonly at: 'accepted' | 'refused' };

/** What its NOTIFYs have said so far; they may overtake the answer (RFC 3515 2.4.4). */
type Reported = 'nothing' | 'progress' | 'final' | 'terminated';

const CHALLENGES = {
  401: { ask: 'www-authenticate', answer: 'Authorization' },
  407: { ask: 'proxy-authenticate', answer: 'Proxy-Authorization' },
} as const;

/** A REFER of ours, from its sending to the last word on it. */
export class OwnRefer {
  #answer: Answer;
  #reported: Reported = 'nothing';
  /** Of the REFER, and of the one with credentials: what NOTIFYs call it by (RFC 3515 2.4.6). */
  readonly #cseqs = new Set<number>();

  constructor(
    private readonly on: SessionContext,
    private readonly referral: number,
    private readonly way: ReferWay,
  ) {
    const takeGuard = on.voice.after(on.deadlines.refer, () => this.unanswered());
    this.#answer = { at: 'awaited', takeGuard };
  }

  /** Nothing more is to be said of it. */
  get over(): boolean {
    return this.#answer.at === 'refused' || (this.#answer.at === 'accepted' && !this.isSubscribed);
  }

  /** NOTIFYs may still come. */
  get isSubscribed(): boolean {
    return this.#answer.at !== 'refused' && this.#reported !== 'terminated';
  }

  /** A final status may still come. */
  get expectsFinal(): boolean {
    return this.isSubscribed && this.#reported !== 'final';
  }

  isCalled(cseq: number): boolean {
    return this.#cseqs.has(cseq);
  }

  send(offers: Offers): void {
    // Before the ACK the far end may not know of the dialog yet: its 200 can be lost.
    offers.whenAcked(() => this.request({}, true));
  }

  notified({ status, terminated }: ReferNotify): void {
    const final = status !== null && status.code >= 200;
    if (terminated) this.#reported = 'terminated';
    else if (final) this.#reported = 'final';
    else if (this.#reported === 'nothing') this.#reported = 'progress';
    this.on.voice.tell({ type: 'notified', referral: this.referral, status, terminated });
  }

  /** `mayBeChallenged`: it went out without credentials. */
  private request(credentials: SentHeaders, mayBeChallenged: boolean): void {
    const { srf, dialog, voice } = this.on;
    const { referTo, referredBy, headers } = this.way;
    // No Contact: the server writes the one of the dialog (pitfall 12).
    const all = {
      ...sentHeaders([
        ...headers,
        ['Refer-To', referTo],
        ...(referredBy === null ? [] : ([['Referred-By', referredBy]] as const)),
      ]),
      ...credentials,
    };
    // Not the dialog's own credentials: srf would sign `sip:placeholder`, and MD5 only (pitfall 22).
    const { id, socket } = dialog;
    requestInDialog(srf, { id, socket, auth: undefined }, { method: 'REFER', headers: all }, (error, req) =>
      voice.safely(() => {
        if (req === undefined) this.refused(sendFailure(error));
        else this.sent(req, mayBeChallenged);
      }),
    );
  }

  private sent(req: Request, mayBeChallenged: boolean): void {
    this.#cseqs.add(parseInt(req.headers['cseq'] ?? '', 10));
    this.on.voice.tap('out', 'REFER', false, this.on.peer);
    req.on('response', (res) => this.on.voice.safely(() => this.answered(req, res, mayBeChallenged)));
  }

  private answered(req: Request, res: Response, mayBeChallenged: boolean): void {
    this.on.voice.tap('in', `${res.status} ${res.reason} (REFER)`, false, peerOf(res));
    if (res.status < 200) return;
    if (res.status < 300) return this.accepted();
    const credentials =
      mayBeChallenged && this.#answer.at === 'awaited' ? this.credentialsFor(req, res) : null;
    if (credentials !== null) return this.request(credentials, false);
    const refusal = refusalOf(res);
    if (refusal.by === 'local') this.unanswered(refusal);
    else this.refused(refusal);
  }

  private credentialsFor(req: Request, res: Response): SentHeaders | null {
    const { auth } = this.way;
    if (auth === null || (res.status !== 401 && res.status !== 407)) return null;
    const { ask, answer } = CHALLENGES[res.status];
    const challenge = answerable(allHeaders(rawHeaders(res.raw), ask));
    if (challenge === undefined) return null;
    const cnonce = randomBytes(8).toString('hex');
    const use = { method: 'REFER', uri: req.uri, count: 1, cnonce };
    return { [answer]: authorization(challenge, auth, use) };
  }

  /** Whoever reports on a REFER has accepted it, also when its response got lost (RFC 6665 4.1.2.3). */
  private unanswered(refusal = localRefusal(408, 'Request Timeout')): void {
    if (this.#reported === 'nothing') this.refused(refusal);
    else this.accepted();
  }

  private accepted(): void {
    this.settle('accepted', null);
  }

  private refused(refusal: Refusal): void {
    this.settle('refused', refusal);
  }

  private settle(at: 'accepted' | 'refused', refusal: Refusal | null): void {
    if (this.#answer.at !== 'awaited') return;
    this.#answer.takeGuard();
    this.#answer = { at };
    this.on.voice.tell({ type: 'referAnswered', referral: this.referral, refusal });
  }
}
