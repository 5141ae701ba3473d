import type { WatchedTrunk } from '../../ports/trunk-watch.js';
import { parseHost } from '../../sip/host-port.js';
import { formatSipUri, parseSipUri } from '../../sip/sip-uri.js';
import { formatUriParameters } from '../../sip/uri-parameters.js';

/** What a trunk's REGISTER and OPTIONS are addressed with. */
export interface TrunkAddress {
  /** The proxy as configured: where requests are sent. */
  readonly route: string;
  /** Request-URI: the domain, never with a user (RFC 3261 10.2). */
  readonly registrar: string;
  /** Address of record, in angle brackets. */
  readonly record: string;
  /** Our Contact; the server puts the address of the transport it sends by in for `localhost`. */
  readonly contact: string;
}

/** `undefined`: the trunk has no proxy to ask. */
export function addressOfTrunk({ proxy, auth }: WatchedTrunk): TrunkAddress | undefined {
  const uri = proxy === null ? undefined : parseSipUri(proxy);
  if (proxy === null || uri === undefined) return undefined;
  const transport = uri.parameters.filter(([name]) => name.toLowerCase() === 'transport');
  const registrar = formatSipUri({ ...uri, user: null, parameters: transport, headers: null });
  const { user, domain } = userAndDomain(auth?.username ?? '', uri.host);
  // The real server does not add the transport to a Contact of ours, and the far end would come by UDP.
  const via = formatUriParameters(transport);
  return {
    route: proxy,
    registrar,
    record: `<${uri.scheme}:${user}@${domain}>`,
    contact: `<${uri.scheme}:${user}@localhost${via}>`,
  };
}

/** Some carriers give a user name that is a whole address, whose domain is then the one to register in. */
function userAndDomain(
  username: string,
  proxyHost: string,
): { readonly user: string; readonly domain: string } {
  const at = username.lastIndexOf('@');
  const domain = at < 0 ? undefined : parseHost(username.slice(at + 1));
  const user = domain === undefined ? username : username.slice(0, at);
  return { user: encodeURIComponent(user).replaceAll('%2B', '+'), domain: domain ?? proxyHost };
}
