import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest';
import {
  attachReal,
  realGiven,
  startEmbedded,
  type Backend,
  type EmbeddedOptions,
  type Timers,
} from './drachtio-backend.js';
import { FrameClient } from './frame-client.js';
import { until } from './poll.js';
import { SipPhone, type Address, type PhoneOptions } from './sip-phone/index.js';
import { TestApp, type AppOptions } from './test-app.js';

/** What a contract test gets: a server, and phones and applications which are taken away again after the test. */
export interface Bench {
  /** The server under test is a real drachtio-server. */
  readonly real: boolean;
  readonly timers: Timers;
  readonly backend: Backend;
  sip(proto?: Address['proto'], host?: string): Address;
  app(routes?: readonly string[], options?: AppOptions): Promise<TestApp>;
  phone(options?: PhoneOptions): Promise<SipPhone>;
  /** An application connection of raw frames; authenticated and with routes, unless told otherwise. */
  frames(options?: FrameOptions): Promise<FrameClient>;
}

interface FrameOptions {
  readonly authenticate?: boolean;
  readonly routes?: readonly string[];
  readonly tags?: readonly string[];
}

export interface BenchOptions {
  /** Options of the embedded server, beyond the usual ones. */
  readonly embedded?: EmbeddedOptions;
  /** Only for one kind of server (a question the other cannot be asked). */
  readonly only?: 'embedded' | 'real';
}

class LiveBench implements Bench {
  backend!: Backend;
  private readonly cleanups: (() => void | Promise<void>)[] = [];

  constructor(readonly real: boolean) {}

  get timers(): Timers {
    return this.backend.timers;
  }

  sip(proto?: Address['proto'], host?: string): Address {
    return this.backend.sip(proto, host);
  }

  async app(routes?: readonly string[], options?: AppOptions): Promise<TestApp> {
    const app = await TestApp.connect(this.backend.admin, routes, options);
    this.cleanups.push(() => app.close());
    return app;
  }

  async phone(options?: PhoneOptions): Promise<SipPhone> {
    const phone = await SipPhone.open(options);
    this.cleanups.push(() => phone.close());
    return phone;
  }

  async frames(options: FrameOptions = {}): Promise<FrameClient> {
    const client = await FrameClient.open(this.backend.admin);
    this.cleanups.push(async () => {
      client.close();
      await until(() => client.closed, 'the frame client closed');
    });
    if (options.authenticate === false) return client;
    await client.authenticate(this.backend.admin.secret, options.tags);
    for (const verb of options.routes ?? []) await client.ask(`route|${verb}`);
    return client;
  }

  async cleanUp(): Promise<void> {
    for (const cleanup of this.cleanups.splice(0).reverse()) await cleanup();
  }
}

/**
 * The same tests against every server: the embedded one always, a real one when the environment names it. A
 * missing real one is counted as skipped tests, so that a green run says what it did not do.
 */
export function describeServers(
  name: string,
  body: (bench: Bench) => void,
  { embedded = {}, only }: BenchOptions = {},
): void {
  if (only !== 'real') {
    const bench = new LiveBench(false);
    describe(`${name} [embedded]`, () => {
      beforeEach(async () => {
        bench.backend = await startEmbedded(embedded);
      });
      afterEach(async ({ task }) => {
        // A failed test leaves calls behind by nature: its own error is the one to show.
        try {
          if (task.result?.state !== 'fail') await bench.backend.idle();
        } finally {
          await bench.cleanUp();
          await bench.backend.close();
        }
      });
      body(bench);
    });
  }
  if (only === 'embedded') return;
  if (!realGiven) {
    describe.skip(`${name} [real drachtio-server: not given]`, () => body(new LiveBench(true)));
    return;
  }
  const bench = new LiveBench(true);
  describe(`${name} [real drachtio-server]`, () => {
    // Waits for other test files to be done with the one real server.
    beforeAll(async () => {
      bench.backend = await attachReal();
    }, 900_000);
    afterEach(() => bench.cleanUp());
    afterAll(() => bench.backend.close());
    body(bench);
  });
}
