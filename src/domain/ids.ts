/**
 * Names of things in the call domain. Each is a branded string: only the makers below (at the border) produce
 * one, so a SIP Call-ID can never be passed where one of our call ids is meant.
 */
type Brand<T, B extends string> = T & { readonly __brand: B };

/** `call_<uuid>`: one caller, from the first INVITE to the last BYE. */
export type CallId = Brand<string, 'CallId'>;
/** `tr_<uuid>`: one transfer command. */
export type TransferId = Brand<string, 'TransferId'>;
/** `agent_transfer:<uuid>:<conversationSessionId>:<channel>` (CONTRACT 6). */
export type SessionId = Brand<string, 'SessionId'>;
/** `evt_<uuid>`: one event told to a bot; the same on every retry. */
export type EventId = Brand<string, 'EventId'>;

/** A leg's name inside its call: `caller`, `bot`, or `agent-<n>` for the n-th target dialled. */
export type LegId = 'caller' | 'bot' | `agent-${number}`;

export const callId = (uuid: string): CallId => `call_${uuid}` as CallId;
export const transferId = (uuid: string): TransferId => `tr_${uuid}` as TransferId;
export const eventId = (uuid: string): EventId => `evt_${uuid}` as EventId;

/**
 * Id of a transfer's one terminal event, the same whoever tells it: two engines that both believe a call theirs, one of
 * them wrongly, cannot make two verdicts of it.
 */
export const verdictId = (id: TransferId): EventId => eventId(id.replace(/^tr_/, ''));

/** A colon inside the conversation id or channel is percent-escaped, so that the id can be taken apart again. */
export const sessionId = (uuid: string, conversation: string, channel: string): SessionId =>
  `agent_transfer:${uuid}:${escape(conversation)}:${escape(channel)}` as SessionId;

const escape = (part: string): string => part.replaceAll('%', '%25').replaceAll(':', '%3A');

/** The `n`-th target leg of a call, counted from 1. */
export const agentLeg = (n: number): LegId => `agent-${n}`;

/** Accepts an id a user sent in a path; it is looked up, never trusted to exist. */
export const asCallId = (text: string): CallId => text as CallId;
export const asTransferId = (text: string): TransferId => text as TransferId;
export const asSessionId = (text: string): SessionId => text as SessionId;
