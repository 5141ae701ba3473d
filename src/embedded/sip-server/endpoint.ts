import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { hostPort } from './sip-uri.js';
import type { SipMessage } from './sip-message.js';
import type { TcpConnection } from './tcp-connection.js';

export type Proto = 'udp' | 'tcp';

/** How one of our transports names itself in Via and Contact. */
export interface Face {
  readonly host: string;
  readonly port: number;
  readonly hostPort: string;
  /** `Via: SIP/2.0/UDP host:port;rport;branch=` : only the branch is missing (RFC 3581: rport always). */
  readonly via: string;
  readonly contact: string;
}

/** Told when a message could not be handed to the network. */
export interface SendOwner {
  transportFailed(): void;
}

export interface MessageSink {
  onMessage(message: SipMessage, flow: Flow): void;
}

/** A bound transport of ours. */
export interface Endpoint {
  readonly proto: Proto;
  readonly host: string;
  readonly port: number;
  readonly ipv6: boolean;
  readonly loopback: boolean;
  face(remote: string): Face;
  send(flow: Flow, text: string, owner: SendOwner | null): void;
  close(): Promise<void>;
}

/** Where a message came from or goes to: one of our transports, a literal address, and for TCP the connection in use. */
export class Flow {
  constructor(
    readonly endpoint: Endpoint,
    readonly host: string,
    readonly port: number,
    public connection: TcpConnection | null = null,
  ) {}

  get proto(): Proto {
    return this.endpoint.proto;
  }

  get reliable(): boolean {
    return this.endpoint.proto === 'tcp';
  }

  get face(): Face {
    return this.endpoint.face(this.host);
  }

  send(text: string, owner: SendOwner | null = null): void {
    this.endpoint.send(this, text, owner);
  }
}

export function isLoopback(host: string): boolean {
  return host.startsWith('127.') || host === '::1' || host === 'localhost';
}

function makeFace(proto: Proto, host: string, port: number): Face {
  const address = hostPort(host, port);
  return {
    host,
    port,
    hostPort: address,
    via: `Via: SIP/2.0/${proto.toUpperCase()} ${address};rport;branch=`,
    contact: `<sip:${address}${proto === 'tcp' ? ';transport=tcp' : ''}>`,
  };
}

function firstPublicAddress(ipv6: boolean): string | undefined {
  for (const list of Object.values(networkInterfaces())) {
    for (const i of list ?? []) {
      if (!i.internal && (i.family === 'IPv6') === ipv6 && !i.address.startsWith('fe80')) return i.address;
    }
  }
  return undefined;
}

/** The names of one transport: a wildcard address shows a loopback peer a loopback name and everybody else a reachable one. */
export class Faces {
  private readonly outer: Face;
  private readonly inner: Face;

  constructor(proto: Proto, host: string, port: number, advertise: string | undefined) {
    const ipv6 = isIPv6(host);
    const wildcard = host === '0.0.0.0' || host === '::';
    const loop = ipv6 ? '::1' : '127.0.0.1';
    this.outer = makeFace(proto, wildcard ? (advertise ?? firstPublicAddress(ipv6) ?? loop) : host, port);
    this.inner = wildcard ? makeFace(proto, loop, port) : this.outer;
  }

  for(remote: string): Face {
    return isLoopback(remote) ? this.inner : this.outer;
  }
}
