/** `udp/127.0.0.1:5060,tcp/...` of the server as the port says it: `udp:127.0.0.1:5060` ... */
export function listeningOf(hostports: string): readonly string[] {
  return hostports
    .split(',')
    .map((entry) => entry.trim().replace('/', ':'))
    .filter((entry) => entry !== '');
}

/** `host:port` of ours to name where the transport of a call is not known: IPv4 and UDP, if there is such a one. */
export function ownHost(listening: readonly string[]): string | null {
  const chosen =
    listening.find((entry) => entry.startsWith('udp:') && !entry.includes('[')) ??
    listening.find((entry) => !entry.includes('[')) ??
    listening[0];
  return chosen === undefined ? null : chosen.slice(chosen.indexOf(':') + 1);
}
