import type { FallbackRule } from './plan.js';

/** What the configuration says about the world, resolved and checked: the shapes routing works on. */
export interface Settings {
  readonly trunks: ReadonlyMap<string, Trunk>;
  readonly channels: ReadonlyMap<string, Channel>;
  readonly policy: Policy;
  readonly transfer: TransferDefaults;
}

export interface Trunk {
  readonly name: string;
  /** Sources in CIDR form; a request from elsewhere gets no answer. */
  readonly allow: readonly string[];
  /** Where calls to this network go: a SIP URI without user part; `null` = inbound only. */
  readonly proxy: string | null;
  readonly auth: { readonly username: string; readonly password: string } | null;
  readonly numberFormat: 'raw' | 'e164' | 'plainE164' | `national(${string})`;
  readonly callerId: CallerIdPolicy;
}

export interface CallerIdPolicy {
  /** caller: the caller's number is shown; bot: the number the caller dialled; fixed: `number`; anonymous. */
  readonly policy: 'caller' | 'bot' | 'fixed' | 'anonymous';
  readonly number: string | null;
}

export interface Channel {
  /** Its key in the configuration: the id JAICP's `transferChannel` names. */
  readonly id: string;
  readonly match: { readonly trunk: string | null; readonly did: readonly string[] };
  /** Trunk for calls this channel makes. */
  readonly trunk: string | null;
  readonly media: 'direct' | 'anchored';
  readonly bot: SipBot;
  readonly events: EventSink | null;
  /** This channel's own layer over {@link Settings.transfer}. */
  readonly transfer: Partial<TransferDefaults>;
  /** How long the bot may take to answer the caller's INVITE. */
  readonly answerTimeoutMs: number;
}

export interface SipBot {
  readonly kind: 'sip';
  readonly uri: string;
}

/** Where a channel's events go. */
export interface EventSink {
  readonly url: string;
  readonly dialect: 'native' | 'jaicp';
  /** Standard Webhooks secret, `whsec_<base64>`; `null` = unsigned. */
  readonly secret: string | null;
}

export interface Policy {
  /** Hosts a SIP URI target may name; `null` = only hosts the configuration itself names. */
  readonly allowHosts: readonly string[] | null;
}

export interface TransferDefaults {
  readonly ringTimeoutMs: number;
  readonly returnToBot: boolean;
  readonly onFailure: readonly FallbackRule[];
  readonly callerSilenceMs: number;
}
