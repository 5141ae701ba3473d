import { LegThrough } from './leg-through.js';

/** What an anchored leg passes to the SIP leg behind it as it is, and what of session descriptions goes no further. */
export abstract class LegBehind extends LegThrough {
  /** Every INVITE of ours carries its endpoint's offer. */
  override ack(): void {
    return undefined;
  }
  /** Who hears whom changes at the media server. */
  override reoffer(): void {
    return undefined;
  }
  /** Offers of the far end are answered by the endpoint. */
  override acceptOffer(): void {
    return undefined;
  }
  override refuseOffer(): void {
    return undefined;
  }
}
