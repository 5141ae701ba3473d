import type { Logger } from 'pino';
import type { Bots } from '../adapters/bots/bot-runtime.js';
import { createRecordingFiles } from '../adapters/recording-files/recording-files.js';
import { createDrachtioTrunkWatch } from '../adapters/drachtio/trunk-watch.js';
import { createHttpApi, type HttpApi } from '../adapters/http/http-api.js';
import { createLog } from '../adapters/log/create-log.js';
import { createMetrics, type PrometheusMetrics } from '../adapters/metrics/metrics.js';
import { createOtelTracing } from '../adapters/tracing/otel-tracing.js';
import { repliesBody, sessionBodies, simulationBody, transferBody } from '../commands/bodies.js';
import { parseReplies } from '../commands/jaicp-replies.js';
import type { Config } from '../config/schema.js';
import { toSettings } from '../config/to-settings.js';
import { createEngine, type Engine } from '../engine/engine.js';
import type { SessionSettings } from '../engine/sessions/session-settings.js';
import { systemClock, systemRandom } from '../engine/system-clock.js';
import type { Settings } from '../domain/settings.js';
import type { PublishedEvent } from '../ports/bot-runtime.js';
import { engineId, type CallBook } from '../ports/call-book.js';
import type { CdrSink } from '../ports/cdr.js';
import type { Clock, Random } from '../ports/clock.js';
import type { Tracing } from '../ports/tracing.js';
import type { DeadLetters } from '../ports/dead-letters.js';
import type { Media } from '../ports/media.js';
import type { Places } from '../ports/places.js';
import type { Sessions } from '../ports/sessions.js';
import type { Siblings } from '../ports/siblings.js';
import type { SignallingInfo } from '../ports/signalling.js';
import { hostPort } from './host-port.js';
import { Shutdown } from './shutdown.js';
import { bookFor } from './start-book.js';
import { startMedia, type StartedMedia } from './start-media.js';
import { sessionSettings, startSessions } from './start-sessions.js';
import { startSiblings } from './start-siblings.js';
import { startOutbox } from './start-outbox.js';
import { startCdr } from './start-cdr.js';
import { startPlaces } from './start-places.js';
import { startSounds } from './start-sounds.js';
import { signallingOver, startSipServers } from './start-signalling.js';
import { startStore, type StartedStore } from './start-store.js';
import { VERSION } from './version.js';

/** A running Switchhook. */
export interface App {
  /** The one line that says it is ready (CONTRACT 1). */
  readonly readyLine: string;
  readonly apiUrl: string;
  readonly sip: readonly string[];
  readonly engine: Engine;
  /** `null`: no channel needs any. */
  readonly media: Media | null;
  /** Takes no new calls, waits for live ones or leaves them to others, and stops everything in the reverse order. */
  stop(drainMs?: number): Promise<void>;
}

/** Builds and starts everything a configuration asks for. What was started is stopped again when a later part cannot. */
export async function startApp(config: Config): Promise<App> {
  const shutdown = new Shutdown();
  try {
    return await assemble(config, shutdown);
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}

async function assemble(config: Config, shutdown: Shutdown): Promise<App> {
  const log = createLog(config.log);
  const parts = await partsOf(config, log, shutdown);
  const trunkWatch = createDrachtioTrunkWatch({ clock: parts.clock, random: parts.random });
  const servers = await startSipServers(config, log, shutdown);
  const media = await startMedia(config, { ...parts, sip: servers, log }, shutdown);
  const signalling = signallingOver(config, { ...parts, servers, watcher: trunkWatch, log });
  const engine = createEngine({
    ...{ ...parts, signalling, trunkWatch, log, maxCalls: config.limits.maxCalls },
    handOver: config.handOver && config.sip.server !== 'embedded',
    media: media?.media ?? null,
    recordings: createRecordingFiles(),
    sounds: media === null ? null : startSounds(config, { ...parts, log }, shutdown),
  });
  const sip = await engine.start();
  shutdown.add(() => signalling.stop());
  const asked = { settings: parts.sessions, control: engine.control, log };
  const desk = startSessions({ ...parts, ...asked }, shutdown);
  const api = apiOf(config, parts, engine, desk, log);
  const { url } = await api.start();
  shutdown.add(() => api.close());
  return {
    readyLine: readyLine(sip, url, media, parts.storeKind),
    apiUrl: url,
    sip: sip.listening,
    engine,
    media: media?.media ?? null,
    stop: async (drainMs = config.drainMs) => {
      await engine.drain(drainMs);
      await parts.bots.drain(DRAIN_EVENTS_MS);
      await engine.leave();
      await shutdown.run();
    },
  };
}

function readyLine(
  { listening, server }: SignallingInfo,
  api: string,
  media: StartedMedia | null,
  store: StartedStore['kind'],
): string {
  const servers = `signalling=${server} media=${media?.server ?? 'none'} store=${store}`;
  return `ready sip=${listening.join(',')} api=${api} ${servers}`;
}

interface Parts {
  readonly settings: Settings;
  readonly store: StartedStore['store'];
  readonly storeKind: StartedStore['kind'];
  readonly book: CallBook;
  readonly siblings: Siblings;
  readonly places: Places;
  readonly cdr: CdrSink;
  readonly sessions: SessionSettings;
  readonly metrics: PrometheusMetrics;
  readonly tracing: Tracing;
  readonly bots: Bots;
  readonly letters: DeadLetters;
  readonly clock: Clock;
  readonly random: Random;
}

async function partsOf(config: Config, log: Logger, shutdown: Shutdown): Promise<Parts> {
  const settings = toSettings(config);
  const clock = systemClock;
  const random = systemRandom;
  const metrics = createMetrics({ version: VERSION });
  shutdown.add(() => {
    metrics.close();
    return Promise.resolve();
  });
  const { store, kind } = await startStore(config, { clock, log, metrics }, shutdown);
  const engine = engineId(random.uuid());
  // By this name other engines, and whoever asks for a call, speak of it.
  log.info({ engine, version: VERSION }, 'this engine');
  const book = bookFor(config, { engine, clock, log, metrics }, shutdown);
  const siblings = startSiblings(config, { engine, clock, random, log }, shutdown);
  const places = await startPlaces(config, { engine, settings, clock, log, metrics }, shutdown);
  const tracing = createOtelTracing({ version: VERSION });
  const headers = (event: PublishedEvent) => tracing.headers(event);
  const toBots = { settings, headers, replies: parseReplies, clock, random, metrics, log };
  const outbox = await startOutbox(config, toBots, shutdown);
  const cdr = await startCdr(config, { clock, log, metrics }, shutdown);
  const sessions = sessionSettings(config);
  const kept = { store, storeKind: kind, book, siblings, places, cdr, sessions, ...outbox };
  return { settings, ...kept, metrics, tracing, clock, random };
}

function apiOf(config: Config, parts: Parts, engine: Engine, desk: Sessions, log: Logger): HttpApi {
  return createHttpApi({
    ...parts,
    listen: hostPort(config.api.listen),
    tokens: config.api.tokens,
    control: engine.control,
    events: parts.store,
    command: transferBody,
    replies: repliesBody,
    simulation: simulationBody,
    sessions: { desk, bodies: sessionBodies },
    logger: log,
    version: VERSION,
  });
}

/** How long the last events of a shutdown may take to reach their bots. */
const DRAIN_EVENTS_MS = 3_000;
