import { NOTHING_TOLD } from '../../domain/call-memory.js';
import type { CallId } from '../../domain/ids.js';
import type { Channel } from '../../domain/settings.js';
import { takeOver } from '../../domain/step.js';
import type { BookReader, Orphan } from '../../ports/call-book.js';
import { CallRunner } from '../call-runner.js';
import type { EngineParts } from '../parts.js';
import type { Registry } from '../registry.js';
import type { RunnerSetup } from '../runner-owner.js';
import { decodeSnapshot, remainsIn } from '../snapshot/codec.js';
import type { AuthOf } from '../snapshot/credentials.js';
import { endpointsOf, handlesOf, type Remains, type Snapshot } from '../snapshot/snapshot.js';
import { Teller } from '../teller.js';
import { Burial } from './burial.js';
import { resumeLegs, type ResumeParts } from './resume-legs.js';

/**
 * Calls whose engine is gone, handed to this one: what their bots were still to be told is told again, their legs are
 * asked back from the SIP server, and they go on, or end, as `domain/recover.ts` says.
 */
export class Recovery implements BookReader {
  private readonly burial: Burial;
  private readonly authOf: AuthOf;

  constructor(
    private readonly parts: EngineParts,
    private readonly registry: Registry,
    private readonly allows: RunnerSetup['allows'],
  ) {
    this.burial = new Burial(parts, registry);
    const { trunks } = parts.settings;
    this.authOf = (trunk) => (trunk === null ? null : (trunks.get(trunk)?.auth ?? null));
  }

  orphan(orphan: Orphan): void {
    this.carefully(orphan, () => this.receive(orphan));
  }

  private receive(orphan: Orphan): void {
    const { callId, state, unsettled } = orphan;
    const teller = this.tellerOf(orphan);
    if (state === null) return this.tellTheRest(orphan, teller);
    const decoded = decodeSnapshot(state, this.authOf);
    if (!decoded.readable) return this.bury(orphan, decoded.remains, teller);
    const { snapshot } = decoded;
    const channel = this.parts.settings.channels.get(snapshot.channel);
    const [handles, endpoints] = [handlesOf(snapshot.legs), endpointsOf(snapshot.legs)];
    if (channel === undefined) return this.bury(orphan, { ...snapshot, handles, endpoints }, teller);
    this.parts.media?.free(endpoints);
    this.parts.bots.resume(callId, channel.id, snapshot.memory);
    for (const event of unsettled) teller.tellAgain(event);
    this.takeOver(orphan, snapshot, channel, teller);
  }

  lost(call: CallId): void {
    this.registry.lost(call);
  }

  /** One call that cannot be gone on with must neither keep others waiting nor end this engine, and then the next. */
  private carefully(orphan: Orphan, run: () => void): void {
    const { callId } = orphan;
    try {
      run();
    } catch (error) {
      this.parts.log.error({ callId, error }, 'a call of an engine that is gone could not be taken over');
      this.registry.lost(callId, 'it is given up');
      this.bury(orphan, remainsIn(orphan.state ?? ''), this.tellerOf(orphan));
    }
  }

  private tellerOf({ callId, tenure }: Orphan): Teller {
    return new Teller(this.parts, callId, tenure);
  }

  /** The call was over, and only its bot had not heard of everything. */
  private tellTheRest({ callId, unsettled }: Orphan, teller: Teller): void {
    const [first] = unsettled;
    if (first === undefined) return;
    this.parts.bots.resume(callId, first.channel, NOTHING_TOLD);
    for (const event of unsettled) teller.tellAgain(event);
    this.registry.records.retold(callId, unsettled).catch((error: unknown) => {
      this.parts.log.error(
        { callId, error },
        'the records of a call whose engine is gone were not brought up to date',
      );
    });
  }

  private bury(orphan: Orphan, remains: Remains, teller: Teller): void {
    const { callId, unsettled, from } = orphan;
    const channel = remains.channel ?? unsettled[0]?.channel ?? '';
    this.parts.log.error(
      { callId, from, channel },
      'a call of an engine that is gone cannot be read: it is given up',
    );
    this.parts.bots.resume(callId, channel, NOTHING_TOLD);
    for (const event of unsettled) teller.tellAgain(event);
    const seq = Math.max(remains.seq ?? 0, ...unsettled.map((event) => event.seq));
    this.burial.hangUp(remains.handles);
    this.parts.media?.free(remains.endpoints);
    this.burial.hold({ callId, channel, seq, unsettled, teller });
  }

  private takeOver(orphan: Orphan, snapshot: Snapshot, channel: Channel, teller: Teller): void {
    const { callId } = orphan;
    const { call, caller, trunk, seq, transfer, memory, written } = snapshot;
    const runner = new CallRunner(call, this.setupOf(snapshot), this.parts, this.registry);
    runner.wait();
    this.registry.inherit(callId, { runner, channel, caller, trunk, seq, transfer, memory, teller }, written);
    const parts: ResumeParts = { ...this.parts, allows: this.allows, authOf: this.authOf };
    resumeLegs(runner, snapshot.legs, parts, (alive) => {
      // Yet another engine may have it by now.
      if (this.registry.get(callId)?.runner !== runner) return;
      this.carefully(orphan, () => {
        runner.goOn(takeOver(call, alive), snapshot.timers);
        this.note(orphan, snapshot, runner, alive.size);
      });
    });
  }

  /** What was being recorded went with the endpoint it was recorded at. */
  private setupOf({ maxForwards, startedAt }: Snapshot): RunnerSetup {
    return { maxForwards, startedAt, allows: this.allows, recording: null };
  }

  private note(
    { callId, from, tenure }: Orphan,
    before: Snapshot,
    { call }: CallRunner,
    alive: number,
  ): void {
    const phases = { was: before.call.state.phase, is: call.state.phase };
    const legs = { saved: before.legs.length, alive };
    this.parts.log.warn(
      { callId, from, tenure, ...phases, legs },
      'a call was taken over from an engine that is gone',
    );
  }
}
