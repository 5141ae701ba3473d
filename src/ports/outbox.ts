import type { EventId } from '../domain/ids.js';
import type { SwitchedOff } from './endpoint-switches.js';

/** How events get to the bot of a channel. */
export interface BotState {
  readonly channel: string;
  /** Without user, password and query, which may be secrets. `null`: only bots that connect to us are told. */
  readonly url: string | null;
  readonly dialect: string;
  /** `null`: it takes events. */
  readonly off: SwitchedOff | null;
  /** Bots connected to this engine for it. */
  readonly connected: number;
  /** Events this engine has not delivered yet. */
  readonly waiting: number;
}

/** What an operator sees of the delivery of events, and does about it. */
export interface Outbox {
  /** Channels whose events go somewhere, in the order of the configuration. */
  bots(): readonly BotState[];
  /**
   * Events are sent to the channel's endpoint again, and to whatever channel shares its URL.
   *
   * @throws AppError `unknown_channel`, `store_unavailable`
   */
  enable(channel: string): Promise<void>;
  /**
   * A dead letter is sent again, behind what its call still has waiting: the same id, signed anew. It stays with the
   * dead letters until it is delivered.
   *
   * @throws AppError `dead_letter_not_found`, `endpoint_off`, `unknown_channel`, `store_unavailable`
   */
  redeliver(event: EventId): Promise<void>;
  /**
   * Begins to send again all dead letters, of one channel or of all, oldest first and a few at a time; those that die
   * again meanwhile are not taken twice. Ends early for an endpoint that is off, or gives nothing but failures.
   *
   * @returns how many there are
   * @throws AppError `endpoint_off` (of one channel; of all, such channels are left out), `unknown_channel`,
   *   `store_unavailable`
   */
  redeliverAll(channel: string | undefined): Promise<number>;
}
