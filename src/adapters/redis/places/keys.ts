const NAME = 'switchhook';

/** Keys of one trunk, which share a slot of a cluster. Members are {@link PlaceId}s. */
export interface TrunkKeys {
  /** Sorted set of places taken, by when they lapse (ms of the server's clock). */
  readonly places: string;
  /** Sorted set of requests, by when they went out. */
  readonly minute: string;
  /** Sorted set of engines, by when they count as gone. */
  readonly engines: string;
  /** As `minute`, to one target. */
  readonly target: (label: string) => string;
}

/** One request of one engine: `<engine> <number>`. */
export type PlaceId = string;

/** Names of trunks and queues have no braces. */
export function trunkKeys(trunk: string): TrunkKeys {
  const tag = `${NAME}:{trunk:${trunk}}`;
  return {
    places: `${tag}:places`,
    minute: `${tag}:minute`,
    engines: `${tag}:engines`,
    target: (label) => `${tag}:target:${label}`,
  };
}

/** Number of turns given out. */
export const turnKey = (queue: string): string => `${NAME}:{queue:${queue}}:turns`;
