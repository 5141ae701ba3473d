import type { Phase } from './call.js';
import { connecting } from './phases/connecting.js';
import { moving, returning, withTarget } from './phases/bridging.js';
import { dialling, retryWait } from './phases/dialling.js';
import { handingBack } from './phases/handing-back.js';
import type { Row } from './phases/handler.js';
import { departing, referring } from './phases/referring.js';
import { withBot } from './phases/with-bot.js';

/**
 * The call, by phase. Every arrow is a fact; a fact missing from a row is ignored on purpose. `(end)` stands for
 * `ending`: all legs are released, and when the last has had its say the call is `ended`. A test reads this drawing
 * and walks the table against it.
 *
 *  +------------+ botAnswered   +---------+ commanded  +----------+ targetAnswered +--------+ mediaSettled +------------+
 *  | connecting |-------------->| withBot |----------->| dialling |--------------->| moving |------------->| withTarget |
 *  +------------+               +---------+            +----------+                +--------+              +------------+
 *
 */
export const TABLE = {
  connecting,
  withBot,
  dialling,
  retryWait,
  referring,
  handingBack,
  moving,
  withTarget,
  returning,
  departing,
  ending: {},
  ended: {},
} satisfies Table;

export type Table = { readonly [P in Phase]: Row<P> };
