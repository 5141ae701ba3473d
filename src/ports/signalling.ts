import type { DialTarget, HeaderLine, ReferWay } from '../domain/plan.js';
import type { InfoBody } from '../domain/effect.js';
import type { DialogIds } from '../sip/replaces.js';
import type { Refusal } from '../domain/outcome.js';
import type { LadderTap } from './ladder.js';

/**
 * SIP as the engine sees it: legs that are asked and that tell. No method returns a promise: what a request
 * came to arrives as a {@link LegEvent}, and the engine keeps the deadline (a drachtio promise may never settle).
 *
 * Promise of an adapter, checked by the contract suite: after `dial`, `resume` or an accepted offer, exactly one of
 * `refused`, `hungUp`, `closed`, `lost` ends the leg, and nothing comes after it.
 *
 * A 401 or 407 to any request towards a trunk is answered once, with the trunk's credentials, and the second is final.
 *
 * In-dialog requests are only taken from where the dialog lives: a request from another source than the far end's
 * (its trunk's addresses, or the one its messages came from) is answered 481 and told to nobody (S-2).
 */
export interface Signalling {
  /** Connects to the SIP server and starts to take calls. Rejects when it cannot, naming the address. */
  start(handler: SignallingHandler): Promise<SignallingInfo>;
  dial(request: DialRequest, listener: LegListener): LegPort;
  /**
   * A leg of a process that is gone. `resumed` follows when the SIP server still has the dialog and hands it over, `lost`
   * otherwise; the far end hears nothing of either. An offer or a REFER that was under way is not known any more: the
   * far end is refused, or asks again. An INVITE nobody has answered cannot be taken over, only ended: by its handle ours
   * is cancelled, a caller's is refused with 503, and `lost` is told.
   */
  resume(request: ResumeRequest, listener: LegListener): LegPort;
  /**
   * New calls are for other engines on the same SIP servers from now on. Where there are none, a server refuses them by
   * itself; one that is offered all the same must still be answered.
   */
  declineCalls(): void;
  /** True while the link to a SIP server is up. */
  connected(): boolean;
  /** The SIP servers there are, in the order of the configuration. */
  servers(): readonly ServerState[];
  stop(): Promise<void>;
}

export interface ServerState {
  /** `embedded` or `host:port`. */
  readonly name: string;
  readonly up: boolean;
}

export interface SignallingInfo {
  /** `embedded` or `host:port` of a drachtio-server; of several, with commas between. */
  readonly server: string;
  /** `udp:127.0.0.1:5060` ... where SIP is received. */
  readonly listening: readonly string[];
}

export interface SignallingHandler {
  /** A caller. The answer must come in the same tick: a listener, or what to do instead. */
  offered(offer: IncomingOffer, leg: LegPort): AcceptedOffer | Unwanted;
  /** The last link to a SIP server went away: every dialog is lost (each leg also gets `lost`). */
  linkDown(): void;
  linkUp(): void;
  /** Where SIP is received from now on: a server that was away at the start has come. */
  listeningOn?(listening: readonly string[]): void;
}

export interface AcceptedOffer {
  readonly listener: LegListener;
  /** As in {@link DialRequest}. */
  readonly allows: (address: string) => boolean;
  readonly tap: LadderTap;
  /** Answers a challenge of our requests in the dialog; `null`: the caller's trunk has no credentials of ours. */
  readonly auth: DialTarget['auth'];
}

/** `ignore`: no answer at all (an unknown source learns nothing); otherwise the final response to send. */
export type Unwanted =
  | {
      readonly refuse: {
        readonly code: number;
        readonly reason: string;
        readonly headers?: readonly HeaderLine[];
      };
    }
  | 'ignore';

export interface IncomingOffer {
  readonly sipCallId: string;
  readonly requestUri: { readonly user: string; readonly host: string; readonly text: string };
  readonly from: { readonly user: string; readonly host: string; readonly display: string | null };
  readonly to: { readonly user: string; readonly host: string };
  /** Where the packet came from. */
  readonly source: {
    readonly address: string;
    readonly port: number;
    readonly transport: 'udp' | 'tcp' | 'tls';
  };
  /** `null`: an INVITE without an offer (RFC 3261 13.2.1, late offer). */
  readonly sdp: string | null;
  /** Headers of the INVITE as received; names lower-case, value of the first when repeated. */
  header(name: string): string | undefined;
  /** Custom headers (`X-*`) in order, case kept. */
  readonly customHeaders: readonly HeaderLine[];
}

/** First value of a header of a message, by its long name in any case. */
export type HeaderReader = (name: string) => string | undefined;

export interface DialRequest {
  readonly target: DialTarget;
  /** Told every SIP message of the leg. */
  readonly tap: LadderTap;
  /** Told the headers of every response to the INVITE up to its 2xx, before what it means. */
  readonly responded?: (header: HeaderReader) => void;
  /** Whether an in-dialog request may come from this address, besides the one the far end's messages come from. */
  readonly allows: (address: string) => boolean;
  /** `null`: invite without an offer; the 2xx then carries one and {@link LegPort.ack} the answer. */
  readonly sdp: string | null;
  /** A leg of the same call: of several SIP servers, the one that has it is taken while it is up. */
  readonly beside?: LegPort;
}

/**
 * What another process needs to have a leg: JSON of the adapter's own making, with no secret in it. Good for every
 * engine that is connected to the same SIP server.
 */
export type DialogHandle = string & { readonly __brand: 'DialogHandle' };

export interface ResumeRequest {
  readonly handle: DialogHandle;
  readonly tap: LadderTap;
  /** As in {@link DialRequest}. */
  readonly allows: (address: string) => boolean;
  /** Answers a challenge of our requests in the dialog; `null`: the leg's trunk has no credentials of ours. */
  readonly auth: DialTarget['auth'];
}

/** What the engine may ask of a leg. Asking something a leg is no longer fit for is harmless and ignored. */
export interface LegPort {
  /** SIP Call-ID, `null` until known. */
  readonly sipCallId: string | null;
  /** The dialog as a Replaces header would name it (RFC 3891 3), `null` until it has both tags. */
  readonly dialog: DialogIds | null;
  /**
   * For {@link Signalling.resume}, as of now: it changes with what is agreed in the dialog. `null` while there is
   * nothing another process could do anything with: an INVITE that is not sent yet, a leg that has ended.
   */
  readonly handle: DialogHandle | null;
  /** 18x towards the caller. */
  ring(code: number, reason: string, sdp: string | null): void;
  /** 200 towards the caller; `acked` follows when the ACK brought a body. */
  answer(sdp: string): void;
  /** Final failure towards the caller; `closed` follows. */
  reject(code: number, reason: string, headers: readonly HeaderLine[]): void;
  /** CANCEL of our INVITE; `refused` or, if it crosses, `answered` follows. */
  cancel(headers: readonly HeaderLine[]): void;
  /** ACK with our answer after an offerless INVITE. */
  ack(sdp: string): void;
  /** BYE; `closed` follows, whatever the far end says. */
  bye(headers: readonly HeaderLine[]): void;
  /** re-INVITE with an offer; `reofferAccepted` or `reofferRefused` follows. */
  reoffer(sdp: string): void;
  /** 200 to the peer's re-INVITE or UPDATE. */
  acceptOffer(offerId: number, sdp: string): void;
  refuseOffer(offerId: number, code: number, reason: string): void;
  /**
   * REFER (RFC 3515); one `referAnswered` follows, and after a 2xx any number of `notified`. `referral` is the
   * engine's own number of it, which those events carry. One 401 or 407 is answered with `auth`.
   */
  refer(referral: number, request: ReferWay): void;
  /** The engine waits no more for word on this REFER, which therefore holds no `hungUp` back. */
  abandonRefer(referral: number): void;
  /** 202 to the far end's REFER, and, unless it wants none, the first NOTIFY (`100 Trying`). */
  acceptRefer(referId: number): void;
  refuseRefer(referId: number, code: number, reason: string): void;
  /** NOTIFY with a sipfrag of this status; `final` ends the subscription. Nothing when none is wanted or it is over. */
  notifyRefer(referId: number, code: number, reason: string, final: boolean): void;
  /** INFO with this body; what the far end answers is of no consequence. */
  info(body: InfoBody): void;
  /** Whether the far end of this leg is one that speaks from this address. */
  speaksFrom(address: string): boolean;
  /** From now on this listener and this tap are told: the leg has moved to another call. */
  rebind(listener: LegListener, tap: LadderTap): void;
  /** Another process has the leg: nothing more is said in it, not even of its own accord, and nothing told. */
  abandon(): void;
}

/** A REFER as it came, its headers unparsed (S-5: the parsers are the engine's). */
export interface IncomingRefer {
  /** Address it came from. */
  readonly source: string;
  /** Value of Refer-To or `r`. */
  readonly referTo: string;
  /** Value of Referred-By or `b`, `null` when absent. */
  readonly referredBy: string | null;
  /** Custom headers (`X-*`) in order, case kept. */
  readonly customHeaders: readonly HeaderLine[];
}

export type LegListener = (event: LegEvent) => void;

/** What a leg tells. SDP bodies are as received, unchecked. */
export type LegEvent =
  | { readonly type: 'progress'; readonly code: number; readonly reason: string; readonly sdp: string | null }
  | { readonly type: 'answered'; readonly sdp: string | null }
  | { readonly type: 'refused'; readonly refusal: Refusal }
  /** ACK of a 2xx of ours that carried a body: the answer to a late offer. */
  | { readonly type: 'acked'; readonly sdp: string }
  /** BYE, or CANCEL of an unanswered INVITE, from the far end. */
  | {
      readonly type: 'hungUp';
      readonly q850: number | null;
      readonly reason: string | null;
      readonly headers: readonly HeaderLine[];
    }
  /** Our own BYE or rejection is through: `code` of the response, `null` when none came. */
  | { readonly type: 'closed'; readonly code: number | null }
  /** The far end's final word on our REFER itself; `refusal: null` = 2xx (202, or 200 from old stacks). */
  | { readonly type: 'referAnswered'; readonly referral: number; readonly refusal: Refusal | null }
  /**
   * NOTIFY of a REFER of ours. `status`: the sipfrag's, `null` without a readable one. A BYE that overtakes the
   * final NOTIFY is told after it, or after a second without one; at once when the REFER was abandoned.
   */
  | {
      readonly type: 'notified';
      readonly referral: number;
      readonly status: { readonly code: number; readonly reason: string } | null;
      /** Subscription-State: terminated. */
      readonly terminated: boolean;
    }
  /** The far end's REFER; answer with `acceptRefer` or `refuseRefer`. */
  | { readonly type: 'referred'; readonly referId: number; readonly request: IncomingRefer }
  /** INFO with a body; already answered 200. */
  | { readonly type: 'info'; readonly info: InfoBody }
  /** The SIP server's link broke, or it has a dialog no more that was to be resumed: the dialog is out of reach. */
  | { readonly type: 'lost' }
  /** First word of a resumed leg: its dialog is this process's now. */
  | { readonly type: 'resumed' }
  /**
   * Nothing has happened but that {@link LegPort.handle} names more than it did: our INVITE is sent, or sent once more;
   * our answer has made the dialog. Whoever writes it down does so now.
   */
  | { readonly type: 'handleChanged' }
  /** The peer's re-INVITE or UPDATE; answer with `acceptOffer` or `refuseOffer`. `sdp: null`: it asks us to offer. */
  | { readonly type: 'offer'; readonly offerId: number; readonly sdp: string | null }
  | { readonly type: 'reofferAccepted'; readonly sdp: string | null }
  | { readonly type: 'reofferRefused'; readonly refusal: Refusal };
