import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';

/** No port of the range is free. */
export class NoPortFree extends Error {
  override readonly name = 'NoPortFree';
}

/** Opens media sockets on even ports of a range (RFC 3550 section 11), going round so that none is used again soon. */
export class RtpPorts {
  private next: number;
  private readonly from: number;
  private readonly pairs: number;

  constructor(
    readonly host: string,
    from: number,
    to: number,
  ) {
    this.from = from + (from % 2);
    this.pairs = Math.floor((to - this.from) / 2) + 1;
    // Two servers started one after the other on one host must not fight for the same first ports.
    this.next = Math.floor(Math.random() * this.pairs);
  }

  /** @throws NoPortFree */
  async open(): Promise<Socket> {
    for (let tries = 0; tries < this.pairs; tries++) {
      this.next = (this.next + 1) % this.pairs;
      const socket = await bind(this.host, this.from + 2 * this.next);
      if (socket !== null) return socket;
    }
    throw new NoPortFree(`no free RTP port from ${this.from} on`);
  }
}

function bind(host: string, port: number): Promise<Socket | null> {
  const ipv6 = isIPv6(host);
  // Every address given to send() is a literal: answering the lookup in place saves a tick per datagram.
  const socket = createSocket({
    type: ipv6 ? 'udp6' : 'udp4',
    lookup: (address, _options, callback) => callback(null, address, ipv6 ? 6 : 4),
  });
  return new Promise((resolve, reject) => {
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(null);
      else reject(error);
    });
    socket.bind({ address: host, port, exclusive: true }, () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}
