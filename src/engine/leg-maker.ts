import type { LegId } from '../domain/ids.js';
import type { DialTarget } from '../domain/plan.js';
import type { LadderEntry, LadderTap } from '../ports/ladder.js';
import type {
  DialRequest,
  HeaderReader,
  LegEvent,
  LegListener,
  LegPort,
  ResumeRequest,
} from '../ports/signalling.js';
import { anchorsOf, type AnchoredEars, type AnchorEvent } from './anchor/anchored-ears.js';
import { AnchoredLeg } from './anchor/anchored-leg.js';
import type { Claim } from './claim.js';
import { LegInLine } from './leg-in-line.js';
import { Slot } from './leg-slots.js';
import type { EngineParts } from './parts.js';
import type { SavedLeg } from './snapshot/snapshot.js';

/** Messages kept per call: enough for many transfers, bounded for a phone that re-INVITEs for ever. */
const MAX_LADDER = 1000;

/** Whom legs tell: the call's runner, with the slot that has their name by then. */
export interface LegEars {
  heard(slot: Slot, event: LegEvent): void;
  media(slot: Slot, event: AnchorEvent): void;
  responded(slot: Slot, header: HeaderReader): void;
}

/** Makes the legs of one call, bare, or with an endpoint at a media server, and keeps the ladder of what they say. */
export class LegMaker {
  readonly ladder: LadderEntry[] = [];
  /** The leg the others will be bridged to. */
  private caller: Slot | null = null;
  /** Its port at the SIP server. */
  private callersPort: LegPort | null = null;

  constructor(
    private readonly media: 'direct' | 'anchored',
    private readonly parts: Pick<EngineParts, 'signalling' | 'media' | 'clock' | 'random'>,
    private readonly ears: LegEars,
  ) {}

  /** A leg that is there already: the adapter tells what `hears` is given. */
  received(name: LegId, trunk: string | null, port: LegPort, sdp: string | null): Slot {
    const anchors = anchorsOf(this.media, this.parts, null);
    this.callersPort = port;
    this.caller = new Slot(name, trunk, (place) =>
      anchors === null ? port : AnchoredLeg.received(anchors, this.earsOf(place), port, sdp),
    );
    return this.caller;
  }

  dialled(
    name: LegId,
    target: DialTarget,
    sdp: string | null,
    allows: DialRequest['allows'],
    claim: Claim,
  ): Slot {
    const caller = this.caller?.anchor;
    const beside = caller === undefined ? null : () => caller.endpoint().then(({ server }) => server);
    const anchors = anchorsOf(this.media, this.parts, beside);
    return new Slot(name, target.trunk, (place) => {
      const call = (offer: string | null, listener: LegListener): LegPort => {
        const request = this.request(target, offer, place, allows);
        const { signalling } = this.parts;
        if (claim.holds) return signalling.dial(request, listener);
        return new LegInLine(claim, request, listener, signalling);
      };
      return anchors === null
        ? call(sdp, this.listener(place))
        : AnchoredLeg.dialled(anchors, this.earsOf(place), call);
    });
  }

  /**
   * A leg of an engine that is gone, without an endpoint whatever the call's media is: that one went with its engine.
   * `first` is told its first word, whether it could be had; the rest the call.
   */
  resumed(leg: SavedLeg, how: Omit<ResumeRequest, 'tap'>, first: LegListener): Slot {
    const slot: Slot = new Slot(leg.name, leg.trunk, (place) => {
      const rest = this.listener(place);
      let told = (event: LegEvent): void => {
        told = rest;
        first(event);
      };
      return this.parts.signalling.resume({ ...how, tap: this.tap(place) }, (event) => told(event));
    });
    slot.column = leg.column;
    if (leg.name === 'caller') this.callersPort = slot.port;
    return slot;
  }

  private request(
    target: DialTarget,
    sdp: string | null,
    slot: Slot,
    allows: DialRequest['allows'],
  ): DialRequest {
    const beside = this.callersPort === null ? {} : { beside: this.callersPort };
    const responded = (header: HeaderReader): void => this.ears.responded(slot, header);
    return { target, sdp, tap: this.tap(slot), responded, allows, ...beside };
  }

  /** What the signalling adapter is to tell about a received leg. */
  hears(slot: Slot): { readonly listener: LegListener; readonly tap: LadderTap } {
    return { listener: slot.anchor?.hear ?? this.listener(slot), tap: this.tap(slot) };
  }

  /** A leg of another call tells this one from now on. */
  adopt(slot: Slot): void {
    slot.port.rebind(this.listener(slot), this.tap(slot));
    slot.anchor?.rebindMedia(this.earsOf(slot).media);
  }

  private listener(slot: Slot): LegListener {
    return (event) => this.ears.heard(slot, event);
  }

  private earsOf(slot: Slot): AnchoredEars {
    return { listener: this.listener(slot), media: (event) => this.ears.media(slot, event) };
  }

  private tap(slot: Slot): LadderTap {
    return (direction, text, sdp, peer) => {
      if (this.ladder.length < MAX_LADDER)
        this.ladder.push({ at: this.parts.clock.now(), leg: slot.column, direction, text, sdp, peer });
    };
  }
}
