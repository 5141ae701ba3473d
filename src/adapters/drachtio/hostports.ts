/** `udp/127.0.0.1:5060,tcp/...` of the server as the port says it: `udp:127.0.0.1:5060` ... */
export function listeningOf(hostports: string): readonly string[] {
  return hostports
    .split(',')
    .map((entry) => entry.trim().replace('/', ':'))
    .filter((entry) => entry !== '');
}

/** `host:port` of the first. */
export function firstHost(listening: readonly string[]): string | null {
  const first = listening[0];
  return first === undefined ? null : first.slice(first.indexOf(':') + 1);
}
