import { createServer, type Server } from 'node:net';
import { AppConnection, type AppHandler } from './app-connection.js';
import type { Counters } from './counters.js';
import type { SipLimits } from './options.js';

/** A stranger that does not authenticate is closed after this long. */
const AUTHENTICATE_WITHIN_MS = 10_000;

/** Listens for applications and deals new requests out among them. */
export class AppServer {
  readonly connections = new Set<AppConnection>();
  private turn = 0;

  private constructor(private readonly server: Server) {}

  static bind(host: string, port: number): Promise<AppServer> {
    const server = createServer();
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, exclusive: true }, () => {
        server.removeListener('error', reject);
        resolve(new AppServer(server));
      });
    });
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  start(handler: AppHandler, counters: Counters, limits: SipLimits): void {
    this.server.on('error', () => {
      counters.transportErrors++;
    });
    this.server.on('connection', (socket) => {
      const app = new AppConnection(
        socket,
        {
          onFrame: handler.onFrame.bind(handler),
          onAppClosed: (closed) => {
            this.connections.delete(closed);
            handler.onAppClosed(closed);
          },
        },
        counters,
        limits,
      );
      this.connections.add(app);
      setTimeout(() => {
        if (!app.authenticated) app.close();
      }, AUTHENTICATE_WITHIN_MS).unref();
    });
  }

  /** Round robin among the applications that registered the verb. */
  pick(verb: string): AppConnection | undefined {
    const able: AppConnection[] = [];
    for (const app of this.connections) if (app.routes.has(verb)) able.push(app);
    if (able.length < 2) return able[0];
    this.turn = (this.turn + 1) % able.length;
    return able[this.turn];
  }

  async close(): Promise<void> {
    for (const app of [...this.connections]) app.close();
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
  }
}
