/**
 * Anything that waits. The waiting thing is itself the list node, so arming and cancelling allocate nothing: a transaction has one
 * timer at a time and knows from its state which of RFC 3261's letters has fired.
 */
export abstract class Timer {
  /** Links of the wheel. */
  nextTimer: Timer | null;
  prevTimer: Timer | null;
  slot: number;
  dueTick: number;

  // Assigned here and not at the declaration: every transaction is a Timer, and this is what V8 does fastest.
  constructor() {
    this.nextTimer = null;
    this.prevTimer = null;
    this.slot = -1;
    this.dueTick = 0;
  }

  abstract onTimer(): void;
}

const SLOTS = 4096;
const MASK = SLOTS - 1;

/** Hashed timer wheel with 10 ms slots: arm, re-arm and cancel in O(1) for hundreds of thousands of lingering transactions. */
export class TimerWheel {
  private readonly heads = new Array<Timer | null>(SLOTS).fill(null);
  private tick: number;
  private armed = 0;
  private ticker: NodeJS.Timeout | null = null;

  onFault: () => void = () => undefined;

  /** @param clock monotonic milliseconds @param autorun false in tests, which call {@link advance} themselves */
  constructor(
    private readonly clock: () => number = () => performance.now(),
    private readonly autorun = true,
    private readonly slotMs = 10,
  ) {
    this.tick = Math.floor(clock() / slotMs);
  }

  get count(): number {
    return this.armed;
  }

  now(): number {
    return this.clock();
  }

  arm(timer: Timer, delayMs: number): void {
    if (timer.slot >= 0) this.cancel(timer);
    const nowTick = Math.floor(this.clock() / this.slotMs);
    // An empty wheel has not been turning; do not walk through the hours it slept.
    if (this.armed === 0) this.tick = nowTick;
    const due = Math.max(nowTick + Math.max(1, Math.ceil(delayMs / this.slotMs)), this.tick + 1);
    const slot = due & MASK;
    timer.dueTick = due;
    timer.slot = slot;
    const head = this.heads[slot] ?? null;
    timer.prevTimer = null;
    timer.nextTimer = head;
    if (head !== null) head.prevTimer = timer;
    this.heads[slot] = timer;
    this.armed++;
    if (this.ticker === null && this.autorun) this.start();
  }

  cancel(timer: Timer): void {
    if (timer.slot < 0) return;
    if (timer.prevTimer !== null) timer.prevTimer.nextTimer = timer.nextTimer;
    else this.heads[timer.slot] = timer.nextTimer;
    if (timer.nextTimer !== null) timer.nextTimer.prevTimer = timer.prevTimer;
    timer.nextTimer = null;
    timer.prevTimer = null;
    timer.slot = -1;
    this.armed--;
  }

  /** Fires all that is due. */
  advance(): void {
    const target = Math.floor(this.clock() / this.slotMs);
    while (this.tick < target && this.armed > 0) {
      this.tick++;
      this.fireSlot(this.tick);
    }
    if (this.armed === 0) this.stop();
  }

  stop(): void {
    if (this.ticker !== null) clearInterval(this.ticker);
    this.ticker = null;
  }

  private start(): void {
    this.ticker = setInterval(() => {
      this.advance();
    }, this.slotMs);
  }

  private fireSlot(tick: number): void {
    let timer = this.heads[tick & MASK] ?? null;
    const due: Timer[] = [];
    while (timer !== null) {
      if (timer.dueTick <= tick) due.push(timer);
      timer = timer.nextTimer;
    }
    for (const t of due) {
      // A timer fired before it in the same slot may have cancelled or re-armed this one.
      if (t.slot < 0 || t.dueTick > tick) continue;
      this.cancel(t);
      try {
        t.onTimer();
      } catch {
        // One broken call must not stop the clock of all others.
        this.onFault();
      }
    }
  }
}
