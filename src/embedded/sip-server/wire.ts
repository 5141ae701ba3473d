import type { Flow } from './endpoint.js';

/** Fields of the application protocol (drachtio protocol sections 1 and 3). */

let millisecond = -1;
let text = '';
let second = -1;
let prefix = '';

function two(n: number): string {
  return n < 10 ? `0${n}` : `${n}`;
}

/** UTC time of day, `HH:MM:SS.uuuuuu`. Many frames share a millisecond and very many a second: both are cached. */
export function timeOfDay(now: number = Date.now()): string {
  if (now === millisecond) return text;
  millisecond = now;
  const s = Math.floor(now / 1000);
  if (s !== second) {
    second = s;
    const day = s % 86_400;
    prefix = `${two(Math.floor(day / 3600))}:${two(Math.floor((day % 3600) / 60))}:${two(day % 60)}.`;
  }
  const ms = now % 1000;
  text = `${prefix}${ms < 10 ? '00' : ms < 100 ? '0' : ''}${ms}000`;
  return text;
}

export type Source = 'network' | 'application';

/** meta6: `source|bytes|proto|addr|port|time`. */
export function meta6(source: Source, bytes: number, proto: string, host: string, port: number): string {
  return `${source}|${bytes}|${proto}|${host}|${port}|${timeOfDay()}`;
}

/** A message as received. */
export function networkMeta(flow: Flow, bytes: number): string {
  return meta6('network', bytes, flow.proto, flow.host, flow.port);
}

/** A request of ours as sent: the address is that of our transport. */
export function sentRequestMeta(flow: Flow, bytes: number): string {
  const { host, port } = flow.face;
  return meta6('application', bytes, flow.proto, host, port);
}
