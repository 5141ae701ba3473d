import type { Clock } from '../../ports/clock.js';
import type { Log } from '../../ports/log.js';

interface RoundsParts {
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Log;
}

/** Something done again and again, never twice at once; what fails is done again next time. */
export class Rounds {
  private stopped = false;
  private takeBack: () => void = () => undefined;

  constructor(
    private readonly parts: RoundsParts,
    private readonly ms: number,
    private readonly what: string,
    private readonly run: () => Promise<void>,
  ) {}

  start(): void {
    this.next();
  }

  stop(): void {
    this.stopped = true;
    this.takeBack();
  }

  private next(): void {
    if (this.stopped) return;
    const { clock, log } = this.parts;
    this.takeBack = clock.after(this.ms, () => {
      this.run()
        .catch((error: unknown) => log.debug({ error, what: this.what }, 'a round was broken off'))
        .finally(() => this.next());
    });
  }
}
