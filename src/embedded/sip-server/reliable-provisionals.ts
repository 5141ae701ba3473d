import type { Core } from './core.js';
import type { Flow } from './endpoint.js';
import { Timer } from './timer-wheel.js';

interface Unacknowledged {
  readonly rseq: number;
  readonly text: string;
  readonly hasBody: boolean;
}

export interface ReliableOwner {
  /** Hands a 1xx to the INVITE transaction. */
  transmitProvisional(text: string, status: number): void;
  /** No PRACK for 64*T1 (RFC 3262 section 3). */
  onPrackTimeout(): void;
}

/** Reliable 1xx of one INVITE (RFC 3262 section 3): one at a time, repeated at T1*2^n until its PRACK, the others queue behind. */
export class ReliableProvisionals extends Timer {
  private queue: Unacknowledged[] = [];
  private nextRseq: number;
  private interval = 0;
  private deadline = 0;
  private final: (() => void) | null = null;

  constructor(
    private readonly core: Core,
    private readonly flow: Flow,
    private readonly cseq: number,
    private readonly owner: ReliableOwner,
  ) {
    super();
    this.nextRseq = core.ids.sequence();
  }

  /** True while a reliable 1xx that carried an offer or answer is unacknowledged: then the 2xx has to wait. */
  get holdsFinal(): boolean {
    return this.queue.some((p) => p.hasBody);
  }

  reserve(): number {
    return this.nextRseq++;
  }

  send(rseq: number, text: string, hasBody: boolean): void {
    this.queue.push({ rseq, text, hasBody });
    if (this.queue.length === 1) this.transmit();
  }

  /** Runs when everything has been acknowledged. */
  whenDone(final: () => void): void {
    this.final = final;
  }

  /** False when the RAck names nothing of ours: the PRACK is then answered 481. */
  matches(rack: string): boolean {
    const [rseq, cseq, method] = rack.split(/[ \t]+/);
    const head = this.queue[0];
    return (
      head !== undefined && Number(rseq) === head.rseq && Number(cseq) === this.cseq && method === 'INVITE'
    );
  }

  acknowledge(): void {
    this.queue.shift();
    this.core.wheel.cancel(this);
    if (this.queue.length > 0) this.transmit();
    else this.release();
  }

  stop(): void {
    this.queue = [];
    this.final = null;
    this.core.wheel.cancel(this);
  }

  onTimer(): void {
    const { timers, wheel, counters } = this.core;
    const head = this.queue[0];
    if (head === undefined) return;
    const left = this.deadline - wheel.now();
    if (left <= 5) {
      this.stop();
      this.owner.onPrackTimeout();
      return;
    }
    counters.retransmissionsOut++;
    this.flow.send(head.text);
    this.interval *= 2;
    wheel.arm(this, Math.min(this.interval, left, Math.max(timers.t1, 1) * 64));
  }

  private transmit(): void {
    const { timers, wheel } = this.core;
    const head = this.queue[0];
    if (head === undefined) return;
    this.owner.transmitProvisional(head.text, 183);
    this.interval = timers.t1;
    this.deadline = wheel.now() + timers.t1x64;
    // RFC 3262 retransmits over reliable transports too, because a proxy further on may use UDP.
    wheel.arm(this, timers.t1);
  }

  private release(): void {
    const { final } = this;
    this.final = null;
    final?.();
  }
}
