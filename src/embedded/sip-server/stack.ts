import type { ClientTransaction } from './client-transaction.js';
import type { Counters } from './counters.js';
import type { SipTimers } from './options.js';
import type { Reachability } from './reachability.js';
import type { ServerTransaction } from './server-transaction.js';
import type { TimerWheel } from './timer-wheel.js';

/** What every transaction needs: the clock, the timer values and the tables it lives in. */
export interface Stack {
  readonly wheel: TimerWheel;
  readonly timers: SipTimers;
  readonly counters: Counters;
  readonly reachability: Reachability;
  /** By branch without the cookie, `C` appended for CANCEL (RFC 3261 17.1.3: branch and CSeq method). */
  readonly clients: Map<string, ClientTransaction>;
  /** By branch, sent-by and method (RFC 3261 17.2.3); see {@link serverKey}. */
  readonly servers: Map<string, ServerTransaction>;
}
