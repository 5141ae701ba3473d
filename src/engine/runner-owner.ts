import type { BotEvent } from '../domain/bot-event.js';
import type { CallEvent } from '../domain/call-event.js';
import type { TransferCommand } from '../domain/command.js';
import type { LegId } from '../domain/ids.js';
import type { RecordingSettings } from '../domain/settings.js';
import type { HeaderReader, LegEvent } from '../ports/signalling.js';
import type { Admitted } from '../ports/places.js';
import type { CallRunner } from './call-runner.js';

/** Whom a runner tells: the engine. */
export interface RunnerOwner {
  /** `question`: the number of the decision that is waited for. */
  tell(runner: CallRunner, event: BotEvent, question: number | null): void;
  /** A script bot's wish for a transfer, planned; or refused, and told so. */
  planned(runner: CallRunner, command: TransferCommand): CallEvent;
  /** A party that is rung has said something: what its headers tell. */
  responded(runner: CallRunner, leg: LegId, header: HeaderReader): void;
  learn(trunk: string, takesRefer: boolean): void;
  /** A place on a trunk for a request that goes out as soon as it is there; whoever was given it gives it back. */
  hold(runner: CallRunner, trunk: string | null, target: string): Admitted | Promise<Admitted>;
  /** What a leg said, as events of the call: most pass as they are, requests for a transfer meet policy first. */
  interpret(runner: CallRunner, leg: LegId, event: LegEvent): readonly CallEvent[];
  /** The mailbox is empty, and everything the call wanted has been done, but for what waits elsewhere. */
  ran(runner: CallRunner): void;
  ended(runner: CallRunner): void;
}

/** What a runner needs to know of its call beside its state. */
export interface RunnerSetup {
  /** Hops left for INVITEs of ours on behalf of this call (RFC 3261 8.1.1.6, RFC 7332). */
  readonly maxForwards: number;
  /** Whether an in-dialog request of this trunk's far end may come from an address. */
  readonly allows: (trunk: string | null) => (address: string) => boolean;
  /** `null`: the call is not recorded. */
  readonly recording: RecordingSettings | null;
  /** ms since the epoch, of a call that was another engine's; absent: it begins now. */
  readonly startedAt?: number;
}
