import type { Admin } from './drachtio-backend.js';
import { nextEvent, until } from './poll.js';
import { createSrf, type Srf, type SrfRequest, type SrfResponse } from './srf.js';

/** A request that reached the application. */
export interface Arrival {
  readonly req: SrfRequest;
  readonly res: SrfResponse;
  /** The CANCEL, once it came: srf emits it once, so the listener is there from the first tick. */
  cancel: { get(name: string): string } | null;
}

export interface AppOptions {
  readonly enablePing?: boolean;
  readonly pingInterval?: number;
  /** What it tells the server it is. */
  readonly tags?: readonly string[];
}

/** An application on unmodified drachtio-srf; what arrives is queued until the test asks for it. */
export class TestApp {
  readonly arrivals: Arrival[] = [];
  /** `proto/host:port,...` as the server announced it. */
  hostports = '';
  version = '';
  connects = 0;

  private constructor(readonly srf: Srf) {}

  static async connect(
    admin: Admin,
    routes: readonly string[] = ['invite'],
    { tags = [], ...options }: AppOptions = {},
  ): Promise<TestApp> {
    const app = new TestApp(createSrf(tags));
    const { srf } = app;
    // Without a listener a lost link would be an uncaught exception in the test process.
    srf.on('error', () => undefined);
    srf.on('connect', (error: Error | null, hostports: string, version: string) => {
      if (error !== null) return;
      app.connects++;
      app.hostports = hostports;
      app.version = version;
    });
    for (const verb of routes) {
      srf.use(verb, (req, res) => {
        const arrival: Arrival = { req, res, cancel: null };
        req.on('cancel', (cancel: { get(name: string): string }) => {
          arrival.cancel = cancel;
        });
        app.arrivals.push(arrival);
      });
    }
    const connected = nextEvent(srf, 'connect');
    srf.connect({ ...admin, ...options, reconnect: { retryMaxDelay: 100 } });
    const [error] = await connected;
    if (error instanceof Error) throw error;
    await app.settled();
    return app;
  }

  /**
   * Waits until the server has read everything sent so far, routes above all (srf does not tell when they are
   * acknowledged): a request for a dialog which cannot exist is answered behind them.
   */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      const nowhere = { method: 'INFO', stackDialogId: 'no-such-dialog' };
      this.srf.request('sip:nobody@127.0.0.1', nowhere, () => resolve());
    });
  }

  /** The next request nobody took yet. */
  async next(method = 'INVITE', timeoutMs?: number): Promise<Arrival> {
    const here = (): number => this.arrivals.findIndex((a) => a.req.method === method);
    for (;;) {
      await until(() => here() >= 0, `a ${method} at the application`, timeoutMs);
      const index = here();
      // Another waiter may have been quicker.
      const [arrival] = index < 0 ? [] : this.arrivals.splice(index, 1);
      if (arrival !== undefined) return arrival;
    }
  }

  /** Hangs up, and waits until the server has noticed: it must not send the next test's calls here. */
  async close(): Promise<void> {
    const closed = nextEvent(this.srf, 'close').catch(() => undefined);
    try {
      this.srf.disconnect();
    } catch {
      return; // not connected any more
    }
    await closed;
  }
}
