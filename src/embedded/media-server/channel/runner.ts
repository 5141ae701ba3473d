/** Why something that runs on a channel has to stop. */
export type Interrupt =
  /** This file; the next of a list goes on. */
  | 'break'
  /** The channel goes elsewhere: a bridge, or the park. */
  | 'taken'
  | 'hangup';

/** One application while it runs. */
export class Run {
  /** Set once the application as a whole has to stop. */
  over: Exclude<Interrupt, 'break'> | null = null;
  onDigit: (digit: string) => void = () => undefined;
  onInterrupt: (why: Interrupt) => void = () => undefined;
  private listens = false;
  /** Broken off before there was anything to break off. */
  private missedBreak = false;

  /** @param covered whether another application runs on top of this one now */
  constructor(
    readonly covered: () => boolean = () => false,
    private readonly listening: () => void = () => undefined,
  ) {}

  /** Whether other applications may begin on top of this one now. */
  get open(): boolean {
    return this.listens;
  }

  /** Whether the application as a whole has to stop by now. */
  isStopped(): boolean {
    return this.over !== null;
  }

  interrupt(why: Interrupt): void {
    if (why !== 'break') this.over = why;
    else if (!this.listens) this.missedBreak = true;
    this.onInterrupt(why);
  }

  /** Waits for something that takes its time; what is asked of the channel meanwhile runs on top. */
  async during<T>(wait: Promise<T>): Promise<T> {
    this.listens = true;
    if (this.missedBreak) this.onInterrupt('break');
    this.missedBreak = false;
    this.listening();
    try {
      return await wait;
    } finally {
      this.listens = false;
    }
  }
}

export interface ExecuteRequest {
  readonly app: string;
  readonly argument: string;
  /** What the application's own events are told apart by. */
  readonly id: string;
  /** Nothing runs on top of it: what comes meanwhile waits (`event-lock`). */
  readonly locked?: boolean;
  /** How often it runs; -1: until it is broken off. */
  readonly loops?: number;
}

/** Runs one application to its end; never rejects. */
export type Execute = (request: ExecuteRequest, run: Run) => Promise<void>;

interface Running {
  readonly request: ExecuteRequest;
  readonly run: Run;
}

/** As deep as FreeSWITCH lets applications begin on top of each other; what comes beyond waits. */
const MAX_DEPTH = 16;
/** An application that is over sooner is not looped: it would never let go of the channel. */
const SHORTEST_LOOP_MS = 500;

/**
 * The applications of a channel. What is asked for while one waits (plays, records, sleeps) runs on top of it, and the
 * one below stands still until it is done, as on FreeSWITCH. Some go on in the background (a conference, the park).
 */
export class AppRunner {
  private readonly queue: ExecuteRequest[] = [];
  private readonly background = new Map<Run, Promise<void>>();
  private readonly stack: Running[] = [];
  private readonly ends = new Set<Promise<void>>();
  private closed = false;
  /** A break reaches what lies below as well, once what is on top has ended of it. */
  private breaking = false;

  constructor(
    private readonly execute: Execute,
    private readonly staysInBackground: (app: string) => boolean,
  ) {}

  /** Whether an application has the channel for itself: whoever it is bridged to is not heard then. */
  get busy(): boolean {
    return this.stack.length > 0;
  }

  push(request: ExecuteRequest): void {
    if (this.closed) return;
    this.queue.push(request);
    this.next();
  }

  /** A digit goes to the application on top, and to those in the background. */
  digit(digit: string): void {
    this.stack.at(-1)?.run.onDigit(digit);
    for (const run of this.background.keys()) run.onDigit(digit);
  }

  /** Ends what the application on top plays or waits for. `flush`: what has not begun yet never will. */
  break(flush: boolean): void {
    if (flush) this.queue.length = 0;
    const top = this.stack.at(-1);
    if (top === undefined) return;
    this.breaking = true;
    top.run.interrupt('break');
  }

  /** Ends all applications. */
  interrupt(why: 'taken' | 'hangup'): void {
    for (const { run } of this.stack.toReversed()) run.interrupt(why);
    for (const run of [...this.background.keys()]) run.interrupt(why);
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
    await Promise.all([...this.ends, ...this.background.values()]);
  }

  private next(): void {
    while (this.queue.length > 0 && this.mayBegin()) {
      const request = this.queue.shift();
      if (request !== undefined) this.begin(request);
    }
  }

  private mayBegin(): boolean {
    const top = this.stack.at(-1);
    if (top === undefined) return true;
    return (
      top.run.open && this.stack.length < MAX_DEPTH && !this.stack.some((r) => r.request.locked === true)
    );
  }

  private begin(request: ExecuteRequest): void {
    this.breaking = false;
    if (this.staysInBackground(request.app)) {
      const run = new Run();
      const done = this.execute(request, run);
      this.background.set(run, done);
      void done.then(() => this.background.delete(run));
      return;
    }
    const run: Run = new Run(
      () => this.stack.at(-1)?.run !== run,
      () => this.next(),
    );
    this.stack.push({ request, run });
    const done = this.runLoops(request, run).then(() => this.ended(run));
    this.ends.add(done);
    void done.then(() => this.ends.delete(done));
  }

  private async runLoops(request: ExecuteRequest, run: Run): Promise<void> {
    const { loops = 1 } = request;
    for (let n = 0; loops < 0 || n < loops; n++) {
      const begun = performance.now();
      await this.execute(request, run);
      if (run.isStopped() || this.breaking || performance.now() - begun < SHORTEST_LOOP_MS) return;
    }
  }

  private ended(run: Run): void {
    this.stack.splice(
      this.stack.findIndex((r) => r.run === run),
      1,
    );
    if (this.breaking) this.stack.at(-1)?.run.interrupt('break');
    this.next();
  }
}
