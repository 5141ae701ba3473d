import { FRAME_MS } from '../audio/frame.js';

export interface Ticking {
  /** Every 20 ms. */
  onTick(): void;
  /** So many ticks were left out, because nobody could have heard them any more. */
  onSkip(ticks: number): void;
}

/** A machine that slept longer than this does not make up for it in a burst. */
const MAX_CATCH_UP_TICKS = 10;

/** How late ticks were, in milliseconds: the count of each whole one, the last counts all above. */
export type Lateness = Readonly<Uint32Array>;

/**
 * The one timer of all streams. Each tick is due at a whole multiple of 20 ms after the start on the monotonic clock,
 * so lateness of one tick never adds to the next: a long prompt does not drift.
 */
export class MediaClock {
  readonly lateness = new Uint32Array(256);
  ticks = 0;
  skipped = 0;
  private due = 0;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly target: Ticking,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get running(): boolean {
    return this.timer !== null;
  }

  start(): void {
    if (this.timer !== null) return;
    this.due = this.now() + FRAME_MS;
    this.arm();
  }

  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  /** Runs every tick that is due. */
  run(): void {
    const behind = Math.floor((this.now() - this.due) / FRAME_MS);
    if (behind > MAX_CATCH_UP_TICKS) {
      this.skipped += behind;
      this.due += behind * FRAME_MS;
      this.target.onSkip(behind);
    }
    // Bounded: a machine that is too slow for its streams must still get to its sockets.
    for (let n = 0; n <= MAX_CATCH_UP_TICKS && this.now() >= this.due; n++) {
      const late = Math.min(this.lateness.length - 1, Math.floor(this.now() - this.due));
      this.lateness[late] = (this.lateness[late] ?? 0) + 1;
      this.due += FRAME_MS;
      this.ticks++;
      this.target.onTick();
    }
  }

  private arm(): void {
    this.timer = setTimeout(
      () => {
        this.run();
        if (this.timer !== null) this.arm();
      },
      Math.max(0, this.due - this.now()),
    );
  }
}
