import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A TCP relay in front of a server's admin port, so that a test can break the link and mend it. */
export class Relay {
  /** With the server's side of each. */
  readonly #clients = new Map<Socket, Socket>();
  #server: Server;
  #frozen = false;
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
    for (const socket of this.#clients.keys()) socket.destroy();
    this.#clients.clear();
  }

  /** From now on the server is not heard; connections are accepted all the same, as the kernel of a frozen one does. */
  freeze(): void {
    this.#frozen = true;
    for (const [client, upstream] of this.#clients) upstream.unpipe(client);
  }

  thaw(): void {
    this.#frozen = false;
    for (const [client, upstream] of this.#clients) upstream.pipe(client);
  }

  async mend(): Promise<void> {
    this.#server = createServer((client) => this.join(client));
    await new Promise<void>((resolve) => this.#server.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.#server.address() as AddressInfo).port;
  }

  private join(client: Socket): void {
    const upstream = connect(this.target);
    this.#clients.set(client, upstream);
    client.pipe(upstream);
    if (!this.#frozen) upstream.pipe(client);
    client.on('error', () => undefined);
    upstream.on('error', () => undefined);
    upstream.on('close', () => client.destroy());
    client.on('close', () => {
      this.#clients.delete(client);
      // Gently, and reading on: the real server keeps a connection that breaks while it writes to it among those it
      // shares new calls out to, and the tests behind this one would lose their INVITEs to it.
      upstream.unpipe();
      upstream.resume();
      upstream.end();
    });
  }
}
