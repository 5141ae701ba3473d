import type { Socket } from 'node:net';
import { CommandReader, type EslCommand } from './command-reader.js';
import type { EventListener, ServerEvent } from './event.js';
import { jsonEvent } from './frames.js';
import { Subscription } from './subscription.js';

/** An application that does not read is dropped when this much waits for it. */
const MAX_BACKLOG_BYTES = 33_554_432;

/** Answers a command with what is to be written, at once or later; commands behind it wait. */
export type CommandHandler = (command: EslCommand) => string | Promise<string>;

/** One event socket connection, whoever opened it. */
export class EslConnection implements EventListener {
  readonly subscription = new Subscription();
  /** Events go out only once the application may see them. */
  listening = false;
  private readonly reader = new CommandReader();
  private readonly waiting: EslCommand[] = [];
  private busy = false;
  private ended = false;

  constructor(
    private readonly socket: Socket,
    private readonly handle: CommandHandler,
    onClose: () => void,
  ) {
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 10_000);
    socket.on('data', (chunk: Buffer) => this.onData(chunk));
    // What went wrong is said by the close that follows.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.ended = true;
      this.waiting.length = 0;
      onClose();
    });
  }

  offer(event: ServerEvent): void {
    if (this.listening && this.subscription.wants(event)) this.send(jsonEvent(event));
  }

  send(text: string): void {
    if (this.ended || text === '') return;
    this.socket.write(text);
    if (this.socket.writableLength > MAX_BACKLOG_BYTES) this.socket.destroy();
  }

  /** Closes behind what was written; what the application still says is not run. */
  end(lastWords = ''): void {
    if (this.ended) return;
    this.ended = true;
    this.waiting.length = 0;
    this.socket.end(lastWords);
    // A peer that never closes its half must not keep the socket.
    this.socket.setTimeout(2000, () => this.socket.destroy());
  }

  private onData(chunk: Buffer): void {
    if (this.ended) return;
    try {
      this.waiting.push(...this.reader.push(chunk));
    } catch {
      this.socket.destroy();
      return;
    }
    if (!this.busy) void this.work();
  }

  /** Strictly one after another: replies carry no id, so their order is their meaning. */
  private async work(): Promise<void> {
    this.busy = true;
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
      const answer = this.handle(next);
      this.send(typeof answer === 'string' ? answer : await answer);
    }
    this.busy = false;
  }
}
