import type { Clock } from '../../../ports/clock.js';

/** Until the subscription is in force the first test is not heard. */
const FIRST_TRY_MS = 100;

export interface SelfTestParts {
  readonly clock: Pick<Clock, 'after'>;
  /** Between two tests. */
  readonly everyMs: number;
  /** Within this a test is heard. */
  readonly heardMs: number;
  /** Says something to ourselves; rejects when it cannot be said. */
  readonly speak: () => Promise<unknown>;
  /** It was said, and not heard. */
  readonly deaf: () => void;
}

/** Whoever does not hear itself is heard by nobody: a connection that only seems to be there says nothing of itself. */
export class SelfTest {
  private heardIt: () => void = () => undefined;
  private takeTimer: () => void = () => undefined;
  private stopped = false;

  constructor(private readonly parts: SelfTestParts) {}

  /** Resolves when we hear ourselves, or when that takes too long: it is tried again. */
  async start(): Promise<void> {
    const { heardMs } = this.parts;
    for (let ms = 0; ms < heardMs && !this.stopped; ms += FIRST_TRY_MS)
      if ((await this.test(FIRST_TRY_MS)) === 'heard') break;
    this.schedule();
  }

  heard(): void {
    this.heardIt();
  }

  stop(): void {
    this.stopped = true;
    this.takeTimer();
    this.heardIt();
  }

  private schedule(): void {
    if (this.stopped) return;
    this.takeTimer = this.parts.clock.after(this.parts.everyMs, () => {
      void this.test(this.parts.heardMs).then((result) => {
        if (result === 'silent' && !this.stopped) this.parts.deaf();
        this.schedule();
      });
    });
  }

  /** `unsaid`: the store is away, which is not our ears' fault. */
  private test(ms: number): Promise<'heard' | 'silent' | 'unsaid'> {
    return new Promise((resolve) => {
      const takeTimer = this.parts.clock.after(ms, () => resolve('silent'));
      const end = (result: 'heard' | 'unsaid'): void => {
        takeTimer();
        resolve(result);
      };
      this.heardIt = () => end('heard');
      this.parts.speak().catch(() => this.parts.clock.after(0, () => end('unsaid')));
    });
  }
}
