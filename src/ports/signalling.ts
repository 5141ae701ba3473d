import type { DialTarget, HeaderLine } from '../domain/plan.js';
import type { Refusal } from '../domain/outcome.js';
import type { LadderTap } from './ladder.js';

/**
 * SIP as the engine sees it: legs that are asked and that tell. No method returns a promise: what a request
 * came to arrives as a {@link LegEvent}, and the engine keeps the deadline (a drachtio promise may never settle).
 *
 * Promise of an adapter, checked by the contract suite: after `dial` or an accepted offer, exactly one of
 * `refused`, `hungUp`, `closed`, `lost` ends the leg, and nothing comes after it.
 */
export interface Signalling {
  /** Connects to the SIP server and starts to take calls. Rejects when it cannot, naming the address. */
  start(handler: SignallingHandler): Promise<SignallingInfo>;
  dial(request: DialRequest, listener: LegListener): LegPort;
  /** True while the SIP server's link is up. */
  connected(): boolean;
  stop(): Promise<void>;
}

export interface SignallingInfo {
  /** `embedded` or `host:port` of a drachtio-server. */
  readonly server: string;
  /** `udp:127.0.0.1:5060` ... where SIP is received. */
  readonly listening: readonly string[];
}

export interface SignallingHandler {
  /** A caller. The answer must come in the same tick: a listener, or what to do instead. */
  offered(offer: IncomingOffer, leg: LegPort): AcceptedOffer | Unwanted;
  /** The link to the SIP server went away: every dialog on it is lost (each leg also gets `lost`). */
  linkDown(): void;
  linkUp(): void;
}

export interface AcceptedOffer {
  readonly listener: LegListener;
  readonly tap: LadderTap;
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

export interface DialRequest {
  readonly target: DialTarget;
  /** Told every SIP message of the leg. */
  readonly tap: LadderTap;
  /** `null`: invite without an offer; the 2xx then carries one and {@link LegPort.ack} the answer. */
  readonly sdp: string | null;
}

/** What the engine may ask of a leg. Asking something a leg is no longer fit for is harmless and ignored. */
export interface LegPort {
  /** SIP Call-ID, `null` until known. */
  readonly sipCallId: string | null;
  /** 18x towards the caller. */
  ring(code: number, reason: string, sdp: string | null): void;
  /** 200 towards the caller; `acked` follows when the ACK brought a body. */
  answer(sdp: string): void;
  /** Final failure towards the caller; `closed` follows. */
  reject(code: number, reason: string, headers: readonly HeaderLine[]): void;
  /** CANCEL of our INVITE; `refused` or, if it crosses, `answered` follows. */
  cancel(): void;
  /** ACK with our answer after an offerless INVITE. */
  ack(sdp: string): void;
  /** BYE; `closed` follows, whatever the far end says. */
  bye(headers: readonly HeaderLine[]): void;
  /** re-INVITE with an offer; `reofferAccepted` or `reofferRefused` follows. */
  reoffer(sdp: string): void;
  /** 200 to the peer's re-INVITE or UPDATE. */
  acceptOffer(offerId: number, sdp: string): void;
  refuseOffer(offerId: number, code: number, reason: string): void;
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
  /** Our own BYE or rejection is through (or was given up). */
  | { readonly type: 'closed' }
  /** The SIP server's link broke: the dialog is out of reach. */
  | { readonly type: 'lost' }
  /** The peer's re-INVITE or UPDATE; answer with `acceptOffer` or `refuseOffer`. `sdp: null`: it asks us to offer. */
  | { readonly type: 'offer'; readonly offerId: number; readonly sdp: string | null }
  | { readonly type: 'reofferAccepted'; readonly sdp: string | null }
  | { readonly type: 'reofferRefused'; readonly refusal: Refusal };
