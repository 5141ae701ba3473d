import { createDrachtioSignalling } from '../adapters/drachtio/drachtio-signalling.js';
import type { DrachtioLog, DrachtioOptions } from '../adapters/drachtio/options.js';
import { createSeveralServers } from '../adapters/drachtio/several-servers.js';
import type { LinkWatcher } from '../adapters/drachtio/trunk-watch.js';
import type { SipServer } from '../adapters/freeswitch/options.js';
import type { Config } from '../config/schema.js';
import { sipServers } from '../config/sip-servers.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { Signalling } from '../ports/signalling.js';
import type { Shutdown } from './shutdown.js';
import { startSipServerProcess } from './sip-server-process.js';

export type SipServers = readonly [SipServer, ...SipServer[]];

/** The configured drachtio-servers, or an embedded one started for us; the same wire from here on. */
export async function startSipServers(config: Config, log: Log, shutdown: Shutdown): Promise<SipServers> {
  const [first, ...rest] = sipServers(config.sip).map((server) => ({
    ...server,
    secret: server.secret ?? '',
  }));
  if (first !== undefined) return [first, ...rest];
  const { listen, timers } = config.sip;
  const allow = Object.values(config.trunks).flatMap((trunk) => trunk.allow);
  const process = await startSipServerProcess({ listen, allow, timers, log });
  shutdown.add(() => process.stop());
  const { host, port, secret } = process;
  return [{ host, port, secret, tls: false }];
}

export interface SignallingParts {
  readonly servers: SipServers;
  readonly watcher: LinkWatcher;
  readonly clock: Clock;
  readonly log: Log;
}

/** SIP by way of these servers; started by the engine. */
export function signallingOver({ sip }: Config, parts: SignallingParts): Signalling {
  const { watcher, clock } = parts;
  const log = drachtioLog(parts.log);
  const [first, ...rest] = parts.servers;
  if (rest.length > 0)
    return createSeveralServers({
      servers: [options(first, log), ...rest.map((s) => options(s, log))],
      watcher,
      clock,
      log,
    });
  const name = sip.server === 'embedded' ? { server: 'embedded' } : {};
  return createDrachtioSignalling({ ...options(first, log), ...name, watcher });
}

const options = ({ host, port, secret, tls }: SipServer, log: DrachtioLog): DrachtioOptions => ({
  ...{ host, port, secret, log },
  ...(tls ? { tls: {} } : {}),
});

const drachtioLog = (log: Log): DrachtioLog => ({
  info: (message, fields = {}) => log.info(fields, message),
  warn: (message, fields = {}) => log.warn(fields, message),
  error: (message, fields = {}) => log.error(fields, message),
});
