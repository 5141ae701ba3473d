import type { BotReply } from './reply.js';

/** What is fixed about a bot that speaks by replies (CONTRACT 4). */
export interface ScriptSetup {
  /** Longest time it may take to decide; then `fallback` is done in its place. */
  readonly decisionTimeoutMs: number;
  readonly noInputTimeoutMs: number;
  readonly digitTimeoutMs: number;
  readonly maxDigits: number;
  /** Done in its place when it does not decide; ends by handing the caller over, or hanging up. */
  readonly fallback: readonly BotReply[];
}

/**
 * The dialogue of a caller with a script bot; goes on where it stood when the caller comes back from an agent.
 *
 *            replied              queue empty            key                    pause
 *   asked ------------> speaking -------------> idle ---------> collecting ------------+
 *     ^                  | key                   | silence                             |
 *     |                  v                       v                                     |
 *     +------------- (what was to be said is dropped: the caller has answered) --------+
 */
export interface Script {
  /** Number of the last question; an answer to an older one is too late. */
  readonly question: number;
  /** The last question is still open. */
  readonly asked: boolean;
  /** What is still to be done, in order. */
  readonly queue: readonly BotReply[];
  /** Number of what plays now. */
  readonly playing: number | null;
  /** Keys of the input that is being typed. */
  readonly digits: string;
  /** Times in a row that the caller said nothing, and that the bot did not decide. */
  readonly silences: number;
  readonly fallbacks: number;
}

export const FRESH_SCRIPT: Script = {
  question: 0,
  asked: false,
  queue: [],
  playing: null,
  digits: '',
  silences: 0,
  fallbacks: 0,
};
