import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { createServer, isIPv6, type BlockList, type Server, type Socket } from 'node:net';
import { parseSip, type SipMessage } from './message.js';
import { StreamCutter } from './stream-cutter.js';

/** The way a message came, which is the way its answers and our own requests go back. */
export interface Flow {
  /** Nothing need be sent twice. */
  readonly reliable: boolean;
  readonly host: string;
  readonly port: number;
  send(text: string): void;
}

export type Receive = (message: SipMessage, flow: Flow) => void;

/** One address, UDP and TCP on the same port, as a sofia profile has it. */
export class SipTransport {
  private readonly connections = new Set<Socket>();
  private closed = false;

  private constructor(
    readonly host: string,
    private readonly udp: UdpSocket,
    private readonly tcp: Server,
  ) {}

  static async bind(host: string, port: number): Promise<SipTransport> {
    // Port 0 takes a free one of TCP, which UDP may not have: then another is tried.
    for (let tries = port === 0 ? 10 : 1; ; tries--) {
      const tcp = await bindTcp(host, port);
      const address = tcp.address();
      const taken = typeof address === 'object' && address !== null ? address.port : port;
      try {
        return new SipTransport(host, await bindUdp(host, taken), tcp);
      } catch (error) {
        tcp.close();
        if (tries <= 1) throw error;
      }
    }
  }

  get port(): number {
    return this.udp.address().port;
  }

  /** @param allow sources that are listened to; null: all */
  start(receive: Receive, allow: BlockList | null): void {
    const allowed = (host: string): boolean =>
      allow === null || allow.check(host, isIPv6(host) ? 'ipv6' : 'ipv4');
    // News about the far end (ICMP), not a fault of ours.
    this.udp.on('error', () => undefined);
    this.udp.on('message', (datagram: Buffer, from: RemoteInfo) => {
      const message = allowed(from.address) ? parseSip(datagram.toString('utf8')) : null;
      if (message !== null) receive(withinLength(message), this.datagramFlow(from));
    });
    this.tcp.on('error', () => undefined);
    this.tcp.on('connection', (socket) => {
      if (allowed(socket.remoteAddress ?? '')) this.adopt(socket, receive);
      else socket.destroy();
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const socket of this.connections) socket.destroy();
    await new Promise<void>((resolve) => {
      this.udp.close(() => resolve());
    });
    await new Promise<void>((resolve) => {
      this.tcp.close(() => resolve());
    });
  }

  private datagramFlow(from: RemoteInfo): Flow {
    const { address: host, port } = from;
    const send = (text: string): void => {
      if (!this.closed) this.udp.send(text, port, host);
    };
    return { reliable: false, host, port, send };
  }

  private adopt(socket: Socket, receive: Receive): void {
    this.connections.add(socket);
    socket.setNoDelay(true);
    const cutter = new StreamCutter();
    const flow: Flow = {
      reliable: true,
      host: socket.remoteAddress ?? '',
      port: socket.remotePort ?? 0,
      send: (text) => {
        if (socket.writable) socket.write(text);
      },
    };
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const text of cutter.push(chunk)) {
          const message = parseSip(text);
          if (message !== null) receive(message, flow);
        }
      } catch {
        socket.destroy();
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', () => this.connections.delete(socket));
  }
}

/** RFC 3261 18.3: bytes of a datagram beyond Content-Length are not part of the message. */
function withinLength(message: SipMessage): SipMessage {
  const length = Number(message.headers.get('content-length')?.[0] ?? NaN);
  if (!Number.isInteger(length)) return message;
  return { ...message, body: Buffer.from(message.body).toString('utf8', 0, length) };
}

function bindTcp(host: string, port: number): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.removeListener('error', reject);
      resolve(server);
    });
  });
}

function bindUdp(host: string, port: number): Promise<UdpSocket> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.removeListener('error', reject);
      resolve(socket);
    });
  });
}
