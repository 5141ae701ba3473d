import { ClientTransaction } from './client-transaction.js';
import type { Flow } from './endpoint.js';
import type { SipMessage } from './sip-message.js';
import type { Stack } from './stack.js';

export interface RequestClientUser {
  onProvisional(response: SipMessage, flow: Flow): void;
  onFinal(response: SipMessage, flow: Flow): void;
  /** 408 on timer F, 503 when the transport failed. */
  onNoAnswer(status: 408 | 503): void;
}

type State = 'trying' | 'proceeding' | 'completed';

/**
 * Non-INVITE client transaction, RFC 3261 17.1.2.
 *
 *        | request           E: resend, F: 408
 *        v
 *     [trying]---- 1xx ---> [proceeding] E at T2
 *        | 200-699              | 200-699
 *        v                      v
 *     [completed] <-------------+   later finals are absorbed
 *        | K
 *        v
 *    (terminated)
 */
export class ClientRequest extends ClientTransaction {
  private state: State = 'trying';
  private retransmissions = 0;

  constructor(
    stack: Stack,
    key: string,
    flow: Flow,
    text: string,
    /** Null for requests the server makes itself and whose answer changes nothing (BYE after a race, CANCEL). */
    private readonly user: RequestClientUser | null,
  ) {
    super(stack, key, flow, text);
  }

  /** How often timer E fired; RFC 4320 forbids answering a non-INVITE late, so this shows a lossy path. */
  get resent(): number {
    return this.retransmissions;
  }

  /** True when the far end has had its last word. */
  get answered(): boolean {
    return this.state === 'completed';
  }

  receive(response: SipMessage, flow: Flow): void {
    if (this.state === 'completed') {
      this.stack.counters.retransmissionsIn++;
      return;
    }
    if (response.status < 200) {
      this.state = 'proceeding';
      this.user?.onProvisional(response, flow);
      return;
    }
    this.state = 'completed';
    this.text = '';
    if (this.flow.reliable) this.terminate();
    else this.stack.wheel.arm(this, this.stack.timers.t4);
    this.user?.onFinal(response, flow);
  }

  transportFailed(): void {
    if (this.terminated || this.state !== 'trying') return;
    this.user?.onNoAnswer(503);
    this.terminate();
  }

  onTimer(): void {
    if (this.state === 'completed') {
      this.terminate();
    } else if (this.expired) {
      this.user?.onNoAnswer(408);
      this.terminate();
    } else {
      const { t2 } = this.stack.timers;
      this.retransmissions++;
      this.retransmit();
      this.armInterval(this.state === 'proceeding' ? t2 : Math.min(this.interval * 2, t2));
    }
  }
}
