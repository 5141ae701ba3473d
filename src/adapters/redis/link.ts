import { Cluster } from 'ioredis';
import { AppError, UsageError } from '../../errors.js';
import { addressOf, createClient, type Client, type Commands } from './client.js';
import { isMisuse, messageOf } from './failures.js';
import type { RedisConnection, RedisDeadlines, RedisStoreOptions } from './options.js';
import { NoAnswer, within } from './within.js';

type Condition = 'starting' | 'up' | 'slow' | 'down' | 'stopped';

/** The connection of the store: kept up, watched, and described in words. */
export class Link {
  readonly commands: Commands;
  private readonly client: Client;
  private readonly address: string;
  private condition: Condition = 'starting';
  private problem = 'not connected yet';
  /** When the connection last came or went. */
  private changedAt: number;
  /** The connection is being given up; it is not over before the socket is. */
  private leaving = false;
  private pulseSentAt: number | null = null;
  private stopPulse: () => void = () => undefined;
  private waiting: (() => void)[] = [];
  private misuse: (error: UsageError) => void = () => undefined;

  constructor(
    private readonly options: Pick<RedisStoreOptions, 'clock' | 'log' | 'metrics'> & {
      readonly connection: RedisConnection;
    },
    private readonly deadlines: RedisDeadlines,
  ) {
    this.client = createClient(options.connection, deadlines);
    this.commands = this.client;
    this.address = addressOf(options.connection);
    this.changedAt = options.clock.now();
    this.watch();
  }

  /**
   * Waits for Redis, which may come later than we do, and proves that it takes writes.
   *
   * @throws UsageError that names the address, at once when waiting would not help
   */
  async start(): Promise<void> {
    const { clock } = this.options;
    const refused = new Promise<never>((_resolve, reject) => (this.misuse = reject));
    this.client.connect().catch(() => undefined);
    const proof = this.ready().then(() => this.client.set('switchhook:started', clock.now()));
    try {
      await within(clock, this.deadlines.startMs, Promise.race([proof, refused]));
    } catch (error) {
      const why = error instanceof NoAnswer ? `${this.problem}; is it running?` : messageOf(error);
      throw error instanceof UsageError ? error : new UsageError(`store: ${this.address}: ${why}`);
    }
    this.beat();
  }

  get isReady(): boolean {
    return this.client.status === 'ready';
  }

  /** Resolves when commands can be sent, or when there will be none any more. */
  ready(): Promise<void> {
    if (this.isReady || this.condition === 'stopped') return Promise.resolve();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /**
   * Calls `back` whenever a connection was made, to one of the servers of a cluster too: what we have told Redis, it may
   * have forgotten.
   */
  whenConnected(back: () => void): void {
    this.client.on('ready', back);
    if (this.client instanceof Cluster) this.client.on('+node', back);
  }

  /** A read: answered in time, or refused with `store_unavailable`. */
  async ask<T>(run: (commands: Commands) => Promise<T>): Promise<T> {
    if (!this.isReady) throw this.unavailable(this.problem);
    try {
      return await within(this.options.clock, this.deadlines.readMs, run(this.commands));
    } catch (error) {
      throw error instanceof AppError ? error : this.unavailable(messageOf(error));
    }
  }

  unavailable(why: string): AppError {
    return new AppError('store_unavailable', `${this.address}: ${why}.`);
  }

  /** What is wrong, `null` when nothing is. */
  trouble(): string | null {
    return this.condition === 'up' ? null : `${this.address}: ${this.problem}`;
  }

  /** Begins anew: what was sent and not answered is not waited for any more. */
  reset(): void {
    if (this.condition === 'stopped' || this.leaving) return;
    this.leaving = true;
    this.client.disconnect(true);
  }

  stop(): void {
    this.stopPulse();
    this.condition = 'stopped';
    this.client.disconnect();
    this.release();
  }

  private watch(): void {
    this.client.on('connect', () => {
      this.changed();
      this.problem = 'connected, no answer yet';
    });
    this.client.on('ready', () => {
      this.changed();
      this.become('up', 'fine');
      this.release();
    });
    this.client.on('close', () => {
      this.changed();
      this.become('down', this.condition === 'up' ? 'the connection broke' : this.problem);
    });
    this.client.on('error', (error: Error) => {
      this.problem = messageOf(error);
      if (isMisuse(error)) this.misuse(new UsageError(`store: ${this.address}: ${this.problem}`));
    });
  }

  private changed(): void {
    this.changedAt = this.options.clock.now();
    this.pulseSentAt = null;
    this.leaving = false;
  }

  private release(): void {
    for (const resume of this.waiting.splice(0)) resume();
  }

  private become(condition: 'up' | 'slow' | 'down', problem: string): void {
    this.problem = problem;
    if (this.condition === condition || this.condition === 'stopped') return;
    const before = this.condition;
    // Until it has come once, the start says what is wrong.
    if (before === 'starting' && condition !== 'up') return;
    this.condition = condition;
    const { log, metrics } = this.options;
    metrics.dependencyChanged('store', condition === 'up');
    if (condition === 'up') log.info({ store: this.address }, 'the store answers');
    else log.warn({ store: this.address, problem }, 'the store does not answer; writes wait');
  }

  private beat(): void {
    this.stopPulse = this.options.clock.after(this.deadlines.pulseMs, () => {
      this.feelPulse();
      this.beat();
    });
  }

  /** A connection that says nothing is found out here, also when nobody asks anything. */
  private feelPulse(): void {
    const now = this.options.clock.now();
    const { slowMs, writeMs } = this.deadlines;
    if (!this.isReady) {
      // Connected, and never greeted: a frozen server accepts connections and says nothing.
      if (this.client.status === 'connect' && now - this.changedAt > writeMs) this.reset();
      return;
    }
    if (this.pulseSentAt === null) return this.ping(now);
    const silence = now - this.pulseSentAt;
    if (silence >= slowMs) this.become('slow', `no answer for ${silence} ms`);
    if (silence <= writeMs) return;
    this.pulseSentAt = null;
    this.reset();
  }

  private ping(now: number): void {
    this.pulseSentAt = now;
    const answered = (): void => {
      if (this.pulseSentAt !== now) return;
      this.pulseSentAt = null;
      const took = this.options.clock.now() - now;
      if (!this.isReady) return;
      if (took < this.deadlines.slowMs) this.become('up', 'fine');
      else this.become('slow', `answers take ${took} ms`);
    };
    this.client.ping().then(answered, () => (this.pulseSentAt = null));
  }
}
