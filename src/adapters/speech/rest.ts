import type { Clock } from '../../ports/clock.js';
import { SoundError } from '../../ports/sounds.js';
import type { SoundLimits } from './options.js';

/** Spares callers the wait for something that was too slow several times in a row. */
export class Rest {
  private slow = 0;
  private until = 0;

  constructor(
    private readonly clock: Clock,
    private readonly limits: Pick<SoundLimits, 'slowInARow' | 'restMs'>,
  ) {}

  /** @throws SoundError what the work throws; at once while resting */
  async guard<T>(work: () => Promise<T>): Promise<T> {
    if (this.clock.now() < this.until)
      throw new SoundError('speech_failed', `speech was too slow ${this.slow} times and rests for a while`);
    try {
      const done = await work();
      this.slow = 0;
      return done;
    } catch (error) {
      // Any other failure comes at once and costs no caller time.
      if (error instanceof SoundError && error.reason === 'timeout') this.wasSlow();
      throw error;
    }
  }

  private wasSlow(): void {
    this.slow++;
    if (this.slow >= this.limits.slowInARow) this.until = this.clock.now() + this.limits.restMs;
  }
}
