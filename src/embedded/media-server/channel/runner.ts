/** Why something that runs on a channel has to stop. */
export type Interrupt =
  /** This file; the next of a list goes on. */
  | 'break'
  /** All of what this application plays. */
  | 'breakAll'
  /** The channel goes elsewhere: a bridge, or the park. */
  | 'taken'
  | 'hangup';

/** One application while it runs. */
export class Run {
  /** Set once the application as a whole has to stop. */
  over: Exclude<Interrupt, 'break'> | null = null;
  onDigit: (digit: string) => void = () => undefined;
  onInterrupt: (why: Interrupt) => void = () => undefined;

  /** Whether the application as a whole has to stop by now. */
  isStopped(): boolean {
    return this.over !== null;
  }

  interrupt(why: Interrupt): void {
    if (why !== 'break') this.over = why;
    this.onInterrupt(why);
  }
}

export interface ExecuteRequest {
  readonly app: string;
  readonly argument: string;
  /** What the application's own events are told apart by. */
  readonly id: string;
}

/** Runs one application to its end; never rejects. */
export type Execute = (request: ExecuteRequest, run: Run) => Promise<void>;

/**
 * The applications of a channel: one after another. Some go on in the background (a conference, the park), and those
 * behind them need not wait.
 */
export class AppRunner {
  private readonly queue: ExecuteRequest[] = [];
  private readonly background = new Map<Run, Promise<void>>();
  private current: { run: Run; done: Promise<void> } | null = null;
  private closed = false;

  constructor(
    private readonly execute: Execute,
    private readonly staysInBackground: (app: string) => boolean,
  ) {}

  push(request: ExecuteRequest): void {
    if (this.closed) return;
    this.queue.push(request);
    this.next();
  }

  /** A digit goes to the application in front, and to those in the background. */
  digit(digit: string): void {
    this.current?.run.onDigit(digit);
    for (const run of this.background.keys()) run.onDigit(digit);
  }

  /** @returns whether there was anything to interrupt */
  interrupt(why: Interrupt): boolean {
    const { current } = this;
    if (why === 'breakAll') this.queue.length = 0;
    current?.run.interrupt(why);
    if (why === 'break' || why === 'breakAll') return current !== null;
    for (const run of [...this.background.keys()]) run.interrupt(why);
    return true;
  }

  /** Nothing is begun any more; settles when what runs has ended. */
  async close(): Promise<void> {
    this.closed = true;
    this.queue.length = 0;
    this.interrupt('hangup');
    await this.stopped();
  }

  /** Settles when what runs now has ended. */
  async stopped(): Promise<void> {
    await Promise.all([this.current?.done, ...this.background.values()]);
  }

  private next(): void {
    while (this.current === null) {
      const request = this.queue.shift();
      if (request === undefined) return;
      const run = new Run();
      const done = this.execute(request, run);
      if (this.staysInBackground(request.app)) {
        this.background.set(run, done);
        void done.then(() => this.background.delete(run));
      } else {
        this.current = { run, done };
        void done.then(() => {
          this.current = null;
          this.next();
        });
      }
    }
  }
}
