import { parseHostPort } from './host-port.js';
import { parseIpv4 } from './ip-address.js';

/** `udp:127.0.0.1:5060` or `tcp:[::1]:5060`; port 0 = any free port. */
export interface ListenAddress {
  readonly transport: 'udp' | 'tcp';
  /** An address, never a name; IPv6 in brackets. */
  readonly host: string;
  readonly port: number;
}

export function parseListenAddress(text: string): ListenAddress | undefined {
  const transport = text.slice(0, 4) === 'udp:' ? 'udp' : text.slice(0, 4) === 'tcp:' ? 'tcp' : undefined;
  const at = parseHostPort(text.slice(4));
  if (transport === undefined || at?.port == null) return undefined;
  // A name could stand for several addresses; what a phone is told to reach has to be one.
  if (!at.host.startsWith('[') && parseIpv4(at.host) === undefined) return undefined;
  return { transport, host: at.host, port: at.port };
}
