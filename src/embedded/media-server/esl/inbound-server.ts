import { timingSafeEqual } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import type { EslCommand } from './command-reader.js';
import { CommandTable, splitWord, type Commands } from './commands.js';
import { EslConnection } from './connection.js';
import type { EventHub } from './event.js';
import { authRequest, commandReply, disconnectNotice } from './frames.js';

/** A stranger that does not authenticate is closed after this long. */
const AUTHENTICATE_WITHIN_MS = 10_000;

/** Where applications connect to: logs them in, then runs their commands. */
export class InboundServer {
  private readonly connections = new Set<EslConnection>();

  private constructor(
    private readonly server: Server,
    private readonly secret: string,
  ) {}

  static bind(host: string, port: number, secret: string): Promise<InboundServer> {
    const server = createServer();
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, exclusive: true }, () => {
        server.removeListener('error', reject);
        resolve(new InboundServer(server, secret));
      });
    });
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get connectionCount(): number {
    return this.connections.size;
  }

  start(commands: Commands, hub: EventHub): void {
    // A connection that could not be accepted is the client's to try again.
    this.server.on('error', () => undefined);
    this.server.on('connection', (socket) => this.accept(socket, commands, hub));
  }

  async close(): Promise<void> {
    for (const connection of this.connections) connection.end(disconnectNotice());
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
  }

  private accept(socket: Socket, commands: Commands, hub: EventHub): void {
    const table = new CommandTable(commands, () => connection, null);
    const handle = (command: EslCommand): string | Promise<string> =>
      connection.listening ? table.run(command) : this.logIn(connection, command);
    const connection = new EslConnection(socket, handle, () => {
      clearTimeout(strangerTimer);
      hub.remove(connection);
      this.connections.delete(connection);
    });
    const strangerTimer = setTimeout(() => {
      if (!connection.listening) connection.end(disconnectNotice());
    }, AUTHENTICATE_WITHIN_MS);
    this.connections.add(connection);
    hub.add(connection);
    connection.send(authRequest());
  }

  private logIn(connection: EslConnection, command: EslCommand): string {
    const [verb, given] = splitWord(command.line);
    if (verb === 'exit') {
      connection.end(commandReply('+OK bye') + disconnectNotice());
      return '';
    }
    if (verb !== 'auth') return commandReply('-ERR command not found');
    if (!same(given, this.secret)) {
      connection.end(commandReply('-ERR invalid') + disconnectNotice());
      return '';
    }
    connection.listening = true;
    return commandReply('+OK accepted');
  }
}

/** Takes as long for a wrong secret as for the right one. */
function same(given: string, secret: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(secret);
  return a.length === b.length && timingSafeEqual(a, b);
}
