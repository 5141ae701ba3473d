import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** Below the range systems hand out by themselves, so that nobody is given one of ours by chance. */
const FIRST = 20_000;
const COUNT = 10_000;

/** Ports of this process that are free at the moment they are asked for, over UDP and TCP; none is given twice. */
export class Ports {
  private next: number;

  /** @param start where to begin: processes that begin elsewhere hardly ever meet */
  constructor(start: number) {
    this.next = start % COUNT;
  }

  async free(address: string): Promise<number> {
    for (let tries = 0; tries < COUNT; tries += 1) {
      const port = FIRST + this.next;
      // Even numbers only: RTP takes one, RTCP the next (RFC 3550 11).
      this.next = (this.next + 2) % COUNT;
      if ((await udpFree(address, port)) && (await tcpFree(address, port))) return port;
    }
    throw new Error(`no free port on ${address}`);
  }
}

function udpFree(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', () => resolve(false));
    socket.bind({ address, port, exclusive: true }, () => socket.close(() => resolve(true)));
  });
}

function tcpFree(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
