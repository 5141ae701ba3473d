import type { SessionId, TransferId } from './ids.js';
import type { Outcome } from './outcome.js';

/** A header as it will stand on the wire: name with its case kept, value free of CR, LF and NUL. */
export type HeaderLine = readonly [name: string, value: string];

/** Where one INVITE goes and what it carries; everything resolved, nothing left to look up. */
export interface DialTarget {
  /** What it is called in events: the target as the user wrote it, or the member of a queue. */
  readonly label: string;
  /** Request-URI. */
  readonly uri: string;
  /** Where the request is sent when not to the Request-URI's own host: a trunk's `proxy`. */
  readonly route: string | null;
  readonly trunk: string | null;
  readonly from: Identity;
  readonly headers: readonly HeaderLine[];
  /** Digits sent once it has answered (RFC 6086 INFO), where the trunk takes them; `null` = none. */
  readonly postDial: string | null;
  readonly auth: { readonly username: string; readonly password: string } | null;
}

/** The From of an outgoing INVITE. */
export interface Identity {
  readonly user: string | null;
  readonly display: string | null;
  /** Host part; `null` = our own address. */
  readonly host: string | null;
}

/** What a fallback rule looks at: an outcome, a SIP code, a class such as `4xx`, or anything. */
export type FailureMatch = Outcome | `${number}` | `${number}xx` | '*';

/** Something said to a party: text to be spoken, a sound file of ours, or one behind an http(s) URL. Exactly one of them. */
export interface Message {
  readonly text?: string;
  readonly file?: string;
  readonly audioUri?: string;
}

/** What an anchored call lets its parties hear around a transfer; layered like every other setting of `transfer`. */
export interface TransferSounds {
  /**
   * What the caller hears while a target is sought: its bot (or, with nobody there, as `early`), a ringback tone, the
   * target's own early media (ringback until there is some), or music.
   */
  readonly waiting: 'bot' | 'ringback' | 'early' | { readonly music: string };
  /** Played to the caller before the first attempt; of several, one at random. */
  readonly announce: readonly Message[];
  /** Played to the agent alone, before it meets the caller. */
  readonly whisper: Message | null;
  /** The agent must press this key before it gets the caller; any other key, or none in time, declines. */
  readonly confirm: AgentConfirm | null;
  /** A step with three in a conference, caller, agent and bot, before the bot leaves. */
  readonly warm: WarmStep | null;
  /** An agent's key that ends its conversation and brings the caller back. */
  readonly returnKey: string | null;
}

export interface AgentConfirm {
  readonly key: string;
  /** Played in a loop until a key comes. */
  readonly message: Message | null;
  readonly timeoutMs: number;
}

export interface WarmStep {
  /** Played to caller and agent, for a bot that cannot introduce them itself. */
  readonly introduction: Message | null;
  /** The agent's key that ends the step. */
  readonly key: string;
  readonly maxMs: number;
}

/** One row of `onFailure` (CONTRACT 2). First match wins. */
export interface FallbackRule {
  readonly match: readonly FailureMatch[];
  /** Narrows the rule to one target, by its label. */
  readonly target?: string;
  /** Narrows the rule to one attempt number. */
  readonly attempt?: number;
  readonly action: FallbackAction;
}

export type FallbackAction =
  | { readonly kind: 'next' }
  | { readonly kind: 'retry'; readonly afterMs: number; readonly times: number }
  | { readonly kind: 'play'; readonly message: Message }
  | { readonly kind: 'goto'; readonly node: string; readonly message: Message | null }
  | { readonly kind: 'end'; readonly message: Message | null };

/** Why a later way to the same target is tried after an earlier one; the first way has no such reason. */
export type WayReason =
  /** 403 to the caller's own number: the same call once more with the business number. */
  | 'caller_id_refused'
  /** The trunk could not carry the call (5xx, nobody there): another one. */
  | 'trunk_failed'
  /** The far end does not do REFER: INVITE instead, announced by `transfer.degraded`. */
  | 'method_refused';

/** One way of making the transfer to one target; everything resolved, nothing left to look up. */
export type Way = InviteWay | ReferWay | ByeWay;

interface AnyWay {
  /** `null` for the way tried first. */
  readonly after: WayReason | null;
  /** For events and limits: the trunk the request goes to. */
  readonly trunk: string | null;
}

/** A new leg; several branches ring together and the first to answer has the caller. */
export interface InviteWay extends AnyWay {
  readonly method: 'invite';
  readonly branches: readonly [DialTarget, ...DialTarget[]];
}

/** REFER inside the caller's dialog (RFC 3515): the caller's own network makes the call. */
export interface ReferWay extends AnyWay {
  readonly method: 'refer';
  /** Value of Refer-To, in angle brackets, with any headers inside the URI already escaped. */
  readonly referTo: string;
  /** Value of Referred-By (RFC 3892), or none. */
  readonly referredBy: string | null;
  readonly headers: readonly HeaderLine[];
  /** Answers one 401 or 407. */
  readonly auth: { readonly username: string; readonly password: string } | null;
}

/** BYE inside the caller's dialog, whose headers tell the network in front of us what to do with the caller. */
export interface ByeWay extends AnyWay {
  readonly method: 'bye';
  readonly headers: readonly HeaderLine[];
}

/** One target of a transfer and the ways to it, in the order in which they may be tried. */
export interface Target {
  /** The target as the user wrote it: shown in events, and the `number` of the transfer status. */
  readonly label: string;
  readonly ways: readonly [Way, ...Way[]];
  /** A limit below the plan's, a queue's own; absent = the plan's. */
  readonly ringTimeoutMs?: number;
  /** Within a queue: when this member fails the next target is tried, whatever the rules say of the queue. */
  readonly huntsOn?: true;
  /** Sound file a caller hears while this target rings, a queue's own; absent = as {@link TransferSounds.waiting} says. */
  readonly music?: string;
}

/** The four timers of a REFER; `ringTimeoutMs` of the plan is the fourth (first NOTIFY to the final one). */
export interface ReferTimers {
  /** REFER to its final response. */
  readonly responseMs: number;
  /** Its 2xx to the first NOTIFY. */
  readonly firstNotifyMs: number;
  /** REFER to the final NOTIFY. */
  readonly totalMs: number;
  /** Final 2xx NOTIFY to the far end's BYE; then we send one. */
  readonly departMs: number;
}

/** A transfer command after every border check and every layer of configuration: what `step` works on. */
export interface TransferPlan {
  readonly id: TransferId;
  readonly sessionId: SessionId;
  /** As asked for; what an attempt really does is its way's `method`. */
  readonly method: 'auto' | 'invite' | 'refer' | 'bye';
  readonly targets: readonly [Target, ...Target[]];
  readonly ringTimeoutMs: number;
  readonly refer: ReferTimers;
  /** Bring the caller back to the bot when the agent leaves (JAICP `continueCall`). */
  readonly returnToBot: boolean;
  readonly onFailure: readonly FallbackRule[];
  /** When no rule matches and no target is left: leave the caller with the bot, or end the call. */
  readonly otherwise: 'stay' | 'end';
  /** How long a caller may hear nothing when the bot left while the target still rings. */
  readonly callerSilenceMs: number;
  /** What is heard around it; `null`: media is direct, and nobody of ours can be heard. */
  readonly sounds: TransferSounds | null;
  /** Record the conversation with the agent, and the bot again after a return (JAICP `continueRecording`). */
  readonly continueRecording: boolean;
  readonly reason: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** A transfer that may not be made: told to the bot as any other, and nothing leaves. */
export interface RefusedPlan extends Pick<
  TransferPlan,
  'id' | 'sessionId' | 'method' | 'reason' | 'metadata'
> {
  /** Labels, as the user wrote them. */
  readonly targets: readonly string[];
  readonly outcome: Outcome;
  /** What is wrong and, where there is one, the way out. */
  readonly why: string;
}

/** What an anchored transfer sounds like when nothing is said about it. */
export const PLAIN_SOUNDS: TransferSounds = {
  waiting: 'bot',
  announce: [],
  whisper: null,
  confirm: null,
  warm: null,
  returnKey: null,
};
