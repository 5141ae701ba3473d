import type { EndpointSwitches, SwitchedOff } from '../../ports/endpoint-switches.js';

/** Switches of one process, on again when it starts anew. */
export function createMemoryEndpointSwitches(): EndpointSwitches {
  const rows = new Map<string, SwitchedOff>();
  return {
    turnOff: (url, off) => {
      if (!rows.has(url)) rows.set(url, off);
      return Promise.resolve();
    },
    turnOn: (url) => {
      rows.delete(url);
      return Promise.resolve();
    },
    off: (urls) => Promise.resolve(new Map([...rows].filter(([url]) => urls.includes(url)))),
  };
}
