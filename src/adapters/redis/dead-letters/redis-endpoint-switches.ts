import type { EndpointSwitches, SwitchedOff } from '../../../ports/endpoint-switches.js';
import type { Link } from '../link.js';
import { endpointField, OFF_KEY } from './keys.js';

/** A hash of the endpoints that are off. */
export class RedisEndpointSwitches implements EndpointSwitches {
  constructor(private readonly link: Link) {}

  async turnOff(url: string, off: SwitchedOff): Promise<void> {
    await this.link.ask((commands) => commands.hsetnx(OFF_KEY, endpointField(url), JSON.stringify(off)));
  }

  async turnOn(url: string): Promise<void> {
    await this.link.ask((commands) => commands.hdel(OFF_KEY, endpointField(url)));
  }

  async off(urls: readonly string[]): Promise<ReadonlyMap<string, SwitchedOff>> {
    if (urls.length === 0) return new Map();
    const rows = await this.link.ask((commands) => commands.hmget(OFF_KEY, ...urls.map(endpointField)));
    return new Map(
      urls.flatMap((url, i) => {
        const json = rows[i] ?? null;
        // We wrote it, so it is one.
        return json === null ? [] : [[url, JSON.parse(json) as SwitchedOff] as const];
      }),
    );
  }
}
