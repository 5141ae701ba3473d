import { connect, createServer, isIPv6, type Server, type Socket } from 'node:net';
import type { Counters } from './counters.js';
import {
  Faces,
  isLoopback,
  type Endpoint,
  type Face,
  type Flow,
  type MessageSink,
  type SendOwner,
} from './endpoint.js';
import type { SipLimits } from './options.js';
import type { Scanner } from './scanner.js';
import { TcpConnection, type ConnectionHost } from './tcp-connection.js';

export class TcpEndpoint implements Endpoint {
  readonly proto = 'tcp';
  readonly ipv6: boolean;
  readonly loopback: boolean;
  readonly port: number;
  private readonly faces: Faces;
  private readonly connections = new Map<string, TcpConnection>();
  private hosting: ConnectionHost | null = null;

  private constructor(
    private readonly server: Server,
    readonly host: string,
    advertise: string | undefined,
  ) {
    const address = server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : 0;
    this.ipv6 = isIPv6(host);
    this.loopback = isLoopback(host);
    this.faces = new Faces('tcp', host, this.port, advertise);
  }

  static bind(host: string, port: number, advertise: string | undefined): Promise<TcpEndpoint> {
    const server = createServer({ noDelay: true });
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, ipv6Only: isIPv6(host), exclusive: true, backlog: 1024 }, () => {
        server.removeListener('error', reject);
        resolve(new TcpEndpoint(server, host, advertise));
      });
    });
  }

  get connectionCount(): number {
    return this.connections.size;
  }

  start(sink: MessageSink, scanner: Scanner, counters: Counters, limits: SipLimits): void {
    this.hosting = {
      endpoint: this,
      limits,
      scanner,
      counters,
      sink,
      connectionClosed: (c) => {
        if (this.connections.get(c.key) === c) this.connections.delete(c.key);
      },
    };
    this.server.on('error', () => {
      counters.transportErrors++;
    });
    this.server.on('connection', (socket) => this.accept(socket));
  }

  face(remote: string): Face {
    return this.faces.for(remote);
  }

  /** RFC 3261 18.2.2: on the connection the flow came with while that lives, else on any to that address, else on a new one. */
  send(flow: Flow, text: string, owner: SendOwner | null): void {
    let connection = flow.connection;
    if (connection === null || connection.closed) {
      connection = this.connections.get(`${flow.host}|${flow.port}`) ?? this.open(flow.host, flow.port);
      flow.connection = connection;
    }
    if (connection === null) owner?.transportFailed();
    else connection.send(text, owner);
  }

  async close(): Promise<void> {
    for (const c of [...this.connections.values()]) c.destroy();
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
  }

  private accept(socket: Socket): void {
    const { remoteAddress, remotePort } = socket;
    const { hosting } = this;
    if (hosting === null || remoteAddress === undefined || remotePort === undefined) {
      socket.destroy();
      return;
    }
    if (this.connections.size >= hosting.limits.maxTcpConnections) {
      socket.on('error', () => undefined);
      socket.destroy();
      return;
    }
    this.adopt(hosting, socket, remoteAddress, remotePort, true);
  }

  private open(host: string, port: number): TcpConnection | null {
    const { hosting } = this;
    if (hosting === null || port === 0 || this.connections.size >= hosting.limits.maxTcpConnections)
      return null;
    const wildcard = this.host === '0.0.0.0' || this.host === '::';
    try {
      const socket = connect({ host, port, ...(wildcard ? {} : { localAddress: this.host }) });
      return this.adopt(hosting, socket, host, port, false);
    } catch {
      return null;
    }
  }

  private adopt(
    hosting: ConnectionHost,
    socket: Socket,
    host: string,
    port: number,
    connected: boolean,
  ): TcpConnection {
    const connection = new TcpConnection(hosting, socket, host, port, connected);
    this.connections.set(connection.key, connection);
    return connection;
  }
}
