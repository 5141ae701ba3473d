import { createRecordingFiles } from '../../src/adapters/recording-files/recording-files.js';
import { PLAIN_SOUNDS } from '../../src/domain/plan.js';
import { createDrachtioSignalling } from '../../src/adapters/drachtio/drachtio-signalling.js';
import type { Deadlines } from '../../src/adapters/drachtio/options.js';
import { createDrachtioTrunkWatch } from '../../src/adapters/drachtio/trunk-watch.js';
import { createMemoryPlaces } from '../../src/adapters/memory/places.js';
import { createMemoryCallBook } from '../../src/adapters/memory/call-book.js';
import { CallShelf } from '../../src/adapters/memory/call-shelf.js';
import { createMemorySiblings } from '../../src/adapters/memory/siblings.js';
import { createMemoryStore } from '../../src/adapters/memory/memory-store.js';
import type { TransferCommand } from '../../src/domain/command.js';
import type { CallId, TransferId } from '../../src/domain/ids.js';
import type { Channel, Settings, Trunk } from '../../src/domain/settings.js';
import { createEngine, type Engine } from '../../src/engine/engine.js';
import { systemClock, systemRandom } from '../../src/engine/system-clock.js';
import type { BotRuntime, PublishedEvent } from '../../src/ports/bot-runtime.js';
import type { CdrSink } from '../../src/ports/cdr.js';
import type { EngineId } from '../../src/ports/call-book.js';
import { silentLog } from '../../src/ports/log.js';
import type { Places } from '../../src/ports/places.js';
import type { Store } from '../../src/ports/store.js';
import type { Backend } from './drachtio-backend.js';
import { FakeMetrics } from './fake-metrics.js';
import { until } from './poll.js';
import { SipPhone, type PhoneOptions } from './sip-phone/index.js';

const ENGINE = 'eng_test' as EngineId;

export interface EngineBenchOptions {
  readonly phone?: PhoneOptions;
  readonly channel?: Partial<Channel>;
  readonly trunk?: Partial<Trunk>;
  /** Trunks beside the one the caller comes by, `carrier`. */
  readonly trunks?: readonly Trunk[];
  readonly transfer?: Partial<Settings['transfer']>;
  readonly targets?: Partial<Settings['targets']>;
  readonly policy?: Partial<Settings['policy']>;
  /** Channels beside the bot's own, `line`. */
  readonly channels?: readonly Channel[];
  /** Waits of the SIP adapter that a test cannot sit out. */
  readonly deadlines?: Partial<Deadlines>;
  /** Places on trunks that are not the engine's own; `own` are. */
  readonly places?: (own: Places, settings: Settings) => Places;
  /** Where call detail records go. */
  readonly cdr?: CdrSink;
}

/** Events the bots were told, in order, waiting to be looked at. */
class EventBook implements BotRuntime {
  listen(): void {
    // No script bots here.
  }

  readonly all: PublishedEvent[] = [];
  private readonly byCall = new Map<CallId, PublishedEvent[]>();
  private waiting: { type: string; take: (event: PublishedEvent) => void }[] = [];
  private seen = 0;

  publish(event: PublishedEvent, _question?: number | null, settled?: () => void): void {
    this.all.push(event);
    this.of(event.callId).push(event);
    this.pump();
    if (settled !== undefined) queueMicrotask(settled);
  }

  resume(): void {
    // Whoever remembers what was said needs no words of its own here.
  }

  /** Events of one call, a list that grows. */
  of(callId: CallId): PublishedEvent[] {
    const known = this.byCall.get(callId);
    if (known !== undefined) return known;
    const fresh: PublishedEvent[] = [];
    this.byCall.set(callId, fresh);
    return fresh;
  }

  /** The next event of this type after those already waited for; others in between are passed over. */
  next(type: PublishedEvent['type'], ms = 5000): Promise<PublishedEvent> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(
          new Error(`no ${type} within ${ms} ms; told so far: ${this.all.map((e) => e.type).join(' ')}`),
        );
      }, ms);
      this.waiting.push({
        type,
        take: (event) => {
          clearTimeout(timer);
          resolve(event);
        },
      });
      this.pump();
    });
  }

  types(callId?: CallId): string[] {
    return this.all.filter((e) => callId === undefined || e.callId === callId).map((e) => e.type);
  }

  drain(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private pump(): void {
    for (;;) {
      const [wanted] = this.waiting;
      if (wanted === undefined) return;
      const at = this.all.findIndex((e, i) => i >= this.seen && e.type === wanted.type);
      if (at < 0) return;
      this.seen = at + 1;
      this.waiting.shift();
      wanted.take(this.all[at]!);
    }
  }
}

/** A whole engine on a SIP server, with a caller, a bot and a target in the test's hands. */
export interface EngineBench {
  readonly engine: Engine;
  readonly store: Store;
  readonly events: EventBook;
  readonly metrics: FakeMetrics;
  readonly backend: Backend;
  readonly caller: SipPhone;
  readonly bot: SipPhone;
  readonly target: SipPhone;
  transfer(callId: CallId, command?: Partial<TransferCommand>): Promise<{ transferId: TransferId }>;
  /** Every ledger, the server's tables included, is empty again. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export async function startEngineBench(
  backend: Backend,
  options: EngineBenchOptions = {},
): Promise<EngineBench> {
  const open = (user: string): Promise<SipPhone> => SipPhone.open({ ...options.phone, user });
  const [caller, bot, target] = await Promise.all([open('caller'), open('bot'), open('target')]);
  const store = createMemoryStore({ clock: systemClock });
  const events = new EventBook();
  const metrics = new FakeMetrics();
  const trunkWatch = createDrachtioTrunkWatch({ clock: systemClock, random: systemRandom });
  const signalling = createDrachtioSignalling({
    ...backend.admin,
    watcher: trunkWatch,
    ...(options.deadlines !== undefined && { deadlines: options.deadlines }),
  });
  const settings = settingsFor(bot, target, options);
  const own = createMemoryPlaces({ trunks: settings.trunks, clock: systemClock, metrics });
  const places = options.places?.(own, settings) ?? own;
  const engine = createEngine({
    settings,
    maxCalls: 10_000,
    handOver: false,
    signalling,
    trunkWatch,
    media: null,
    sounds: null,
    recordings: createRecordingFiles(),
    bots: events,
    store,
    book: createMemoryCallBook(ENGINE, new CallShelf(systemClock, false)),
    siblings: createMemorySiblings(ENGINE, systemClock),
    places,
    ...(options.cdr === undefined ? {} : { cdr: options.cdr }),
    metrics,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
  });
  await engine.start();
  return {
    ...{ engine, store, events, metrics, backend, caller, bot, target },
    transfer: (callId, command = {}) =>
      engine.control.transfer(callId, {
        targets: [{ sipUri: target.uri }],
        method: 'auto',
        headers: [],
        metadata: {},
        ...command,
      }),
    settled: async () => {
      await until(
        () => engine.liveCalls() === 0,
        () => `live calls: ${JSON.stringify(engine.calls())}`,
        8000,
      );
      await backend.idle();
    },
    close: async () => {
      await engine.drain(0);
      await signalling.stop();
      await Promise.all([caller.close(), bot.close(), target.close()]);
    },
  };
}

function settingsFor(bot: SipPhone, target: SipPhone, options: EngineBenchOptions): Settings {
  const carrier = trunkTo(target, options.trunk);
  const line: Channel = {
    ...channelOf('line'),
    answer: { by: 'bot', bot: { kind: 'sip', uri: bot.uri } },
    ...options.channel,
  };
  return {
    trunks: new Map([carrier, ...(options.trunks ?? [])].map((trunk) => [trunk.name, trunk])),
    channels: new Map([line, ...(options.channels ?? [])].map((channel) => [channel.id, channel])),
    targets: { queues: new Map(), extensions: new Map(), ...options.targets },
    policy: {
      allowHosts: ['127.0.0.1'],
      allowCountries: null,
      denyPrefixes: [],
      referFromNetwork: 'deny',
      ...options.policy,
    },
    transfer: {
      method: 'auto',
      refer: { responseMs: 5000, firstNotifyMs: 5000, totalMs: 20_000, departMs: 1000 },
      ringTimeoutMs: 10_000,
      returnToBot: false,
      onFailure: [],
      callerSilenceMs: 10_000,
      sounds: PLAIN_SOUNDS,
      ...options.transfer,
    },
  };
}

/** A channel for calls by the carrier to any number; what it does with them is the test's to say. */
export const channelOf = (id: string): Omit<Channel, 'answer'> => ({
  id,
  match: { trunk: 'carrier', did: [] },
  trunk: 'carrier',
  media: 'direct',
  events: null,
  referFromNetwork: null,
  transfer: {},
  answerTimeoutMs: 20_000,
  recording: null,
});

/** A trunk to this phone that takes calls from the whole loopback network. */
export const trunkTo = (target: Pick<SipPhone, 'uri'>, changes: Partial<Trunk> = {}): Trunk => ({
  name: 'carrier',
  allow: ['127.0.0.0/8', '::1'],
  proxy: target.uri.replace('target@', ''),
  auth: null,
  register: false,
  pingMs: null,
  numberFormat: 'raw',
  callerId: { policy: 'caller', number: null, allowForeign: false, recipe: {} },
  transfer: { refer: 'auto', referTo: 'sip', headersIn: 'message', dtmfInfo: false },
  headerBudget: { count: 32, bytes: 8192 },
  limits: { concurrent: null, perMinute: null, perTargetPerMinute: null },
  failover: [],
  statusMap: {},
  referFromNetwork: null,
  ...changes,
});
