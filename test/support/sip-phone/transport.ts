import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Address } from './message.js';

export type Receive = (raw: Buffer, source: Address, connection: number | null) => void;

/** How a phone reaches the wire. */
export interface PhoneTransport {
  readonly local: Address;
  send(bytes: Buffer, to: Address, connection?: number | null): void;
  close(): Promise<void>;
}

export async function openUdp(host: string, receive: Receive): Promise<PhoneTransport> {
  const socket: UdpSocket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (raw, from) =>
    receive(raw, { proto: 'udp', host: from.address, port: from.port }, null),
  );
  // An ICMP "port unreachable" is news about the far end, not a fault of the phone.
  socket.on('error', () => undefined);
  socket.bind(0, host);
  await once(socket, 'listening');
  let open = true;
  return {
    local: { proto: 'udp', host, port: socket.address().port },
    send: (bytes, to) => {
      if (open) socket.send(bytes, to.port, to.host);
    },
    close: () => {
      if (!open) return Promise.resolve();
      open = false;
      return new Promise((resolve) => {
        socket.close(() => resolve());
      });
    },
  };
}

/** Cuts a TCP byte stream into messages by Content-Length; skips the CRLF of keep-alives. */
export class StreamCutter {
  private rest: Buffer = Buffer.alloc(0);

  constructor(private readonly deliver: (raw: Buffer) => void) {}

  push(chunk: Buffer): void {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    for (;;) {
      let start = 0;
      while (this.rest[start] === 13 || this.rest[start] === 10) start++;
      this.rest = this.rest.subarray(start);
      const end = this.rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = this.rest.toString('latin1', 0, end);
      const length = Number(/\r\n(?:content-length|l)\s*:\s*(\d+)/i.exec(head)?.[1] ?? 0);
      const total = end + 4 + length;
      if (this.rest.length < total) return;
      const raw = this.rest.subarray(0, total);
      this.rest = this.rest.subarray(total);
      this.deliver(raw);
    }
  }
}

/** A listener plus the connections made or accepted; the first one to an address is used for it again. */
class TcpTransport implements PhoneTransport {
  private readonly sockets = new Map<number, Socket>();
  private readonly byPeer = new Map<string, number>();
  private next = 1;

  constructor(
    private readonly server: Server,
    readonly local: Address,
    private readonly receive: Receive,
  ) {
    server.on('connection', (socket) => {
      this.byPeer.set(`${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`, this.adopt(socket));
    });
  }

  send(bytes: Buffer, to: Address, connection: number | null = null): void {
    const known = connection ?? this.byPeer.get(`${to.host}:${to.port}`);
    const live = known === undefined ? undefined : this.sockets.get(known);
    const socket = live ?? this.dial(to);
    socket.write(bytes);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
    for (const socket of this.sockets.values()) socket.destroy();
    await closed;
  }

  private dial(to: Address): Socket {
    const socket = connect({ host: to.host, port: to.port, localAddress: this.local.host });
    this.byPeer.set(`${to.host}:${to.port}`, this.adopt(socket));
    return socket;
  }

  private adopt(socket: Socket): number {
    const id = this.next++;
    this.sockets.set(id, socket);
    socket.setNoDelay(true);
    const cutter = new StreamCutter((raw) =>
      this.receive(raw, { proto: 'tcp', host: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 }, id),
    );
    socket.on('data', (chunk) => cutter.push(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.sockets.delete(id);
      for (const [peer, owner] of this.byPeer) if (owner === id) this.byPeer.delete(peer);
    });
    return id;
  }
}

export async function openTcp(host: string, receive: Receive): Promise<PhoneTransport> {
  const server = createServer();
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return new TcpTransport(server, { proto: 'tcp', host, port }, receive);
}
