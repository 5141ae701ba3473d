import type { InfoBody } from '../../domain/effect.js';
import type { HeaderLine, ReferWay } from '../../domain/plan.js';
import type { DialogHandle, LegPort } from '../../ports/signalling.js';
import type { DialogIds } from '../../sip/replaces.js';

/** Passes what is asked of a leg to the one behind it; nothing happens while there is none yet. */
export abstract class LegThrough {
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
  ring(code: number, reason: string, sdp: string | null): void {
    this.inner?.ring(code, reason, sdp);
  }
  answer(sdp: string): void {
    this.inner?.answer(sdp);
  }
  reject(code: number, reason: string, headers: readonly HeaderLine[]): void {
    this.inner?.reject(code, reason, headers);
  }
  ack(sdp: string): void {
    this.inner?.ack(sdp);
  }
  reoffer(sdp: string): void {
    this.inner?.reoffer(sdp);
  }
  acceptOffer(offerId: number, sdp: string): void {
    this.inner?.acceptOffer(offerId, sdp);
  }
  refuseOffer(offerId: number, code: number, reason: string): void {
    this.inner?.refuseOffer(offerId, code, reason);
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
  abandon(): void {
    this.inner?.abandon();
  }
}
