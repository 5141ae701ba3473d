import type { Clock } from '../../ports/clock.js';
import type {
  DialRequest,
  LegListener,
  LegPort,
  ResumeRequest,
  ServerState,
  Signalling,
  SignallingHandler,
  SignallingInfo,
} from '../../ports/signalling.js';
import { createDrachtioSignalling } from './drachtio-signalling.js';
import { LegOnServer, takeApart } from './leg-on-server.js';
import { LinkRefused } from './link.js';
import { SILENT, type DrachtioLog, type DrachtioOptions } from './options.js';
import type { LinkWatcher } from './trunk-watch.js';
import { WatchedLinks } from './watched-links.js';

export interface SeveralServersOptions {
  readonly servers: readonly [DrachtioOptions, ...DrachtioOptions[]];
  readonly watcher?: LinkWatcher;
  readonly clock: Pick<Clock, 'after'>;
  readonly log?: DrachtioLog;
}

/**
 * SIP by way of several drachtio-servers: calls are taken from all of them, and all legs of a call are on one, as long
 * as that is up. A server that is down takes its own legs along and nobody else's.
 */
export function createSeveralServers(options: SeveralServersOptions): Signalling {
  return new SeveralServers(options);
}

/** Once one server is up, the others have so long to be there for the ready line. */
const STRAGGLERS_MS = 1_000;
/** Between attempts to reach a server that has not come yet. */
const RETRY_MS = 2_000;

interface Server {
  readonly name: string;
  readonly signalling: Signalling;
  /** As it said when it came. */
  listening: readonly string[];
  /** Why it did not come when it was last tried; `null`: it did, or it is being tried. */
  problem: Error | null;
}

class SeveralServers implements Signalling {
  private readonly all: readonly [Server, ...Server[]];
  private readonly log: DrachtioLog;
  private readonly takeTimers = new Set<() => void>();
  private handler: SignallingHandler | null = null;
  private at: 'off' | 'starting' | 'started' = 'off';

  constructor(private readonly options: SeveralServersOptions) {
    this.log = options.log ?? SILENT;
    const links = options.watcher === undefined ? null : new WatchedLinks(options.watcher);
    const [first, ...rest] = options.servers;
    const make = (server: DrachtioOptions): Server => {
      const name = `${server.host}:${server.port}`;
      const watcher = links === null ? {} : { watcher: links.of(name) };
      return {
        name,
        signalling: createDrachtioSignalling({ ...server, ...watcher }),
        listening: [],
        problem: null,
      };
    };
    this.all = [make(first), ...rest.map(make)];
  }

  async start(handler: SignallingHandler): Promise<SignallingInfo> {
    if (this.at !== 'off') throw new Error('signalling was started before');
    this.at = 'starting';
    this.handler = handler;
    const attempts = this.all.map((server) => this.attempt(server));
    await this.enough(attempts);
    const problem = this.whyNot();
    if (problem !== null) {
      await this.stop();
      throw problem;
    }
    this.at = 'started';
    for (const attempt of attempts) void attempt.then((server) => this.retryUnlessUp(server));
    return { server: this.all.map(({ name }) => name).join(','), listening: this.listening() };
  }

  declineCalls(): void {
    for (const { signalling } of this.all) signalling.declineCalls();
  }

  connected(): boolean {
    return this.all.some(({ signalling }) => signalling.connected());
  }

  servers(): readonly ServerState[] {
    return this.all.map(({ name, signalling }) => ({ name, up: signalling.connected() }));
  }

  dial(request: DialRequest, listener: LegListener): LegPort {
    const { beside } = request;
    const home = this.named(beside instanceof LegOnServer ? beside.server : null);
    const up = this.all.find(({ signalling }) => signalling.connected());
    const { name, signalling } = home?.signalling.connected() === true ? home : (up ?? this.all[0]);
    return new LegOnServer(name, signalling.dial(request, listener));
  }

  resume(request: ResumeRequest, listener: LegListener): LegPort {
    const { server, handle } = takeApart(request.handle);
    // One that is not ours any more has the leg, and another one says that it has not.
    const { name, signalling } = this.named(server) ?? this.all[0];
    return new LegOnServer(name, signalling.resume({ ...request, handle }, listener));
  }

  async stop(): Promise<void> {
    this.at = 'off';
    for (const take of this.takeTimers) take();
    this.takeTimers.clear();
    await Promise.all(this.all.map(({ signalling }) => signalling.stop()));
  }

  private named(name: string | null): Server | undefined {
    return this.all.find((server) => server.name === name);
  }

  private listening(): readonly string[] {
    return this.all.flatMap(({ listening }) => listening);
  }

  /** Resolves when all have come or failed, or some have come and the others have had their time. */
  private async enough(attempts: readonly Promise<Server>[]): Promise<void> {
    const all = Promise.all(attempts).then(() => undefined);
    const up = attempts.map((attempt) =>
      attempt.then(({ problem }) => (problem === null ? this.pause(STRAGGLERS_MS) : all)),
    );
    await Promise.race([all, ...up]);
  }

  /** A secret that is wrong stays wrong, and is a mistake of the configuration: said at once, whoever else is up. */
  private whyNot(): Error | null {
    const problems = this.all.flatMap(({ problem }) => problem ?? []);
    const refused = problems.find(({ cause }) => cause instanceof LinkRefused);
    return refused ?? (this.connected() ? null : (problems[0] ?? null));
  }

  /** Connects for the first time; never rejects. */
  private async attempt(server: Server): Promise<Server> {
    try {
      const { listening } = await server.signalling.start(this.handlerOf(server));
      Object.assign(server, { listening, problem: null });
      if (this.at === 'started') this.joined(server);
    } catch (error) {
      server.problem = error instanceof Error ? error : new Error(String(error));
    }
    return server;
  }

  private joined(server: Server): void {
    this.log.info('the drachtio-server is there', { address: server.name });
    this.handler?.listeningOn?.(this.listening());
    this.linkUp(server);
  }

  private retryUnlessUp(server: Server): void {
    if (server.problem === null || this.at === 'off') return;
    this.log.warn('a drachtio-server has not come yet', { reason: server.problem.message });
    void this.pause(RETRY_MS)
      .then(() => this.attempt(server))
      .then((tried) => this.retryUnlessUp(tried));
  }

  private handlerOf(server: Server): SignallingHandler {
    return {
      offered: (offer, leg) => this.handler?.offered(offer, new LegOnServer(server.name, leg)) ?? 'ignore',
      // Its legs have been told. Everybody else is only concerned when there is none left.
      linkDown: () => {
        if (!this.connected()) this.handler?.linkDown();
      },
      linkUp: () => this.linkUp(server),
    };
  }

  private linkUp(server: Server): void {
    const others = this.all.filter((other) => other !== server);
    if (!others.some(({ signalling }) => signalling.connected())) this.handler?.linkUp();
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const take = this.options.clock.after(ms, () => {
        this.takeTimers.delete(take);
        resolve();
      });
      this.takeTimers.add(take);
    });
  }
}
