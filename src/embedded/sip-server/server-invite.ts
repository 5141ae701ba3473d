import type { Flow } from './endpoint.js';
import type { Stack } from './stack.js';
import { ServerTransaction } from './server-transaction.js';
import type { UasInvite } from './uas-invite.js';

type State = 'proceeding' | 'completed' | 'confirmed' | 'accepted';

/**
 * INVITE server transaction, RFC 3261 17.2.1 with RFC 6026.
 *
 *              | INVITE: 100
 *              v
 *        [proceeding] INVITE: last 1xx
 *           |      \
 *   300-699 |       \ 2xx
 *           v        v
 *     [completed]  [accepted] INVITE: absorbed; the 2xx is repeated by its owner until the ACK
 *      G: resend     | L
 *      | ACK  \ H    |
 *      v       \     v
 *  [confirmed]--I-> (terminated)
 */
export class ServerInvite extends ServerTransaction {
  state: State = 'proceeding';
  private interval: number;
  private deadline = 0;
  /** The call this INVITE is; lets a CANCEL find it. Dropped with the final response, so that lingering stays cheap. */
  owner: UasInvite | null = null;

  constructor(stack: Stack, key: string, flow: Flow) {
    super(stack, key, flow);
    this.interval = stack.timers.t1;
  }

  /** False when a final response has been sent before. */
  respond(text: string, status: number): boolean {
    if (this.state !== 'proceeding' || this.terminated) return false;
    this.transmit(text);
    if (status < 200) return true;
    this.owner = null;
    const { timers, wheel } = this.stack;
    if (status < 300) {
      this.state = 'accepted';
      this.last = '';
      wheel.arm(this, timers.t1x64);
    } else {
      this.state = 'completed';
      this.deadline = wheel.now() + timers.t1x64;
      wheel.arm(this, this.flow.reliable ? timers.t1x64 : this.interval);
    }
    return true;
  }

  retransmitted(): void {
    this.stack.counters.retransmissionsIn++;
    if (this.state === 'proceeding' || this.state === 'completed') this.resend();
  }

  /** ACK of a 300-699. */
  acknowledge(): void {
    if (this.state !== 'completed') return;
    this.state = 'confirmed';
    this.last = '';
    if (this.flow.reliable) this.terminate();
    else this.stack.wheel.arm(this, this.stack.timers.t4);
  }

  onTimer(): void {
    const { timers, wheel } = this.stack;
    if (this.state === 'completed' && wheel.now() < this.deadline - 5) {
      this.resend();
      this.interval = Math.min(this.interval * 2, timers.t2);
      wheel.arm(this, Math.min(this.interval, Math.max(1, this.deadline - wheel.now())));
    } else if (this.state === 'proceeding') this.owner?.onAnswerTimeout();
    else this.terminate();
  }
}
