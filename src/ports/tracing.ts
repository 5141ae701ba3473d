import type { PublishedEvent } from './bot-runtime.js';

/** SIP Call-IDs of a call's dialogs; `null` while there is none. */
export interface SipCallIds {
  readonly caller: string | null;
  /** Of the target dialled last. */
  readonly target: string | null;
}

/** Makes a trace of every transfer, out of the events of its call. */
export interface Tracing {
  /**
   * Takes every event of a call as it happens, in the context of whoever brought it about.
   *
   * @param call stands for the live call, the same object every time: what is kept of it ends with it
   */
  told(event: PublishedEvent, call: object, sip: SipCallIds): void;
  /** HTTP headers that carry the trace on to a bot that is told this event; none when it is in no trace. */
  headers(event: PublishedEvent): Readonly<Record<string, string>>;
}
