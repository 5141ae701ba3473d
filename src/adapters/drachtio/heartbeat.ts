import type Srf from 'drachtio-srf';

/** A server that is there answers in a millisecond; one that is busy for as long as this twice is of no use either. */
const MISSES = 2;

/**
 * Pings the server and listens for anything it says. A server that is frozen, or whose host is gone, keeps its
 * connection: nothing but its silence tells. srf pings too, but never looks for an answer.
 */
export class Heartbeat {
  #timer: NodeJS.Timeout | null = null;
  #heard = false;
  #misses = 0;

  constructor(
    private readonly srf: Pick<Srf, '_app'>,
    private readonly everyMs: number,
  ) {}

  /** Of a connection that is up. A server that falls silent for 2 to 3 times `everyMs` has its connection closed. */
  start(): void {
    this.srf._app.client.wp.on('msg', () => {
      this.#heard = true;
    });
    this.ping();
    this.#timer = setInterval(() => this.beat(), this.everyMs);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** Counts beats and not time: of a while in which this process stood still itself, the server knows nothing. */
  private beat(): void {
    this.#misses = this.#heard ? 0 : this.#misses + 1;
    this.#heard = false;
    if (this.#misses < MISSES) return this.ping();
    this.stop();
    for (const socket of this.sockets()) socket.destroy();
  }

  private ping(): void {
    for (const socket of this.sockets()) if (!socket.destroyed) this.srf._app.client.wp.send(socket, 'ping');
  }

  private sockets() {
    return [...this.srf._app.client.mapServer.keys()].filter((socket) => socket !== undefined);
  }
}
