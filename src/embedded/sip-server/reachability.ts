import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { SendOwner } from './endpoint.js';

/** An ICMP answer takes a round trip on the local network; longer is not worth waiting for. */
const WAIT_MS = 500;
/** RFC 5626 4.4.1 keep-alive: harmless to any SIP element. */
const KEEP_ALIVE = Buffer.from('\r\n\r\n', 'latin1');

/** Loopback, RFC 1918, link-local and unique local addresses: where a closed port is answered honestly. */
function isNear(host: string): boolean {
  if (/^(127\.|10\.|192\.168\.|169\.254\.|::1$|f[cd]|fe80)/i.test(host)) return true;
  const second = /^172\.(\d{1,3})\./.exec(host)?.[1];
  return second !== undefined && Number(second) >= 16 && Number(second) <= 31;
}

/**
 * A shared UDP socket is not told about ICMP "port unreachable", a connected one is. So when a near destination leaves our first
 * transmission unanswered, a short-lived connected socket asks whether anybody is there; a refusal is a transport error, which
 * the caller learns now instead of after timer B (RFC 3261 18.4). Everybody who waits for one destination shares one probe.
 */
export class Reachability {
  /** Off where there is no real network to ask. */
  enabled = true;
  private readonly asking = new Map<string, SendOwner[]>();

  probe(host: string, port: number, owner: SendOwner): void {
    if (!this.enabled || !isNear(host)) return;
    const key = `${host}|${port}`;
    const waiting = this.asking.get(key);
    if (waiting !== undefined) {
      waiting.push(owner);
      return;
    }
    this.asking.set(key, [owner]);
    this.ask(key, host, port);
  }

  private ask(key: string, host: string, port: number): void {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    const finish = (refused: boolean): void => {
      clearTimeout(timer);
      const owners = this.asking.get(key) ?? [];
      this.asking.delete(key);
      socket.close();
      if (refused) for (const owner of owners) owner.transportFailed();
    };
    const timer = setTimeout(() => finish(false), WAIT_MS);
    timer.unref();
    socket.unref();
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.on('error', () => undefined);
      finish(error.code === 'ECONNREFUSED');
    });
    socket.connect(port, host, () => {
      socket.send(KEEP_ALIVE, () => undefined);
    });
  }
}
