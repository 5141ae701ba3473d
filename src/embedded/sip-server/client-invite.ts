import { ackForFailure } from './derived-requests.js';
import { ClientTransaction } from './client-transaction.js';
import type { Flow } from './endpoint.js';
import type { SipMessage } from './sip-message.js';
import type { Stack } from './stack.js';

export interface InviteClientUser {
  /** Every 1xx, 100 included. */
  onProvisional(response: SipMessage, flow: Flow): void;
  /** Every 2xx, retransmissions and those of other branches included (RFC 3261 13.2.2.4). */
  onSuccess(response: SipMessage, flow: Flow): void;
  /** The 300-699 final, once; it has been ACKed. */
  onFailure(response: SipMessage, flow: Flow): void;
  /** 408 on timer B, 503 when the transport failed. */
  onNoAnswer(status: 408 | 503): void;
  /** Timer C, or the guard behind a CANCEL, ran out while the call was still proceeding. */
  onProceedingTimeout(): void;
}

type State = 'calling' | 'proceeding' | 'completed' | 'accepted';

/**
 * INVITE client transaction, RFC 3261 17.1.1 with RFC 6026.
 *
 *            | INVITE                 A: resend, B: 408
 *            v
 *        [calling]------------------ 2xx ---------------+
 *            | 1xx        \                             |
 *            v             \ 300-699: ACK               v
 *       [proceeding]----2xx-\------------------->  [accepted]  every 2xx goes up
 *        C: user             \                          | M
 *            | 300-699: ACK   v                         |
 *            +----------> [completed] 300-699: ACK      |
 *                             | D                       |
 *                             v                         v
 *                        (terminated) <-----------------+
 */
export class ClientInvite extends ClientTransaction {
  state: State = 'calling';
  private ack = '';
  private finalDue = false;

  constructor(
    stack: Stack,
    key: string,
    flow: Flow,
    text: string,
    readonly owner: InviteClientUser,
  ) {
    super(stack, key, flow, text);
  }

  get pending(): boolean {
    return !this.terminated && (this.state === 'calling' || this.state === 'proceeding');
  }

  receive(response: SipMessage, flow: Flow): void {
    const { status } = response;
    if (status < 200) this.provisional(response, flow);
    else if (status < 300) this.success(response, flow);
    else this.failure(response, flow);
  }

  /** After our CANCEL the final must come within 64*T1 (RFC 3261 9.1). */
  expectFinal(ms: number): void {
    if (this.state !== 'proceeding' || this.terminated) return;
    this.finalDue = true;
    this.stack.wheel.arm(this, ms);
  }

  /** Nobody waits for this call any more: stay only to hand up late 2xx, which must still be ACKed and BYEd. */
  linger(): void {
    if (this.terminated) return;
    this.state = 'accepted';
    this.text = '';
    this.stack.wheel.arm(this, this.stack.timers.t1x64);
  }

  transportFailed(): void {
    if (this.terminated || this.state !== 'calling') return;
    this.owner.onNoAnswer(503);
    this.terminate();
  }

  onTimer(): void {
    if (this.state === 'calling') {
      if (this.expired) {
        this.owner.onNoAnswer(408);
        this.terminate();
      } else {
        this.retransmit();
        this.armInterval(this.interval * 2);
      }
    } else if (this.state === 'proceeding') this.owner.onProceedingTimeout();
    else this.terminate();
  }

  private provisional(response: SipMessage, flow: Flow): void {
    if (!this.pending) return;
    // RFC 3261 16.7 item 2: timer C restarts with every 101-199, here also with the first 100.
    if (!this.finalDue && (this.state === 'calling' || response.status > 100))
      this.stack.wheel.arm(this, this.stack.timers.c);
    this.state = 'proceeding';
    this.owner.onProvisional(response, flow);
  }

  private success(response: SipMessage, flow: Flow): void {
    if (this.state === 'completed' || this.terminated) return;
    if (this.state !== 'accepted') {
      this.state = 'accepted';
      this.stack.wheel.arm(this, this.stack.timers.t1x64);
    }
    this.owner.onSuccess(response, flow);
    this.text = '';
  }

  private failure(response: SipMessage, flow: Flow): void {
    if (this.state === 'completed') {
      this.stack.counters.retransmissionsIn++;
      this.flow.send(this.ack);
      return;
    }
    if (!this.pending) return;
    this.state = 'completed';
    this.ack = ackForFailure(this.text, response);
    this.flow.send(this.ack);
    this.owner.onFailure(response, flow);
    this.text = '';
    if (this.flow.reliable) this.terminate();
    else this.stack.wheel.arm(this, this.stack.timers.d);
  }
}
