import type { Response } from 'drachtio-srf';
import type { HeaderLine, ReferWay } from '../../domain/plan.js';
import type { Refusal } from '../../domain/outcome.js';
import { sentHeaders } from './header-lines.js';
import type { Offers } from './offers.js';
import type { ReferNotify } from './refer-notify.js';
import { localRefusal, refusalOf, sendFailure } from './refusal.js';
import type { SessionContext } from './session-context.js';
import { ask } from './session-request.js';

/** The far end's answer to the REFER itself. */
type Answer =
  { readonly at: 'awaited'; readonly takeGuard: () => void } | { readonly at: 'accepted' | 'refused' };

/** What its NOTIFYs have said while anybody listened; they may overtake the answer (RFC 3515 2.4.4). */
type Reported = 'nothing' | 'progress' | 'abandoned' | 'final' | 'terminated';

/** A REFER of ours, from its sending to the last word on it. */
export class OwnRefer {
  #answer: Answer;
  #reported: Reported = 'nothing';
  /** Of the REFER, and of the one with credentials: what NOTIFYs call it by (RFC 3515 2.4.6). */
  readonly #cseqs = new Set<number>();

  constructor(
    private readonly on: SessionContext,
    readonly referral: number,
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

  /** A final status may still come, and somebody waits for it. */
  get expectsFinal(): boolean {
    return this.isSubscribed && (this.#reported === 'nothing' || this.#reported === 'progress');
  }

  isCalled(cseq: number): boolean {
    return this.#cseqs.has(cseq);
  }

  send(offers: Offers): void {
    // Before the ACK the far end may not know of the dialog yet: its 200 can be lost.
    offers.whenAcked(() => this.request());
  }

  /** Whatever is still said of it, nobody waits for it. */
  abandon(): void {
    if (this.#reported === 'nothing' || this.#reported === 'progress') this.#reported = 'abandoned';
  }

  notified({ status, terminated }: ReferNotify): void {
    const final = status !== null && status.code >= 200;
    if (terminated) this.#reported = 'terminated';
    else if (final) this.#reported = 'final';
    else if (this.#reported === 'nothing') this.#reported = 'progress';
    this.on.voice.tell({ type: 'notified', referral: this.referral, status, terminated });
  }

  private request(): void {
    const { referTo, referredBy, headers, auth } = this.way;
    const by: readonly HeaderLine[] = referredBy === null ? [] : [['Referred-By', referredBy]];
    // No Contact: the server writes the one of the dialog (pitfall 12).
    const all = sentHeaders([...headers, ['Refer-To', referTo], ...by]);
    const request = { method: 'REFER', headers: all, auth } as const;
    ask(this.on, request, {
      sent: (req) => void this.#cseqs.add(parseInt(req.headers['cseq'] ?? '', 10)),
      answered: (res) => this.answered(res),
      failed: (error) => this.refused(sendFailure(error)),
      wanted: () => this.#answer.at === 'awaited',
    });
  }

  private answered(res: Response): void {
    if (res.status < 200) return;
    if (res.status < 300) return this.accepted();
    const refusal = refusalOf(res);
    if (refusal.by === 'local') this.unanswered(refusal);
    else this.refused(refusal);
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
