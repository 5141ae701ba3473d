import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A TCP relay in front of a server's admin port, so that a test can break the link and mend it. */
export class Relay {
  readonly #sockets = new Set<Socket>();
  #server: Server;
  port = 0;

  private constructor(private readonly target: { readonly host: string; readonly port: number }) {
    this.#server = createServer((client) => this.join(client));
  }

  static async open(target: { readonly host: string; readonly port: number }): Promise<Relay> {
    const relay = new Relay(target);
    await relay.mend();
    onTestFinished(() => relay.cut());
    return relay;
  }

  /** Breaks what there is and refuses what comes. */
  cut(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  async mend(): Promise<void> {
    this.#server = createServer((client) => this.join(client));
    await new Promise<void>((resolve) => this.#server.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.#server.address() as AddressInfo).port;
  }

  private join(client: Socket): void {
    const upstream = connect(this.target);
    client.pipe(upstream).pipe(client);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }
}
