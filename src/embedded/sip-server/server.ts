import { AppServer } from './app-server.js';
import { ClientInvite } from './client-invite.js';
import { ClientRequest } from './client-request.js';
import { Core } from './core.js';
import { Egress } from './egress.js';
import { Endpoints } from './endpoints.js';
import { Ingress } from './ingress.js';
import { DEFAULT_LIMITS, DEFAULT_TIMERS, parseListen, type SipServerOptions } from './options.js';
import { Scanner } from './scanner.js';
import { hostPort } from './sip-uri.js';
import { TcpEndpoint } from './tcp-endpoint.js';
import { TimerWheel } from './timer-wheel.js';
import { UdpEndpoint } from './udp-endpoint.js';

export type { SipLimits, SipServerOptions, SipTimers } from './options.js';
export { VERSION } from './egress.js';

/** Sizes of the tables now, and counters since start. Idle means all tables are empty. */
export interface SipServerStats {
  readonly clientTransactions: number;
  readonly serverTransactions: number;
  readonly dialogs: number;
  /** Of these, the ones that wait for an application. */
  readonly orphans: number;
  readonly timers: number;
  /** Requests of the network an application has not answered finally. */
  readonly pendingRequests: number;
  readonly appConnections: number;
  readonly tcpConnections: number;
  readonly counters: Readonly<Record<string, number>>;
}

export interface SipServer {
  /** "udp:127.0.0.1:5060" with the real ports. */
  readonly listening: readonly string[];
  readonly admin: { readonly host: string; readonly port: number };
  stats(): SipServerStats;
  close(): Promise<void>;
}

/** An address that cannot be used; the message names it. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

type AnyEndpoint = UdpEndpoint | TcpEndpoint;

async function bind(text: string, advertise: string | undefined): Promise<AnyEndpoint> {
  const address = parseListen(text);
  if (address === undefined) throw new ListenError(`"${text}" is not udp:HOST:PORT or tcp:HOST:PORT`);
  const kind = address.proto === 'udp' ? UdpEndpoint : TcpEndpoint;
  try {
    return await kind.bind(address.host, address.port, advertise);
  } catch (error) {
    throw new ListenError(`cannot listen on ${text}: ${(error as Error).message}`);
  }
}

/** BYEs of a close may be answered, or be sent once more, before the sockets go. */
const GOODBYE_MS = 700;

async function saidGoodbye(core: Core): Promise<void> {
  const end = performance.now() + GOODBYE_MS;
  const waiting = (): boolean =>
    [...core.clients.values()].some((c) => c instanceof ClientRequest && !c.answered);
  while (waiting() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Binds everything or nothing. */
async function bindAll(options: SipServerOptions): Promise<{ endpoints: AnyEndpoint[]; apps: AppServer }> {
  const endpoints: AnyEndpoint[] = [];
  try {
    for (const text of options.listen) endpoints.push(await bind(text, options.advertise));
    const { host, port } = options.admin;
    const apps = await AppServer.bind(host, port).catch((error: unknown) => {
      throw new ListenError(
        `cannot listen for applications on ${hostPort(host, port)}: ${(error as Error).message}`,
      );
    });
    return { endpoints, apps };
  } catch (error) {
    for (const e of endpoints) await e.close();
    throw error;
  }
}

function statistics(core: Core, endpoints: readonly AnyEndpoint[]): SipServerStats {
  let tcpConnections = 0;
  for (const e of endpoints) if (e instanceof TcpEndpoint) tcpConnections += e.connectionCount;
  return {
    clientTransactions: core.clients.size,
    serverTransactions: core.servers.size,
    dialogs: core.dialogs.size,
    orphans: [...core.dialogs.values()].filter((dialog) => dialog.orphan !== null).length,
    timers: core.wheel.count,
    pendingRequests: core.uas.size,
    appConnections: core.apps.connections.size,
    tcpConnections,
    counters: Object.fromEntries(Object.entries(core.counters)),
  };
}

export async function startSipServer(options: SipServerOptions): Promise<SipServer> {
  if (options.secret === '' || /[|\r\n]/.test(options.secret))
    throw new ListenError('the secret must be non-empty and without "|"');
  const { endpoints, apps } = await bindAll(options);
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const timers = { ...DEFAULT_TIMERS, ...options.timers };
  const wheel = new TimerWheel();
  const core = new Core(wheel, timers, limits, new Endpoints(endpoints), apps, options);
  wheel.onFault = () => core.counters.faults++;
  const scanner = new Scanner(limits);
  const ingress = new Ingress(core, scanner);
  const hostPorts = endpoints.map((e) => `${e.proto}/${hostPort(e.face('').host, e.port)}`).join(',');
  for (const e of endpoints) e.start(ingress, scanner, core.counters, limits);
  apps.start(new Egress(core, hostPorts), core.counters, limits);
  return {
    listening: endpoints.map((e) => `${e.proto}:${hostPort(e.host, e.port)}`),
    admin: { host: options.admin.host, port: apps.port },
    stats: () => statistics(core, endpoints),
    close: async () => {
      core.orphans.close();
      await apps.close();
      await saidGoodbye(core);
      for (const client of [...core.clients.values()]) if (client instanceof ClientInvite) client.terminate();
      await Promise.all(endpoints.map((e) => e.close()));
      wheel.stop();
    },
  };
}
