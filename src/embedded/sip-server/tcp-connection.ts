import type { Socket } from 'node:net';
import { Flow, type Endpoint, type MessageSink, type SendOwner } from './endpoint.js';
import type { Counters } from './counters.js';
import type { SipLimits } from './options.js';
import type { Scanner } from './scanner.js';
import { StreamFramer } from './stream-framer.js';

export interface ConnectionHost {
  readonly endpoint: Endpoint;
  readonly limits: SipLimits;
  readonly scanner: Scanner;
  readonly counters: Counters;
  readonly sink: MessageSink;
  connectionClosed(connection: TcpConnection): void;
}

/** One TCP connection that carries SIP, whoever opened it. */
export class TcpConnection {
  closed = false;
  readonly flow: Flow;
  private readonly framer: StreamFramer;
  private waiting: SendOwner[] | null = [];

  constructor(
    private readonly host: ConnectionHost,
    private readonly socket: Socket,
    readonly remoteHost: string,
    readonly remotePort: number,
    connected: boolean,
  ) {
    this.flow = new Flow(host.endpoint, remoteHost, remotePort, this);
    this.framer = new StreamFramer(host.scanner, host.limits);
    if (connected) this.waiting = null;
    socket.setNoDelay(true);
    socket.setTimeout(host.limits.tcpIdleMs, () => socket.destroy());
    socket.on('connect', () => {
      this.waiting = null;
    });
    socket.on('data', (chunk: Buffer) => this.onData(chunk));
    socket.on('error', () => {
      host.counters.transportErrors++;
    });
    socket.on('close', () => this.onClose());
  }

  get key(): string {
    return `${this.remoteHost}|${this.remotePort}`;
  }

  send(text: string, owner: SendOwner | null): void {
    if (this.closed) {
      owner?.transportFailed();
      return;
    }
    if (owner !== null) this.waiting?.push(owner);
    this.socket.write(text, 'latin1');
    if (this.socket.writableLength > this.host.limits.maxTcpBacklogBytes) this.socket.destroy();
  }

  /** Sends the last words and closes; what the peer still says is not read. */
  end(lastWords: string): void {
    this.socket.removeAllListeners('data');
    this.socket.resume();
    this.socket.end(lastWords, 'latin1');
    this.socket.setTimeout(2000, () => this.socket.destroy());
  }

  destroy(): void {
    this.socket.destroy();
  }

  private onData(chunk: Buffer): void {
    const { framer, host } = this;
    framer.push(chunk);
    for (;;) {
      const next = framer.next();
      if (next === 'more' || this.closed) return;
      if (next === 'ping') {
        // RFC 5626 4.4.1: a double CRLF is answered with a single one.
        this.socket.write('\r\n', 'latin1');
      } else if (next === 'broken') {
        host.counters.garbage++;
        this.socket.destroy();
        return;
      } else {
        host.sink.onMessage(next, this.flow);
        if (next.defectStatus === 413) return;
      }
    }
  }

  private onClose(): void {
    this.closed = true;
    this.host.connectionClosed(this);
    const owners = this.waiting;
    this.waiting = null;
    for (const owner of owners ?? []) owner.transportFailed();
  }
}
