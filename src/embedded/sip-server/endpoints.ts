import { lookup } from 'node:dns';
import { isIP } from 'node:net';
import { Flow, isLoopback, type Endpoint, type Proto } from './endpoint.js';
import { parseSipUri, type SipUri } from './sip-uri.js';

/** Where a request goes next, before names are resolved. */
export interface Hop {
  readonly host: string;
  readonly port: number;
  readonly proto: Proto;
}

/** Undefined for schemes and transports this server does not speak (sips:, tel:, tls, ws, sctp). */
export function hopOf(uri: string): Hop | undefined {
  const parsed = parseSipUri(uri);
  return parsed === undefined ? undefined : hopOfUri(parsed);
}

export function hopOfUri(uri: SipUri): Hop | undefined {
  if (uri.secure || (uri.transport !== '' && uri.transport !== 'udp' && uri.transport !== 'tcp'))
    return undefined;
  return {
    host: uri.host,
    port: uri.port < 0 ? 5060 : uri.port,
    proto: uri.transport === 'tcp' ? 'tcp' : 'udp',
  };
}

/** All our transports: finds the one to use for a destination. */
export class Endpoints {
  constructor(private readonly all: readonly Endpoint[]) {}

  /** Same transport and address family; among those the one that is loopback exactly when the destination is. */
  select(proto: Proto, address: string): Endpoint | undefined {
    const ipv6 = isIP(address) === 6;
    const loopback = isLoopback(address);
    let best: Endpoint | undefined;
    for (const e of this.all) {
      if (e.proto !== proto || e.ipv6 !== ipv6) continue;
      if (e.loopback === loopback) return e;
      best ??= e;
    }
    return best;
  }

  /** The transport to name when there is nowhere to send to. */
  get fallback(): Endpoint | undefined {
    return this.all[0];
  }

  isOurs(hop: Hop, address: string): boolean {
    for (const e of this.all) {
      if (e.port !== hop.port || e.proto !== hop.proto) continue;
      if (e.host === address || e.face(address).host === address) return true;
    }
    return false;
  }

  /** Calls back at once for a literal address, later for a name; null when it cannot be reached by any of our transports. */
  route(hop: Hop, done: (flow: Flow | null) => void): void {
    if (isIP(hop.host) !== 0) {
      done(this.flowTo(hop, hop.host));
      return;
    }
    lookup(hop.host, { all: true }, (error, addresses) => {
      if (error !== null) {
        done(null);
        return;
      }
      for (const { address } of addresses) {
        const flow = this.flowTo(hop, address);
        if (flow !== null) {
          done(flow);
          return;
        }
      }
      done(null);
    });
  }

  flowTo(hop: Hop, address: string): Flow | null {
    const endpoint = this.select(hop.proto, address);
    return endpoint === undefined ? null : new Flow(endpoint, address, hop.port);
  }
}
