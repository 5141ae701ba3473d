import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import {
  Faces,
  Flow,
  isLoopback,
  type Endpoint,
  type Face,
  type MessageSink,
  type SendOwner,
} from './endpoint.js';
import type { Counters } from './counters.js';
import type { Scanner } from './scanner.js';

const BUFFER_BYTES = 8 * 1024 * 1024;
/** Nothing shorter can be a SIP message; CRLF keep-alives and STUN-less pings end here. */
const SHORTEST = 20;
/** Largest payload of an IPv4 datagram. */
const LONGEST = 65_507;
/** RFC 863: the discard service. What goes there is never answered, so fail now as sofia-sip does. */
const DISCARD_PORT = 9;

export class UdpEndpoint implements Endpoint {
  readonly proto = 'udp';
  readonly ipv6: boolean;
  readonly loopback: boolean;
  readonly port: number;
  private readonly faces: Faces;
  private closed = false;

  private constructor(
    private readonly socket: Socket,
    readonly host: string,
    advertise: string | undefined,
  ) {
    this.port = socket.address().port;
    this.ipv6 = isIPv6(host);
    this.loopback = isLoopback(host);
    this.faces = new Faces('udp', host, this.port, advertise);
    try {
      socket.setRecvBufferSize(BUFFER_BYTES);
      socket.setSendBufferSize(BUFFER_BYTES);
    } catch {
      // The system's own size is only slower under bursts.
    }
  }

  static bind(host: string, port: number, advertise: string | undefined): Promise<UdpEndpoint> {
    const ipv6 = isIPv6(host);
    // Every address given to send() is a literal: answering the lookup in place saves a tick per datagram.
    const socket = createSocket({
      type: ipv6 ? 'udp6' : 'udp4',
      ipv6Only: ipv6,
      lookup: (address, _options, callback) => callback(null, address, ipv6 ? 6 : 4),
    });
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ address: host, port, exclusive: true }, () => {
        socket.removeListener('error', reject);
        resolve(new UdpEndpoint(socket, host, advertise));
      });
    });
  }

  start(sink: MessageSink, scanner: Scanner, counters: Counters): void {
    this.socket.on('error', () => {
      counters.transportErrors++;
    });
    this.socket.on('message', (datagram: Buffer, from: RemoteInfo) => {
      if (datagram.length < SHORTEST) return;
      const message = scanner.scan(datagram.toString('latin1'), 0, datagram.length);
      if (message === null) counters.garbage++;
      else sink.onMessage(message, new Flow(this, from.address, from.port));
    });
  }

  face(remote: string): Face {
    return this.faces.for(remote);
  }

  send(flow: Flow, text: string, owner: SendOwner | null): void {
    if (this.closed) return;
    if (flow.port === 0 || flow.port === DISCARD_PORT || text.length > LONGEST) {
      owner?.transportFailed();
      return;
    }
    const datagram = Buffer.from(text, 'latin1');
    if (owner === null) {
      this.socket.send(datagram, 0, datagram.length, flow.port, flow.host);
      return;
    }
    this.socket.send(datagram, 0, datagram.length, flow.port, flow.host, (error) => {
      if (error !== null) owner.transportFailed();
    });
  }

  close(): Promise<void> {
    if (this.closed) return Promise.resolve();
    this.closed = true;
    return new Promise((resolve) => {
      this.socket.close(() => resolve());
    });
  }
}
