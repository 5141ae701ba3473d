import type { Media } from '../ports/media.js';

export interface MediaHealth {
  /** `degraded`: some of the servers are down. */
  readonly word: 'up' | 'down' | 'degraded';
  /** Which are down; `null` when none is. */
  readonly detail: string | null;
}

/** The row `media` of `/readyz`. */
export function mediaHealth(media: Pick<Media, 'servers'>): MediaHealth {
  const servers = media.servers();
  const down = servers.filter(({ up }) => !up).map(({ name }) => name);
  if (down.length === 0) return { word: 'up', detail: null };
  const detail = `no answer from ${down.join(', ')}; is it running, and is its secret the configured one?`;
  return { word: down.length < servers.length ? 'degraded' : 'down', detail };
}
