import type { InfoBody } from '../../domain/effect.js';
import type { HeaderLine, ReferWay } from '../../domain/plan.js';
import type { LadderTap } from '../../ports/ladder.js';
import type { DialogHandle, LegListener, LegPort } from '../../ports/signalling.js';
import type { DialogIds } from '../../sip/replaces.js';

/** A leg that knows on which of several servers it is: others of its call belong there too, and so does its handle. */
export class LegOnServer implements LegPort {
  constructor(
    /** Its name. */
    readonly server: string,
    private readonly inner: LegPort,
  ) {}

  get sipCallId(): string | null {
    return this.inner.sipCallId;
  }
  get dialog(): DialogIds | null {
    return this.inner.dialog;
  }
  get handle(): DialogHandle | null {
    const { handle } = this.inner;
    return handle === null ? null : handleOn(this.server, handle);
  }
  ring(code: number, reason: string, sdp: string | null): void {
    this.inner.ring(code, reason, sdp);
  }
  answer(sdp: string): void {
    this.inner.answer(sdp);
  }
  reject(code: number, reason: string, headers: readonly HeaderLine[]): void {
    this.inner.reject(code, reason, headers);
  }
  cancel(headers: readonly HeaderLine[]): void {
    this.inner.cancel(headers);
  }
  ack(sdp: string): void {
    this.inner.ack(sdp);
  }
  bye(headers: readonly HeaderLine[]): void {
    this.inner.bye(headers);
  }
  reoffer(sdp: string): void {
    this.inner.reoffer(sdp);
  }
  acceptOffer(offerId: number, sdp: string): void {
    this.inner.acceptOffer(offerId, sdp);
  }
  refuseOffer(offerId: number, code: number, reason: string): void {
    this.inner.refuseOffer(offerId, code, reason);
  }
  refer(referral: number, request: ReferWay): void {
    this.inner.refer(referral, request);
  }
  abandonRefer(referral: number): void {
    this.inner.abandonRefer(referral);
  }
  acceptRefer(referId: number): void {
    this.inner.acceptRefer(referId);
  }
  refuseRefer(referId: number, code: number, reason: string): void {
    this.inner.refuseRefer(referId, code, reason);
  }
  notifyRefer(referId: number, code: number, reason: string, final: boolean): void {
    this.inner.notifyRefer(referId, code, reason, final);
  }
  info(body: InfoBody): void {
    this.inner.info(body);
  }
  speaksFrom(address: string): boolean {
    return this.inner.speaksFrom(address);
  }
  rebind(listener: LegListener, tap: LadderTap): void {
    this.inner.rebind(listener, tap);
  }
  abandon(): void {
    this.inner.abandon();
  }
}

/** A handle that says which server has the dialog: names have no blanks. */
const handleOn = (server: string, handle: DialogHandle): DialogHandle =>
  `${server} ${handle}` as DialogHandle;

/** `null`: made by an engine that had one server only. */
export function takeApart(handle: DialogHandle): {
  readonly server: string | null;
  readonly handle: DialogHandle;
} {
  const [, server, rest] = /^([^ {]+) (.*)$/s.exec(handle) ?? [];
  if (server === undefined || rest === undefined) return { server: null, handle };
  return { server, handle: rest as DialogHandle };
}
