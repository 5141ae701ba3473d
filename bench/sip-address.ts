import { listenerOf } from './proc.js';
import type { DrachtioAddress, Watched } from './subject.js';

/** From `udp:127.0.0.1:5060` of the engine or `udp/127.0.0.1:5060` of drachtio-srf, among other addresses. */
export function loopbackUdpPort(line: string): number {
  const port = /udp[:/]127\.0\.0\.1:(\d+)/.exec(line)?.[1];
  if (port === undefined)
    throw new Error(`the SIP server must listen on udp 127.0.0.1, not only on: ${line}`);
  return Number(port);
}

/** The process of a drachtio-server, when it is on this machine and ours to look at. */
export function serverProcess({ port }: DrachtioAddress): Watched[] {
  const pid = listenerOf(port);
  return pid === undefined ? [] : [{ name: 'drachtio', pid, inspector: undefined }];
}

/** `host:port:secret`, as in SWITCHHOOK_TEST_DRACHTIO. */
export function parseDrachtioAddress(text: string): DrachtioAddress | undefined {
  const [, host, port, secret] = /^(.+):(\d+):([^:]+)$/.exec(text) ?? [];
  if (host === undefined || secret === undefined) return undefined;
  return { host, port: Number(port), secret };
}
