import { CallShelf } from '../../src/adapters/memory/call-shelf.js';
import { createMemoryCallBook } from '../../src/adapters/memory/call-book.js';
import { createMemoryPlaces } from '../../src/adapters/memory/places.js';
import { createMemoryStore } from '../../src/adapters/memory/memory-store.js';
import { createMemorySiblings } from '../../src/adapters/memory/siblings.js';
import { createRecordingFiles } from '../../src/adapters/recording-files/recording-files.js';
import type { TransferCommand } from '../../src/domain/command.js';
import type { CallId, TransferId } from '../../src/domain/ids.js';
import { PLAIN_SOUNDS } from '../../src/domain/plan.js';
import type { Channel, Settings } from '../../src/domain/settings.js';
import { createEngine, type Engine } from '../../src/engine/engine.js';
import { systemRandom } from '../../src/engine/system-clock.js';
import type { CallMemory } from '../../src/domain/call-memory.js';
import type { BotRuntime, PublishedEvent } from '../../src/ports/bot-runtime.js';
import { engineId, type EngineId } from '../../src/ports/call-book.js';
import { silentLog } from '../../src/ports/log.js';
import { channelOf, trunkTo } from './engine-bench.js';
import { FakeClock } from './fake-clock.js';
import { FakeMedia } from './fake-media.js';
import { FakeMetrics } from './fake-metrics.js';
import { FAKE_SDP, FakeSignalling, POLITE, type FakeLeg } from './fake-signalling.js';

/** Notes what bots are told, and settles it, unless told to keep silent. */
class BotsOfCrew implements BotRuntime {
  readonly told: PublishedEvent[] = [];
  readonly resumed: { readonly call: CallId; readonly memory: CallMemory }[] = [];
  settles = true;

  constructor(private readonly everybody: PublishedEvent[]) {}

  listen(): void {
    // Nobody here commands by events.
  }

  publish(event: PublishedEvent, _question?: number | null, settled?: () => void): void {
    this.told.push(event);
    this.everybody.push(event);
    if (this.settles && settled !== undefined) queueMicrotask(settled);
  }

  resume(call: CallId, _channel: string, memory: CallMemory): void {
    this.resumed.push({ call, memory });
  }

  drain(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** One engine of a crew, with its own connection to the SIP server. */
export interface Member {
  readonly id: EngineId;
  readonly engine: Engine;
  readonly signalling: FakeSignalling;
  readonly bots: BotsOfCrew;
  readonly metrics: FakeMetrics;
  readonly clock: FakeClock;
  /** Of an anchored channel's. */
  readonly media: FakeMedia | null;
}

/** Caller and bot in conversation at an engine. */
export interface CrewCall {
  readonly id: CallId;
  readonly caller: FakeLeg;
  readonly bot: FakeLeg;
}

/**
 * Engines in one process that share a book and a store. What a dead one would still do is not done: its clock stands
 * still, and nothing of it is heard. SIP has no truth here: a test says which dialogs the server still has.
 */
export class Crew {
  /** Of the book. */
  readonly clock = new FakeClock();
  readonly shelf = new CallShelf(this.clock);
  readonly store = createMemoryStore({ clock: this.clock });
  readonly members: Member[] = [];
  private readonly all: PublishedEvent[] = [];
  private readonly dead = new Set<Member>();
  /** What those who answered said first, and say again when they are asked. */
  private readonly speaks = new Map<string | null, string>();

  constructor(private readonly change: Partial<Channel> = {}) {}

  async hire({ handOver = false } = {}): Promise<Member> {
    const clock = new FakeClock(this.clock.now());
    const [signalling, bots, metrics] = [new FakeSignalling(), new BotsOfCrew(this.all), new FakeMetrics()];
    signalling.reactions = {
      ...POLITE,
      reoffer: (leg) => leg.reofferAccepted(this.speaks.get(leg.sipCallId) ?? FAKE_SDP),
    };
    const id = engineId(`${this.members.length + 1}`);
    const settings = settingsOf(this.change);
    const media = this.change.media === 'anchored' ? new FakeMedia() : null;
    const engine = createEngine({
      ...{ settings, signalling, bots, metrics, clock, store: this.store },
      ...{ maxCalls: 100, handOver, media, sounds: null, log: silentLog, random: systemRandom },
      trunkWatch: { watch: () => undefined, stop: () => Promise.resolve() },
      recordings: createRecordingFiles(),
      book: createMemoryCallBook(id, this.shelf),
      siblings: createMemorySiblings(id, clock),
      places: createMemoryPlaces({ trunks: settings.trunks, clock, metrics }),
    });
    const member: Member = { id, engine, signalling, bots, metrics, clock, media };
    this.members.push(member);
    await engine.start();
    return member;
  }

  /** SIGKILL. */
  kill(member: Member): void {
    this.dead.add(member);
    this.shelf.cut(member.id);
  }

  /** It was only frozen, and goes on where it stood. */
  thaw(member: Member): void {
    this.dead.delete(member);
    this.shelf.mend(member.id);
  }

  get alive(): readonly Member[] {
    return this.members.filter((member) => !this.dead.has(member));
  }

  /** Time passes for those who live; what was under way comes to rest on the way. */
  async pass(ms: number): Promise<void> {
    await rest();
    for (let left = ms; left > 0; left -= SLICE) {
      const slice = Math.min(left, SLICE);
      this.clock.advance(slice);
      for (const { clock } of this.alive) clock.advance(slice);
      await rest();
    }
  }

  /** ... until the calls of a dead engine are another one's, whose legs are back. */
  async inherit(): Promise<void> {
    await this.pass(3_000);
  }

  async talking({ signalling, bots }: Member): Promise<CrewCall> {
    const caller = signalling.offer();
    await rest();
    const bot = signalling.lastDialled;
    this.answers(bot, BOT_SDP);
    await rest();
    const id = bots.told.findLast(({ type }) => type === 'call.started')?.callId;
    if (id === undefined) throw new Error('no call was started');
    return { id, caller, bot };
  }

  /** A transfer, whose target rings. */
  async ringing(
    member: Member,
    call: CrewCall,
    command: Partial<TransferCommand> = {},
  ): Promise<{ readonly transfer: TransferId; readonly target: FakeLeg }> {
    const { transferId } = await member.engine.control.transfer(call.id, { ...COMMAND, ...command });
    await rest();
    const target = member.signalling.lastDialled;
    target.progress();
    await rest();
    return { transfer: transferId, target };
  }

  /** ... which answers, and has the caller. */
  async bridged(member: Member, call: CrewCall, command: Partial<TransferCommand> = {}) {
    const { transfer, target } = await this.ringing(member, call, { returnToBot: true, ...command });
    this.answers(target, TARGET_SDP);
    await rest();
    return { transfer, target };
  }

  private answers(leg: FakeLeg, sdp: string): void {
    this.speaks.set(leg.sipCallId, sdp);
    leg.answered(sdp);
  }

  /** Everything bots were told by anybody, each event once, in order. */
  told(call: CallId): PublishedEvent[] {
    const all = this.all.filter(({ callId }) => callId === call);
    return [...new Map(all.map((event) => [event.id, event])).values()];
  }
}

const SLICE = 50;

export const COMMAND: TransferCommand = {
  targets: [{ sipUri: 'sip:target@127.0.0.1:5070' }],
  method: 'invite',
  headers: [],
  metadata: {},
};

const BOT_SDP = FAKE_SDP.replace('40000', '50000');
export const TARGET_SDP = FAKE_SDP.replace('40000', '60000');

/** Promises that follow from each other have settled. */
export const rest = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function settingsOf(change: Partial<Channel>): Settings {
  const carrier = trunkTo({ uri: 'sip:target@127.0.0.1:5070' });
  const line: Channel = {
    ...channelOf('line'),
    answer: { by: 'bot', bot: { kind: 'sip', uri: 'sip:bot@127.0.0.1:5090' } },
    ...change,
  };
  return {
    trunks: new Map([[carrier.name, carrier]]),
    channels: new Map([[line.id, line]]),
    targets: { queues: new Map(), extensions: new Map() },
    policy: { allowHosts: ['127.0.0.1'], allowCountries: null, denyPrefixes: [], referFromNetwork: 'deny' },
    transfer: {
      method: 'auto',
      refer: { responseMs: 5000, firstNotifyMs: 5000, totalMs: 20_000, departMs: 1000 },
      ringTimeoutMs: 30_000,
      returnToBot: false,
      onFailure: [],
      callerSilenceMs: 10_000,
      sounds: PLAIN_SOUNDS,
    },
  };
}
