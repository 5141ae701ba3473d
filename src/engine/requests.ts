import type { CallEvent } from '../domain/call-event.js';
import type { Effect } from '../domain/effect.js';
import type { DialTarget } from '../domain/plan.js';
import type { Admitted } from '../ports/places.js';
import { Claim, keptBack } from './claim.js';
import { performOnLeg } from './leg-effects.js';
import type { LegMaker } from './leg-maker.js';
import type { LegSlots } from './leg-slots.js';
import type { PostDial } from './post-dial.js';
import type { RunnerSetup } from './runner-owner.js';

type Dial = Extract<Effect, { type: 'dial' }>;
type Refer = Extract<Effect, { type: 'refer' }>;

/** What of the call's runner its requests need. */
export interface RequestsOwner {
  readonly legs: LegSlots;
  readonly maker: LegMaker;
  readonly postDial: PostDial;
  readonly setup: RunnerSetup;
  readonly hold: (trunk: string | null, target: string) => Admitted | Promise<Admitted>;
  readonly post: (event: CallEvent) => void;
}

/** Requests of a call that take a place on a trunk: INVITEs to targets, and REFERs. */
export class Requests {
  /** Gives back the place of the REFER that is under way, and waits no more for it; there is one at a time. */
  endReferral: () => void = () => undefined;

  constructor(private readonly owner: RequestsOwner) {}

  dial({ leg: name, target: wanted, sdp }: Dial): void {
    const { legs, maker, postDial, setup, hold, post } = this.owner;
    const { trunk } = wanted;
    const claim = new Claim(hold(trunk, wanted.label));
    const { refused } = claim;
    if (refused !== null) return post({ type: 'refused', leg: name, refusal: keptBack(refused) });
    const hops: DialTarget['headers'] = [['Max-Forwards', String(setup.maxForwards)]];
    const target = { ...wanted, headers: [...wanted.headers, ...hops] };
    const slot = maker.dialled(name, target, sdp, setup.allows(trunk), claim);
    slot.enterTrunk(claim.leave);
    legs.add(slot);
    if (wanted.postDial !== null) postDial.expect(slot, wanted.postDial);
  }

  refer(effect: Refer): void {
    const { leg, referral, way, label } = effect;
    const { legs, hold, post } = this.owner;
    const port = legs.port(leg);
    const claim = new Claim(hold(way.trunk, label));
    if (claim.refused === null) this.endReferral = claim.leave;
    claim.whenAnswered((place) => {
      if (!place.ok) return post({ type: 'referAnswered', leg, referral, refusal: keptBack(place) });
      this.endReferral = () => {
        claim.leave();
        port?.abandonRefer(referral);
      };
      if (port !== undefined) performOnLeg(port, effect);
    });
  }
}
