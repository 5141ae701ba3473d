import { takesAudio } from '../../sip/answered-codecs.js';
import type { Endpoint, EndpointHandle, EndpointListener, Media } from '../../ports/media.js';
import type { AnchorEvent } from './anchored-ears.js';

/** What a leg needs of the world to have an endpoint. */
export interface AnchorParts {
  readonly media: Media;
  /** A key pressed at the far end; a recording of this endpoint that ended by itself. */
  readonly told: (event: Extract<AnchorEvent, { type: 'digit' | 'recordingStopped' }>) => void;
  /**
   * {@link Anchor.handle} names another endpoint. Once bridged, a media server keeps it though its engine is gone:
   * whoever inherits the call has to know of it.
   */
  readonly opened: () => void;
  /** The endpoint died; another one is for whoever holds the dialog to arrange. */
  readonly lost: (reason: string) => void;
  /** Server of the leg it will be bridged to, where there is one: neither has to move then. */
  readonly beside: (() => Promise<string>) | null;
}

/**
 * The endpoint of one leg: one at a time, opened again on another server when the first has died or is the wrong one.
 * Whoever asks for it while it is being opened waits; whoever asks when there is none is refused.
 */
export class Anchor {
  private current: Promise<Endpoint>;
  /** The endpoint that is there; `null` while it is being opened, and when it has died. */
  private alive: Endpoint | null = null;
  private closed = false;
  /** The endpoint that was there last. */
  private held: EndpointHandle | null = null;
  /** Its first words, where those were an offer: what it says later may be less. */
  private offered: Promise<string> | null = null;
  /** Events of an endpoint that was given up for another are nobody's any more. */
  private generation = 0;
  /** The far end's last session description, which the endpoint has. */
  private heard: string | null;

  constructor(
    private readonly parts: AnchorParts,
    offer: string | null,
  ) {
    this.heard = offer;
    this.current = this.opened(offer);
  }

  /** What another engine would have to let go. */
  get handle(): EndpointHandle | null {
    return this.held;
  }

  endpoint(): Promise<Endpoint> {
    return this.current;
  }

  /** The endpoint if it is there, and where it is wanted. */
  living(server?: string): Endpoint | null {
    return server === undefined || this.alive?.server === server ? this.alive : null;
  }

  /** What the far end answered, or said early. @returns it, or `null` when the endpoint could not use it */
  async take(sdp: string | null): Promise<string | null> {
    if (sdp === null || sdp === this.heard) return sdp;
    return this.fit(sdp).then(
      () => sdp,
      () => null,
    );
  }

  /** Gives the endpoint the answer to its own offer. Rejects when it is none. */
  async fit(answer: string): Promise<void> {
    const { offered } = this;
    await this.current;
    if (offered !== null && !takesAudio(answer, await offered))
      throw new Error('the far end answered without a codec it was offered');
    await this.answerTo(answer);
  }

  /** The endpoint's answer to an offer; to `null`, its own offer. */
  async answerTo(sdp: string | null): Promise<string> {
    const endpoint = await this.current;
    if (sdp === null) return endpoint.sdp;
    const answer = await endpoint.modify(sdp);
    this.heard = sdp;
    return answer;
  }

  /** Another endpoint for a far end that has not been told of the first. */
  replace(): Promise<Endpoint> {
    return this.reopen(this.heard);
  }

  /** The next endpoint, on this server where one is named; the one before is let go once it is there. */
  async reopen(offer: string | null, server?: string): Promise<Endpoint> {
    const before = this.current;
    this.heard = offer;
    const next = this.opened(offer, server);
    this.current = next;
    const endpoint = await next;
    void before.then((old) => old.close()).catch(() => undefined);
    return endpoint;
  }

  close(): void {
    this.closed = true;
    void this.current.then((endpoint) => endpoint.close()).catch(() => undefined);
  }

  private opened(offer: string | null, server?: string): Promise<Endpoint> {
    this.generation += 1;
    this.alive = null;
    const generation = this.generation;
    const opening = this.open(offer, server, this.listener(generation)).then((endpoint) => {
      if (this.closed) void endpoint.close();
      if (generation === this.generation) this.hold(endpoint);
      return endpoint;
    });
    this.offered = offer === null ? opening.then(({ sdp }) => sdp) : null;
    this.offered?.catch(() => undefined);
    // Whoever needs it is told; nobody may need it any more.
    opening.catch(() => undefined);
    return opening;
  }

  private hold(endpoint: Endpoint): void {
    this.alive = endpoint;
    this.held = endpoint.handle;
    if (!this.closed) this.parts.opened();
  }

  private async open(
    offer: string | null,
    server: string | undefined,
    listener: EndpointListener,
  ): Promise<Endpoint> {
    const { media, beside } = this.parts;
    if (server !== undefined) return media.open({ offer, server }, listener);
    const anywhere = (): Promise<Endpoint> => media.open({ offer }, listener);
    if (beside === null) return anywhere();
    return beside().then((near) => media.open({ offer, server: near }, listener).catch(anywhere), anywhere);
  }

  private listener(generation: number): EndpointListener {
    return (event) => {
      if (this.closed || generation !== this.generation) return;
      if (event.type === 'digit') this.parts.told({ type: 'digit', digit: event.digit });
      else if (event.type === 'recordingStopped') this.parts.told(event);
      else this.died(event.reason);
    };
  }

  private died(reason: string): void {
    this.alive = null;
    this.parts.lost(reason);
  }
}
