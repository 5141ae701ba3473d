import type { Core } from './core.js';
import type { Dialog } from './dialog.js';
import type { Flow } from './endpoint.js';
import { serverBye } from './server-bye.js';
import { Timer } from './timer-wheel.js';

/**
 * Our 2xx to an INVITE until its ACK arrives (RFC 3261 13.3.1.4): repeated at T1 doubling to T2 on UDP; without ACK for 64*T1, on
 * any transport, the call is released.
 */
export class AwaitAck extends Timer {
  private interval: number;
  private readonly deadline: number;

  constructor(
    private readonly core: Core,
    private readonly dialog: Dialog,
    private readonly flow: Flow,
    private readonly text: string,
    readonly cseq: number,
    /** Transaction id of the ACK's frame. */
    readonly txnId: string,
  ) {
    super();
    const { timers, wheel } = core;
    dialog.awaiting?.stop();
    dialog.awaiting = this;
    this.interval = timers.t1;
    this.deadline = wheel.now() + timers.t1x64;
    wheel.arm(this, flow.reliable ? timers.t1x64 : timers.t1);
  }

  stop(): void {
    this.core.wheel.cancel(this);
    if (this.dialog.awaiting === this) this.dialog.awaiting = null;
  }

  onTimer(): void {
    const { timers, wheel, counters } = this.core;
    const left = this.deadline - wheel.now();
    if (left <= 5) {
      this.stop();
      serverBye(this.core, this.dialog, 'ACK timeout');
      return;
    }
    counters.retransmissionsOut++;
    this.flow.send(this.text);
    this.interval = Math.min(this.interval * 2, timers.t2);
    wheel.arm(this, Math.min(this.interval, left));
  }
}
