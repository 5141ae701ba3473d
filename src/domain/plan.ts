import type { SessionId, TransferId } from './ids.js';
import type { Outcome } from './outcome.js';

/** A header as it will stand on the wire: name with its case kept, value free of CR, LF and NUL. */
export type HeaderLine = readonly [name: string, value: string];

/** Where one attempt goes and what it carries; everything resolved, nothing left to look up. */
export interface DialTarget {
  /** The target as the user wrote it: shown in events, and the `number` of the transfer status. */
  readonly label: string;
  /** Request-URI. */
  readonly uri: string;
  /** Where the request is sent when not to the Request-URI's own host: a trunk's `proxy`. */
  readonly route: string | null;
  readonly trunk: string | null;
  readonly from: Identity;
  readonly headers: readonly HeaderLine[];
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

export interface Message {
  readonly text?: string;
  readonly file?: string;
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

/** A transfer command after every border check and every layer of configuration: what `step` works on. */
export interface TransferPlan {
  readonly id: TransferId;
  readonly sessionId: SessionId;
  readonly method: 'invite';
  readonly targets: readonly [DialTarget, ...DialTarget[]];
  readonly ringTimeoutMs: number;
  /** Bring the caller back to the bot when the agent leaves (JAICP `continueCall`). */
  readonly returnToBot: boolean;
  readonly onFailure: readonly FallbackRule[];
  /** When no rule matches and no target is left: leave the caller with the bot, or end the call. */
  readonly otherwise: 'stay' | 'end';
  /** How long a caller may hear nothing when the bot left while the target still rings. */
  readonly callerSilenceMs: number;
  readonly reason: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
}
