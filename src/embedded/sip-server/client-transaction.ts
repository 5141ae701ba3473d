import type { Flow, SendOwner } from './endpoint.js';
import type { SipMessage } from './sip-message.js';
import type { Stack } from './stack.js';
import { Timer } from './timer-wheel.js';

/** Common part of the two client transactions of RFC 3261 17.1. */
export abstract class ClientTransaction extends Timer implements SendOwner {
  protected interval: number;
  protected deadline = 0;
  private over = false;
  private probed = false;

  constructor(
    protected readonly stack: Stack,
    readonly key: string,
    readonly flow: Flow,
    protected text: string,
  ) {
    super();
    this.interval = stack.timers.t1;
    stack.clients.set(key, this);
  }

  get terminated(): boolean {
    return this.over;
  }

  /** The request as sent; empty once it cannot be needed any more. */
  get request(): string {
    return this.text;
  }

  abstract receive(response: SipMessage, flow: Flow): void;
  abstract transportFailed(): void;

  /** First transmission; timers A/E only on unreliable transports, B/F on all. */
  start(): void {
    const { timers, wheel } = this.stack;
    this.deadline = wheel.now() + timers.t1x64;
    wheel.arm(this, this.flow.reliable ? timers.t1x64 : timers.t1);
    this.stack.counters.messagesOut++;
    this.flow.send(this.text, this);
  }

  protected retransmit(): void {
    if (!this.probed && !this.flow.reliable) {
      this.probed = true;
      this.stack.reachability.probe(this.flow.host, this.flow.port, this);
    }
    this.stack.counters.retransmissionsOut++;
    this.flow.send(this.text);
  }

  /** Arms the next retransmission, but never beyond the transaction's deadline. */
  protected armInterval(next: number): void {
    this.interval = next;
    this.stack.wheel.arm(this, Math.min(next, Math.max(1, this.deadline - this.stack.wheel.now())));
  }

  protected get expired(): boolean {
    return this.stack.wheel.now() >= this.deadline - 5;
  }

  terminate(): void {
    if (this.over) return;
    this.over = true;
    this.text = '';
    this.stack.wheel.cancel(this);
    if (this.stack.clients.get(this.key) === this) this.stack.clients.delete(this.key);
  }
}
