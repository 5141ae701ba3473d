import { H } from './header-names.js';
import { BRANCH_COOKIE } from './ids.js';
import type { Flow } from './endpoint.js';
import type { SipMessage } from './sip-message.js';
import type { Stack } from './stack.js';
import { Timer } from './timer-wheel.js';
import type { Via } from './via.js';

/** Common part of the two server transactions of RFC 3261 17.2. */
export abstract class ServerTransaction extends Timer {
  protected last = '';
  private over = false;

  constructor(
    protected readonly stack: Stack,
    readonly key: string,
    readonly flow: Flow,
  ) {
    super();
    stack.servers.set(key, this);
  }

  get terminated(): boolean {
    return this.over;
  }

  /** The request came again. */
  abstract retransmitted(): void;

  protected resend(): void {
    if (this.last === '') return;
    this.stack.counters.retransmissionsOut++;
    this.flow.send(this.last);
  }

  protected transmit(text: string): void {
    this.last = text;
    this.stack.counters.messagesOut++;
    this.flow.send(text);
  }

  terminate(): void {
    if (this.over) return;
    this.over = true;
    this.last = '';
    this.stack.wheel.cancel(this);
    if (this.stack.servers.get(this.key) === this) this.stack.servers.delete(this.key);
  }
}

/**
 * Key of RFC 3261 17.2.3. ACK finds the INVITE it acknowledges. Without the magic cookie the branch means nothing, and the old
 * rules of RFC 2543 apply: Call-ID, CSeq number, From tag and the top Via.
 */
export function serverKey(message: SipMessage, via: Via, method: string): string {
  const kind = method === 'ACK' ? 'INVITE' : method;
  if (via.branch.startsWith(BRANCH_COOKIE)) return `${via.branch}|${via.host}|${via.port}|${kind}`;
  return `2543|${message.callId}|${message.cseq}|${message.fromTag}|${message.value(H.Via)}|${kind}`;
}
