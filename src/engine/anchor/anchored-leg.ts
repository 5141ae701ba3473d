import type { HeaderLine } from '../../domain/plan.js';
import type { Endpoint } from '../../ports/media.js';
import type { LadderTap } from '../../ports/ladder.js';
import type { LegEvent, LegListener, LegPort } from '../../ports/signalling.js';
import { Anchor } from './anchor.js';
import type { AnchoredEars, AnchoredLegParts } from './anchored-ears.js';
import { LegBehind } from './leg-behind.js';
import { Mover } from './mover.js';
import { REFUSED, RINGS, WITHDRAWN } from './refusals.js';
import { Turns } from './turns.js';

/**
 * A leg whose media ends at an endpoint of ours. To the call it is a leg like any other that never speaks of session
 * descriptions: those are settled here, between the far end and the endpoint. Where the call says `''` the endpoint's
 * own is meant.
 */
export class AnchoredLeg extends LegBehind implements LegPort {
  readonly anchor: Anchor;
  private readonly turns = new Turns();
  private readonly mover: Mover;
  /** `gone` once its last word is said. */
  private phase: 'there' | 'gone' = 'there';
  /** What has to be finished while there is still an endpoint; it settles. */
  parting: (() => Promise<void>) | null = null;
  /** The caller's INVITE, while it has no final response. */
  private unanswered: boolean;
  /** Where a target goes once it has answered, whose endpoint is gone, or not where it is wanted; `null`: anywhere. */
  private detour: { readonly server: string | null } | null = null;
  private established: boolean;

  private constructor(
    parts: AnchoredLegParts,
    private readonly ears: AnchoredEars,
    offer: string | null,
    incoming: boolean,
  ) {
    super();
    this.unanswered = incoming;
    this.established = incoming;
    this.anchor = new Anchor(
      {
        media: parts.media,
        told: (event) => this.ears.media(event),
        opened: () => this.ears.listener({ type: 'handleChanged' }),
        lost: (reason) => this.lost(reason),
        beside: incoming ? null : parts.beside,
      },
      offer,
    );
    this.mover = new Mover(parts, this.anchor, incoming);
  }

  /** A caller: its offer goes to its endpoint at once, for an answer will be wanted. */
  static received(
    parts: AnchoredLegParts,
    ears: AnchoredEars,
    inner: LegPort,
    offer: string | null,
  ): AnchoredLeg {
    const leg = new AnchoredLeg(parts, ears, offer, true);
    leg.inner = inner;
    return leg;
  }

  /** A target: dialled with the offer of its endpoint once there is one. */
  static dialled(
    parts: AnchoredLegParts,
    ears: AnchoredEars,
    dial: (sdp: string, listener: LegListener) => LegPort,
  ): AnchoredLeg {
    const leg = new AnchoredLeg(parts, ears, null, false);
    leg.turns.run(async () => {
      const endpoint = await leg.anchor.endpoint().catch(() => null);
      if (leg.isGone()) return;
      if (endpoint === null) return leg.finish({ type: 'refused', refusal: REFUSED });
      leg.inner = dial(endpoint.sdp, leg.hear);
    });
    return leg;
  }

  /** Takes what the far end says: the listener of the leg underneath. */
  readonly hear: LegListener = (event) => {
    switch (event.type) {
      case 'refused':
      case 'hungUp':
      case 'closed':
      case 'lost':
        return this.finish(event);
      case 'reofferAccepted':
      case 'reofferRefused':
        return this.mover.hear(event);
      case 'progress':
      case 'answered':
      case 'acked':
        return this.turns.run(() => this.takeMedia(event));
      case 'offer':
        return this.offered(event);
      default:
        return this.ears.listener(event);
    }
  };

  /** A question, for the answer changes while something is waited for. */
  private isGone(): boolean {
    return this.phase === 'gone';
  }

  /** The endpoint, for whoever plays to it or bridges it; rejects when there is none. */
  async endpoint(): Promise<Endpoint> {
    if (this.detour?.server === null && !this.established) throw new Error(RINGS);
    return this.anchor.endpoint();
  }

  /** When what its far end and its endpoint have said so far is dealt with. */
  idle(): Promise<void> {
    return this.turns.idle();
  }

  /** To another server, where the other end of a bridge is: a new endpoint and a re-INVITE. */
  async moveTo(server: string): Promise<Endpoint> {
    const { inner } = this;
    if (inner !== null && this.established) return this.mover.move(inner, server);
    this.detour ??= { server };
    throw new Error(RINGS);
  }

  override ring(code: number, reason: string, sdp: string | null): void {
    this.turns.run(async () => {
      const endpoint = sdp === null ? null : await this.anchor.endpoint().catch(() => null);
      if (this.unanswered && !this.isGone()) this.inner?.ring(code, reason, endpoint?.sdp ?? null);
    });
  }

  override answer(): void {
    this.turns.run(async () => {
      const endpoint = await this.anchor.endpoint().catch(() => null);
      if (this.isGone() || !this.unanswered) return;
      if (endpoint === null) return this.ears.media({ type: 'mediaLost', reason: 'no media server' });
      this.unanswered = false;
      this.inner?.answer(endpoint.sdp);
    });
  }

  override reject(code: number, reason: string, headers: readonly HeaderLine[]): void {
    this.unanswered = false;
    this.inner?.reject(code, reason, headers);
  }

  cancel(headers: readonly HeaderLine[]): void {
    if (this.inner !== null) this.inner.cancel(headers);
    // Nothing has been sent: there is nobody to wait for. Not in the caller's own turn, as with any other leg.
    else queueMicrotask(() => this.finish({ type: 'refused', refusal: WITHDRAWN }));
  }

  bye(headers: readonly HeaderLine[]): void {
    if (this.unanswered) this.reject(503, 'Service Unavailable', headers);
    else this.inner?.bye(headers);
  }

  /** The leg underneath goes on telling this one. */
  rebind(listener: LegListener, tap: LadderTap): void {
    this.ears.listener = listener;
    this.inner?.rebind(this.hear, tap);
  }

  rebindMedia(media: AnchoredEars['media']): void {
    this.ears.media = media;
  }

  private async takeMedia(
    event: Extract<LegEvent, { type: 'progress' | 'answered' | 'acked' }>,
  ): Promise<void> {
    if (this.isGone()) return;
    const sdp = event.type === 'answered' ? await this.settled(event.sdp) : await this.anchor.take(event.sdp);
    if (!this.isGone()) this.ears.listener(event.type === 'acked' ? { ...event } : { ...event, sdp });
    if (event.type === 'acked' && sdp === null)
      this.ears.media({ type: 'mediaLost', reason: 'the answer in the ACK could not be used' });
  }

  /** The dialog is there: a far end whose endpoint is gone, or not where it has to be, is taken to another one first. */
  private async settled(sdp: string | null): Promise<string | null> {
    this.established = true;
    const { inner, detour } = this;
    const taken = detour === null ? await this.anchor.take(sdp) : null;
    const isThere = detour === null && this.anchor.living() !== null;
    if (taken !== null || isThere || sdp === null || inner === null) return taken;
    try {
      await this.mover.move(inner, detour?.server ?? undefined);
      this.ears.media({ type: 'mediaReset' });
      return sdp;
    } catch {
      return null;
    }
  }

  /**
   * An offer that meets a move of ours: one of the two has to give way (RFC 3261 14.1), and between two tries of ours
   * theirs is answered at once, or both would wait for each other.
   */
  private offered({ offerId, sdp }: Extract<LegEvent, { type: 'offer' }>): void {
    if (this.mover.stage === 'asking') this.inner?.refuseOffer(offerId, 491, 'Request Pending');
    else if (this.mover.stage === 'pausing') void this.answerOffer(offerId, sdp);
    else this.turns.run(() => this.answerOffer(offerId, sdp));
  }

  /** Hold, another codec, another address: the endpoint follows, and nobody else need know. */
  private async answerOffer(offerId: number, sdp: string | null): Promise<void> {
    const { inner } = this;
    try {
      const answer = await this.anchor.answerTo(sdp);
      if (!this.isGone()) inner?.acceptOffer(offerId, answer);
    } catch {
      if (!this.isGone()) inner?.refuseOffer(offerId, 488, 'Not Acceptable Here');
    }
  }

  /** The endpoint died: another one, told to the far end where there is a dialog to tell it in. */
  private lost(reason: string): void {
    this.turns.run(async () => {
      const { inner } = this;
      // It may have been moved already, for its partner or by its answer.
      if (this.isGone() || inner === null || this.anchor.living() !== null) return;
      try {
        if (!this.established) this.detour = { server: null };
        else if (this.unanswered) await this.anchor.replace();
        else await this.mover.move(inner);
        if (!this.isGone()) this.ears.media({ type: 'mediaReset' });
      } catch {
        if (!this.isGone()) this.ears.media({ type: 'mediaLost', reason });
      }
    });
  }

  /** Its endpoint is given back whatever became of the dialog: at its last word, or else at the end of the call. */
  letGo(): void {
    if (this.isGone()) return;
    this.phase = 'gone';
    this.mover.stop();
    const { parting } = this;
    this.parting = null;
    if (parting === null) this.anchor.close();
    else void parting().finally(() => this.anchor.close());
  }

  private finish(last: LegEvent): void {
    if (this.isGone()) return;
    this.letGo();
    this.ears.listener(last);
  }
}
