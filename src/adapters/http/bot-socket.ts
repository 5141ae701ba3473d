import type { WebSocket } from 'ws';
import type { AttachedBot, BotLink } from '../../ports/bot-links.js';
import type { Deps } from './options.js';

/** RFC 6455 7.4.1. */
const CLOSE = {
  stopping: { code: 1001, reason: 'the engine is shutting down' },
  notReading: { code: 1008, reason: 'it does not read what it is sent' },
} as const;

const OPEN = 1;

/** A bot on a WebSocket. One that does not answer a ping by the next is taken for gone, and cut off. */
export class BotSocket implements BotLink {
  private unansweredPings = 0;
  private stopPinging: () => void = () => undefined;

  constructor(
    private readonly socket: WebSocket,
    private readonly deps: Pick<Deps, 'clock' | 'limits'>,
  ) {}

  serve(bot: AttachedBot): void {
    this.socket.on('message', (data) => {
      this.unansweredPings = 0;
      bot.received(data.toString('utf8'));
    });
    this.socket.on('pong', () => (this.unansweredPings = 0));
    this.socket.on('close', () => {
      this.stopPinging();
      bot.detached();
    });
    this.pingLater();
  }

  send(text: string): void {
    if (this.socket.readyState === OPEN) this.socket.send(text);
  }

  backlog(): number {
    return this.socket.bufferedAmount;
  }

  close(why: keyof typeof CLOSE): void {
    const { code, reason } = CLOSE[why];
    this.socket.close(code, reason);
  }

  private pingLater(): void {
    this.stopPinging = this.deps.clock.after(this.deps.limits.botPingMs, () => {
      // Also when it was asked to close and did not.
      if (this.unansweredPings > 0 || this.socket.readyState !== OPEN) return this.socket.terminate();
      this.unansweredPings += 1;
      this.socket.ping();
      this.pingLater();
    });
  }
}
