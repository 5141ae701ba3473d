import type { Commands } from '../../../src/adapters/redis/client.js';
import type { BookLink } from '../../../src/adapters/redis/book/page-writer.js';
import type { AppError } from '../../../src/errors.js';

/** A link that can be cut on our side, one server or many: commands are not sent, or carried out and not answered. */
export class CutLink implements BookLink {
  readonly commands: Commands;
  private isCut = false;
  private answersToLose = 0;
  private waiting: (() => void)[] = [];
  private readonly connected: (() => void)[] = [];
  /** Rejects what was asked while it was cut. */
  private refuse: ((error: Error) => void)[] = [];

  constructor(private readonly link: BookLink) {
    this.commands = new Proxy(link.commands, {
      get: (commands, name: keyof Commands) => this.passed(commands, name),
    });
  }

  get isReady(): boolean {
    return !this.isCut && this.link.isReady;
  }

  cut(): void {
    this.isCut = true;
  }

  /** The next scripts are carried out, and nobody hears the answer. */
  loseAnswers(scripts: number): void {
    this.answersToLose = scripts;
  }

  mend(): void {
    this.isCut = false;
    for (const reject of this.refuse.splice(0)) reject(new Error('Connection is closed.'));
    for (const resume of this.waiting.splice(0)) resume();
    for (const back of this.connected) back();
  }

  start(): Promise<void> {
    return this.link.start();
  }

  async ready(): Promise<void> {
    if (this.isCut) await new Promise<void>((resume) => this.waiting.push(resume));
    return this.link.ready();
  }

  whenConnected(back: () => void): void {
    this.connected.push(back);
    this.link.whenConnected(() => this.isCut || back());
  }

  ask<T>(run: (commands: Commands) => Promise<T>): Promise<T> {
    if (this.isCut) return Promise.reject(this.unavailable('cut'));
    return this.link.ask(run);
  }

  reset(): void {
    if (!this.isCut) this.link.reset();
  }

  stop(): void {
    this.link.stop();
  }

  unavailable(why: string): AppError {
    return this.link.unavailable(why);
  }

  private passed(commands: Commands, name: keyof Commands): unknown {
    if (this.isCut) return () => new Promise((_resolve, reject) => this.refuse.push(reject));
    const command: unknown = Reflect.get(commands, name);
    if (name === 'evalsha' && this.answersToLose > 0) return this.unanswered(commands);
    return typeof command === 'function' ? (command as () => unknown).bind(commands) : command;
  }

  private unanswered(commands: Commands): unknown {
    this.answersToLose -= 1;
    return async (...args: Parameters<Commands['evalsha']>) => {
      await commands.evalsha(...args);
      return new Promise(() => undefined);
    };
  }
}
