import { isVerdict, type BotEvent } from '../domain/bot-event.js';
import { openTransfers } from '../domain/call.js';
import type { CallEvent } from '../domain/call-event.js';
import { NOTHING_TOLD, remembering, type CallMemory } from '../domain/call-memory.js';
import type { TransferCommand } from '../domain/command.js';
import { eventId, verdictId, type CallId, type LegId, type TransferId } from '../domain/ids.js';
import type { CallerIdentity } from '../domain/routing/caller.js';
import type { Channel } from '../domain/settings.js';
import type { PublishedEvent } from '../ports/bot-runtime.js';
import type { LadderEntry } from '../ports/ladder.js';
import type { Admitted } from '../ports/places.js';
import type { HeaderReader, LegEvent } from '../ports/signalling.js';
import type { Replaces } from '../sip/replaces.js';
import type { CallRunner } from './call-runner.js';
import type { RunnerOwner } from './runner-owner.js';
import type { EngineParts } from './parts.js';
import type { Asking, Planner } from './planner.js';
import { callersTrunk } from './refer-policy.js';
import { CallRecords, type WrittenSoFar } from './sessions/call-records.js';
import { lastLookOf, openingOf } from './sessions/of-call.js';
import { encodeSnapshot } from './snapshot/codec.js';
import { snapshotOf } from './snapshot/snapshot-of.js';
import { Teller } from './teller.js';

/** Of whoever takes a call from the network. */
const FIRST_TENURE = 1;

/** Ladders of ended calls kept for a look back. */
const MAX_ENDED = 200;

/** A live call and what is known of it beside its state. */
export interface LiveCall {
  readonly runner: CallRunner;
  readonly channel: Channel;
  readonly caller: CallerIdentity;
  /** Trunk the caller came by. */
  readonly trunk: string;
  /** Last event number given out. */
  seq: number;
  /** The last transfer asked for, pending or not. */
  transfer: TransferId | null;
  /** What its bot has been told. */
  memory: CallMemory;
  readonly teller: Teller;
}

/** What is known of a call from its first moment on. */
export type Arrival = Pick<LiveCall, 'runner' | 'channel' | 'caller' | 'trunk'>;

/** A call that was another engine's until now. */
export type Inherited = Arrival & Pick<LiveCall, 'seq' | 'transfer' | 'memory' | 'teller'>;

/** A leg of a live call. */
export interface Place {
  readonly live: LiveCall;
  readonly leg: LegId;
}

/** What a leg said, as events of the call; see `wire-gate.ts`. */
export type Interpreter = (live: LiveCall, leg: LegId, event: LegEvent) => readonly CallEvent[];

/** All live calls, and the one place where what they tell becomes events, records and log lines. */
export class Registry implements RunnerOwner {
  private readonly live = new Map<CallId, LiveCall>();
  private readonly endedLadders = new Map<CallId, readonly LadderEntry[]>();
  /** What is written about calls beside their events. */
  readonly records: CallRecords;
  /** Set once by the engine: the gate and the registry know each other. */
  interpreter: Interpreter = (_live, leg, event) => passed(leg, event);

  constructor(
    private readonly parts: EngineParts,
    private readonly planner: Planner,
  ) {
    this.records = new CallRecords(parts, planner.commands);
  }

  add(id: CallId, call: Arrival): void {
    const teller = new Teller(this.parts, id, FIRST_TENURE);
    this.live.set(id, { ...call, seq: 0, transfer: null, memory: NOTHING_TOLD, teller });
    this.parts.metrics.callStarted(call.channel.id);
    this.records.began(openingOf(id, call));
  }

  inherit(id: CallId, call: Inherited, written: WrittenSoFar): void {
    this.records.import(id, written);
    this.live.set(id, { ...call });
    this.parts.metrics.callTakenOver();
  }

  /** Another engine has the call, and this one forgets it without a word to anybody. */
  lost(id: CallId, why = 'another engine has taken the call over'): void {
    const live = this.live.get(id);
    if (live === undefined) return;
    this.live.delete(id);
    live.teller.drop();
    live.runner.abandon();
    this.records.forget(id);
    this.parts.metrics.callLost();
    this.parts.log.warn({ callId: id }, why);
  }

  get(id: CallId): LiveCall | undefined {
    return this.live.get(id);
  }

  all(): readonly LiveCall[] {
    return [...this.live.values()];
  }

  get size(): number {
    return this.live.size;
  }

  /** The live call whose transfer without a verdict this is. */
  withPending(id: TransferId): LiveCall | undefined {
    return this.all().find(({ runner }) => openTransfers(runner.call).some(({ plan }) => plan.id === id));
  }

  /** Every leg whose dialog a Replaces means; more than one is as good as none (RFC 3891 3). */
  matching(replaces: Replaces): Place[] {
    return this.all().flatMap((live) => live.runner.legs.matching(replaces).map((leg) => ({ live, leg })));
  }

  interpret(runner: CallRunner, leg: LegId, event: LegEvent): readonly CallEvent[] {
    const live = this.live.get(runner.call.id);
    // Nothing to the call; but with what was written down before, another engine could not do as much.
    if (event.type === 'handleChanged' && !runner.isWaiting) this.ran(runner);
    return live === undefined ? [] : this.interpreter(live, leg, event);
  }

  responded({ call }: CallRunner, leg: LegId, header: HeaderReader): void {
    const { state } = call;
    if (state.phase === 'dialling' && state.ringing.some((branch) => branch.leg === leg))
      this.records.responded(state.transfer.plan.id, header);
  }

  learn(trunk: string, takesRefer: boolean): void {
    this.planner.memory.learn(trunk, takesRefer);
  }

  /** Nothing of a transfer is sent before its request is written down (CONTRACT 6), or was waited for. */
  hold({ call }: CallRunner, trunk: string | null, target: string): Admitted | Promise<Admitted> {
    const teller = this.live.get(call.id)?.teller;
    const place = this.parts.places.take([trunk, target]);
    const written = teller?.holdsRequest === true ? teller.written() : null;
    return written === null ? place : written.then(() => place);
  }

  planned({ call }: CallRunner, command: TransferCommand): CallEvent {
    const live = this.live.get(call.id);
    // Whoever asks is live; a call that is over ignores what it is told.
    if (live === undefined) return { type: 'hangupRequested', by: 'engine', reason: 'the call is over' };
    const asking = askingOf(live);
    const planned = this.planner.plan(asking, command);
    if (planned.ok) return { type: 'transferCommanded', plan: planned.plan, from: null };
    const { refused, detail } = planned.problem;
    const plan = refused ?? this.planner.refused(asking, detail);
    return { type: 'transferRefused', refused: plan, leaving: false };
  }

  ladder(id: CallId): readonly LadderEntry[] | undefined {
    return this.live.get(id)?.runner.ladder ?? this.endedLadders.get(id);
  }

  tell(runner: CallRunner, event: BotEvent, question: number | null): void {
    const { id } = runner.call;
    const live = this.live.get(id);
    if (live === undefined) return;
    live.seq += 1;
    if (event.type === 'transfer.requested') live.transfer = event.data.transferId;
    // Written out rather than spread: one shape for all events, told for every call.
    const published = {
      type: event.type,
      data: event.data,
      id: isVerdict(event) ? verdictId(event.data.transferId) : eventId(this.parts.random.uuid()),
      seq: live.seq,
      time: this.now(),
      callId: id,
      channel: live.channel.id,
    } as PublishedEvent;
    this.records.told(published, { contact: live.caller.user, agent: live.channel.id });
    this.parts.tracing?.told(published, live, runner.legs.sipCallIds(runner.call));
    this.note(published);
    live.memory = remembering(live.memory, published);
    live.teller.tell(published, question);
  }

  ran({ call }: CallRunner): void {
    const live = this.live.get(call.id);
    if (live === undefined) return;
    this.records.follow(call);
    live.teller.save(() => encodeSnapshot(snapshotOf(live, this.records.export(call.id))));
  }

  ended(runner: CallRunner): void {
    const { id } = runner.call;
    const live = this.live.get(id);
    if (live === undefined) return;
    this.records.ended(id, lastLookOf(runner));
    this.live.delete(id);
    live.teller.save(null);
    this.endedLadders.set(id, runner.ladder);
    for (const oldest of this.endedLadders.keys()) {
      if (this.endedLadders.size <= MAX_ENDED) break;
      this.endedLadders.delete(oldest);
    }
    this.parts.metrics.callEnded();
  }

  /** One line per thing an operator would ask about; everything finer is on the ladder. */
  private note(event: PublishedEvent): void {
    const { callId, channel, type } = event;
    if (type === 'call.started' || type === 'call.ended')
      return this.parts.log.debug({ callId, channel, type }, 'call');
    if (!('outcome' in event.data) || type === 'transfer.attempt.ended') return;
    const { transferId, outcome, evidence } = event.data;
    this.parts.log.info({ callId, transferId, channel, type, outcome, evidence }, 'transfer verdict');
  }

  private now(): string {
    return new Date(this.parts.clock.now()).toISOString();
  }
}

/** Who asks, when somebody asks for a transfer of this call. */
export const askingOf = ({ runner, channel, caller }: LiveCall): Asking => ({
  callId: runner.call.id,
  channel,
  caller,
  trunk: callersTrunk(runner),
});

/** An event of a leg that means to the call what it says. */
export function passed(leg: LegId, event: LegEvent): readonly CallEvent[] {
  switch (event.type) {
    case 'lost':
      return [{ type: 'signallingLost' }];
    case 'referred':
    case 'resumed':
    case 'handleChanged':
      return [];
    default:
      return [{ ...event, leg }];
  }
}
