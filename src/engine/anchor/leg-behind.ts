import type { InfoBody } from '../../domain/effect.js';
import type { ReferWay } from '../../domain/plan.js';
import type { DialogHandle, LegPort } from '../../ports/signalling.js';
import type { DialogIds } from '../../sip/replaces.js';

/** What an anchored leg passes to the SIP leg behind it as it is; nothing happens while there is none yet. */
export abstract class LegBehind {
  protected inner: LegPort | null = null;

  get sipCallId(): string | null {
    return this.inner?.sipCallId ?? null;
  }
  get dialog(): DialogIds | null {
    return this.inner?.dialog ?? null;
  }
  get handle(): DialogHandle | null {
    return this.inner?.handle ?? null;
  }
  refer(referral: number, request: ReferWay): void {
    this.inner?.refer(referral, request);
  }
  abandonRefer(referral: number): void {
    this.inner?.abandonRefer(referral);
  }
  acceptRefer(referId: number): void {
    this.inner?.acceptRefer(referId);
  }
  refuseRefer(referId: number, code: number, reason: string): void {
    this.inner?.refuseRefer(referId, code, reason);
  }
  notifyRefer(referId: number, code: number, reason: string, final: boolean): void {
    this.inner?.notifyRefer(referId, code, reason, final);
  }
  info(body: InfoBody): void {
    this.inner?.info(body);
  }
  speaksFrom(address: string): boolean {
    return this.inner?.speaksFrom(address) ?? false;
  }

  /** Every INVITE of ours carries its endpoint's offer. */
  ack(): void {
    return undefined;
  }
  /** Who hears whom changes at the media server. */
  reoffer(): void {
    return undefined;
  }
  /** Offers of the far end are answered by the endpoint. */
  acceptOffer(): void {
    return undefined;
  }
  refuseOffer(): void {
    return undefined;
  }
}
