import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { SipMessage, type Address } from './sip-message.js';

/** Counts packets of one direction, each call by itself, and says which are lost. */
class Loss {
  private readonly counts = new Map<string, number>();

  constructor(private readonly every: number) {}

  /** Whether the next packet of this call is lost. */
  next(callId: string): boolean {
    const count = (this.counts.get(callId) ?? 0) + 1;
    this.counts.set(callId, count);
    return this.every > 0 && count % this.every === 0;
  }
}

/**
 * A UDP socket on a network that loses every nth packet of a call in each direction: the same ones in every run. Calls
 * are counted apart, else two that repeat their packets in step could lose the same one for ever.
 */
export class LossySocket {
  private readonly socket: Socket;
  private readonly lossIn: Loss;
  private readonly lossOut: Loss;
  private open = true;

  /** @param dropEvery 0 = nothing is lost */
  constructor(
    dropEvery: number,
    private readonly host: string,
    receive: (message: SipMessage) => void,
  ) {
    this.lossIn = new Loss(dropEvery);
    this.lossOut = new Loss(dropEvery);
    this.socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    this.socket.on('message', (raw, from) => {
      const message = new SipMessage(raw, { host: from.address, port: from.port });
      if (!this.lossIn.next(message.callId)) receive(message);
    });
    // An ICMP "port unreachable" is news about the other side, not a fault of this one.
    this.socket.on('error', () => undefined);
  }

  /** Binds; port 0 takes any. */
  async listen(port: number): Promise<Address> {
    const failed = once(this.socket, 'error').then(([error]: unknown[]) => Promise.reject(error as Error));
    failed.catch(() => undefined);
    this.socket.bind(port, this.host);
    await Promise.race([once(this.socket, 'listening'), failed]);
    return { host: this.host, port: this.socket.address().port };
  }

  send(bytes: Buffer, to: Address): void {
    if (!this.open || this.lossOut.next(new SipMessage(bytes, to).callId)) return;
    this.socket.send(bytes, to.port, to.host);
  }

  async close(): Promise<void> {
    if (!this.open) return;
    this.open = false;
    await new Promise<void>((resolve) => this.socket.close(() => resolve()));
  }
}
