import type { CommandTarget } from './command.js';
import type { FallbackRule, Message, ReferTimers, TransferSounds } from './plan.js';

/** What the configuration says about the world, resolved and checked: the shapes routing works on. */
export interface Settings {
  readonly trunks: ReadonlyMap<string, Trunk>;
  readonly channels: ReadonlyMap<string, Channel>;
  readonly targets: Targets;
  readonly policy: Policy;
  readonly transfer: TransferDefaults;
}

/** Names a command may use instead of an address. */
export interface Targets {
  readonly queues: ReadonlyMap<string, Queue>;
  readonly extensions: ReadonlyMap<string, CommandTarget>;
}

export interface Queue {
  readonly name: string;
  /** SIP URIs of the agents. */
  readonly members: readonly [string, ...string[]];
  /** Who is rung: all at once; one after the other from the top; the same, starting one further each time. */
  readonly strategy: 'ringAll' | 'sequential' | 'roundRobin';
  /** Longest time a caller waits for its members: all together, or divided among them. */
  readonly maxWaitMs: number;
  /** Sound file a caller hears that waits for a member; `null` = as the transfer says. */
  readonly music: string | null;
  /** The system its agents work with; absent = the trunk's. */
  readonly provider?: Provider;
  /** When no member answers: told to the bot as a node, or one more target. */
  readonly overflow: { readonly node: string } | { readonly target: CommandTarget } | null;
}

export interface Trunk {
  readonly name: string;
  /** Sources in CIDR form; a request from elsewhere gets no answer. */
  readonly allow: readonly string[];
  /** Where calls to this network go: a SIP URI without user part; `null` = inbound only. */
  readonly proxy: string | null;
  readonly auth: { readonly username: string; readonly password: string } | null;
  /** Keep a registration at the proxy. */
  readonly register: boolean;
  /** How often the proxy is asked with OPTIONS whether it is there; `null` = never. */
  readonly pingMs: number | null;
  readonly numberFormat: 'raw' | 'e164' | 'plainE164' | `national(${string})`;
  readonly callerId: CallerIdPolicy;
  readonly transfer: TrunkTransfer;
  /** Headers of ours this trunk puts up with: more is an error, never a silent cut. */
  readonly headerBudget: { readonly count: number; readonly bytes: number };
  readonly limits: TrunkLimits;
  /** Trunks that carry the call when this one fails, in order. */
  readonly failover: readonly string[];
  /** Final codes towards this trunk (`603` -> `486`), for callers of a `route` channel and refused calls. */
  readonly statusMap: Readonly<Record<string, number>>;
  readonly referFromNetwork: 'deny' | 'allow' | null;
  /** The system behind it; absent = none we know by name. */
  readonly provider?: Provider;
}

/** A system people work with: a contact centre, a help desk. */
export interface Provider {
  readonly name: string;
  /** Header of its answer that says what it calls the session; `null` = none does. */
  readonly sessionHeader: string | null;
}

/** What the far end of a trunk can do. */
export interface TrunkTransfer {
  /** `auto`: as learned; unknown counts as no unless REFER is asked for by name. */
  readonly refer: 'auto' | 'yes' | 'no';
  /** Form of a phone number in Refer-To. */
  readonly referTo: 'sip' | 'tel';
  /** Where custom headers and User-to-User go on a REFER: beside Refer-To, or inside its URI. */
  readonly headersIn: 'message' | 'referTo';
  /** Digits after the answer can be sent as INFO (`application/dtmf-relay`). */
  readonly dtmfInfo: boolean;
}

/** `null` = without limit. */
export interface TrunkLimits {
  /** Calls of transfers, ringing or talking, and REFERs without a verdict, at one time. */
  readonly concurrent: number | null;
  /** INVITEs and REFERs. */
  readonly perMinute: number | null;
  /** To one and the same target. */
  readonly perTargetPerMinute: number | null;
}

export interface CallerIdPolicy {
  /** caller: the caller's number is shown; bot: the number the caller dialled; fixed: `number`; anonymous. */
  readonly policy: 'caller' | 'bot' | 'fixed' | 'anonymous';
  /** The business number: shown by `fixed`, and by the one retry after a 403. */
  readonly number: string | null;
  /** Show a foreign number on a trunk that registers. */
  readonly allowForeign: boolean;
  /** How the number is written on the wire; data, see `caller-id-recipes.ts`. */
  readonly recipe: CallerIdRecipe;
}

/** Header name -> template, with `{shown}`, `{host}` and others; see `caller-id-recipes.ts`. */
export type CallerIdRecipe = Readonly<Record<string, string>>;

export interface Channel {
  /** Its key in the configuration: the id JAICP's `transferChannel` names. */
  readonly id: string;
  readonly match: { readonly trunk: string | null; readonly did: readonly string[] };
  /** Trunk for calls this channel makes. */
  readonly trunk: string | null;
  readonly media: 'direct' | 'anchored';
  /** Who answers, or where the call is routed without a bot (CONTRACT 2 `route`), or how it is turned away. */
  readonly answer:
    | { readonly by: 'bot'; readonly bot: SipBot }
    /** A bot that speaks by replies; we answer the caller and carry them out. */
    | { readonly by: 'script'; readonly bot: ScriptBot }
    | { readonly by: 'route'; readonly to: 'requestUri' | CommandTarget }
    /** 302 before answer, to a target. */
    | { readonly by: 'redirect'; readonly to: CommandTarget }
    | { readonly by: 'refuse'; readonly code: number; readonly reason: string };
  readonly events: EventSink | null;
  readonly recording: RecordingSettings | null;
  readonly referFromNetwork: 'deny' | 'allow' | null;
  /** This channel's own layer over {@link Settings.transfer}. */
  readonly transfer: TransferLayer;
  /** How long the bot may take to answer the caller's INVITE. */
  readonly answerTimeoutMs: number;
}

export interface SipBot {
  readonly kind: 'sip';
  readonly uri: string;
}

/** A webhook bot, or one on the WebSocket. Its events go to the channel's {@link EventSink}, the answers are its replies. */
export interface ScriptBot {
  readonly kind: 'webhook';
  /** How long it may take to decide; then `fallback` is done in its place. */
  readonly decisionTimeoutMs: number;
  /** Silence of the caller after which the bot is told so. */
  readonly noInputTimeoutMs: number;
  /** Pause after which the keys pressed so far are one input. */
  readonly digitTimeoutMs: number;
  /** Keys of one input at most. */
  readonly maxDigits: number;
  /** What is said, and where the caller goes then: to a target, or (`null`) the call ends. */
  readonly fallback: { readonly message: Message | null; readonly target: CommandTarget | null };
}

/** Recording of a channel's calls; off where there is none. */
export interface RecordingSettings {
  /** Directory on the media server's machine. */
  readonly dir: string;
  readonly channels: 'mixed' | 'stereo';
  /** Played to the caller before anything is recorded. */
  readonly consent: Message | null;
  readonly maxSeconds: number | null;
}

/** Where a channel's events go. */
export interface EventSink {
  readonly url: string;
  readonly dialect: 'native' | 'jaicp';
  /** Standard Webhooks secret, `whsec_<base64>`; `null` = unsigned. */
  readonly secret: string | null;
  /** How long an event waits for an endpoint that is down. */
  readonly retryForMs: number;
}

export interface Policy {
  /** Hosts a SIP URI target may name; `null` = only hosts the configuration itself names. */
  readonly allowHosts: readonly string[] | null;
  /** ISO 3166 codes a number may belong to; `null` = any. Premium ranges are refused always. */
  readonly allowCountries: readonly string[] | null;
  /** Beginnings of numbers refused on top of the premium ranges: digits, with or without `+`. */
  readonly denyPrefixes: readonly string[];
  readonly referFromNetwork: 'deny' | 'allow';
}

export interface TransferDefaults {
  readonly method: 'auto' | 'invite' | 'refer' | 'bye';
  readonly refer: ReferTimers;
  readonly ringTimeoutMs: number;
  readonly returnToBot: boolean;
  readonly onFailure: readonly FallbackRule[];
  readonly callerSilenceMs: number;
  /** Heard around a transfer of an anchored channel; what is not said here depends on who answers (`sound-layers.ts`). */
  readonly sounds: Partial<TransferSounds>;
}

/** What one layer says; its sounds lie over those below key by key. */
export type TransferLayer = Partial<TransferDefaults>;
