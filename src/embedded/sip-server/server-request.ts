import { ServerTransaction } from './server-transaction.js';

/**
 * Non-INVITE server transaction, RFC 3261 17.2.2.
 *
 *        | request
 *        v
 *     [trying]--1xx-->[proceeding] request: last 1xx
 *        | 200-699        | 200-699
 *        v                v
 *     [completed] <-------+   request: the final again
 *        | J
 *        v
 *    (terminated)
 */
export class ServerRequest extends ServerTransaction {
  private completed = false;
  /** Runs when the application stayed silent for too long. */
  onAnswerTimeout: (() => void) | null = null;

  respond(text: string, status: number): boolean {
    if (this.completed || this.terminated) return false;
    this.transmit(text);
    if (status < 200) return true;
    this.completed = true;
    this.onAnswerTimeout = null;
    if (this.flow.reliable) this.terminate();
    else this.stack.wheel.arm(this, this.stack.timers.t1x64);
    return true;
  }

  retransmitted(): void {
    this.stack.counters.retransmissionsIn++;
    this.resend();
  }

  onTimer(): void {
    const forget = this.onAnswerTimeout;
    this.onAnswerTimeout = null;
    this.terminate();
    forget?.();
  }
}
