import type Srf from 'drachtio-srf';
import type { LinkWatcher } from './trunk-watch.js';

/**
 * Trunks are registered and pinged by way of one server at a time, or a registrar would send its calls to all of them:
 * the first whose link comes up, and when that is lost, another one.
 */
export class WatchedLinks {
  private readonly up = new Map<string, Srf>();
  private used: string | null = null;

  constructor(private readonly watcher: LinkWatcher) {}

  /** What the adapter of this server tells. */
  of(server: string): LinkWatcher {
    return {
      linkUp: (srf) => {
        this.up.set(server, srf);
        if (this.used === null) this.use(server, srf);
      },
      linkDown: () => {
        this.up.delete(server);
        if (this.used === server) this.leave();
      },
    };
  }

  private use(server: string, srf: Srf): void {
    this.used = server;
    this.watcher.linkUp(srf);
  }

  private leave(): void {
    this.used = null;
    this.watcher.linkDown();
    const [next] = this.up;
    if (next !== undefined) this.use(...next);
  }
}
