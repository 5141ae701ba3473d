import type { BotEvent, NextStep } from '../../src/domain/bot-event.js';
import type { TransferPlan } from '../../src/domain/plan.js';
import { must } from './violation.js';

type Terminal = Extract<BotEvent, { type: 'transfer.completed' | 'transfer.failed' | 'transfer.cancelled' }>;

/** What only the world can tell about a moment of the story. */
export interface Scene {
  callerGone(): boolean;
  callerShownBot(): boolean;
  /** Target and caller are shown to each other. */
  callerShownTarget(): boolean;
  /** 491s in a row on the leg that had most. */
  glares(): number;
}

/** What the bot is told, read as a story: it must be complete, in order, and true (DESIGN 3, invariants 1 and 6). */
export class Story {
  started = false;
  ended = false;
  /** The accepted command without a verdict. */
  plan: TransferPlan | null = null;
  requested = 0;
  verdicts = 0;
  /** Attempts told so far in this transfer, and how far the open one has come. */
  attempts = 0;
  attempt: 'none' | 'started' | 'ringing' | 'answered' = 'none';
  bridged = false;
  /** Transfer whose caller is still on its way back to the bot. */
  returning: string | null = null;
  /** The verdict said the call ends: `call.ended` is due in the same breath. */
  endDue = false;

  constructor(private readonly scene: Scene) {}

  tell(event: BotEvent, command: TransferPlan | null): void {
    must(this.started || event.type === 'call.started', 'call.started comes first');
    must(!this.ended, `nothing is told after call.ended (${event.type})`);
    switch (event.type) {
      case 'call.started':
        must(!this.started, 'call.started once');
        this.started = true;
        return;
      case 'call.ended':
        must(this.plan === null, 'no call ends while a transfer is without a verdict');
        this.ended = true;
        this.endDue = false;
        return;
      case 'transfer.requested':
        return this.onRequested(event.data.transferId, command);
      case 'transfer.returned':
        must(event.data.transferId === this.returning, 'returned is told once, of the last transfer');
        must(this.scene.callerShownBot(), 'returned is told when the caller is shown the bot');
        this.returning = null;
        return;
      case 'transfer.completed':
      case 'transfer.failed':
      case 'transfer.cancelled':
        return this.onTerminal(event);
      default:
        this.onAttempt(event);
    }
  }

  private onRequested(id: string, command: TransferPlan | null): void {
    must(command !== null && command.id === id, 'requested is told of the command just accepted');
    must(this.plan === null, 'one transfer at a time');
    must(this.returning === null, 'no new transfer before the caller is back');
    this.plan = command;
    this.requested += 1;
    this.attempts = 0;
    this.attempt = 'none';
    this.bridged = false;
  }

  private onAttempt(event: Extract<BotEvent, { data: { attempt: unknown } }>): void {
    must(
      this.plan !== null && event.data.transferId === this.plan.id,
      `${event.type} of no pending transfer`,
    );
    const { n, target } = event.data.attempt;
    switch (event.type) {
      case 'transfer.attempt.started':
        must(this.attempt === 'none', 'an attempt starts after the last one ended');
        this.attempts += 1;
        this.attempt = 'started';
        break;
      case 'transfer.attempt.ringing':
        must(this.attempt === 'started', 'ringing is told once, after started');
        this.attempt = 'ringing';
        break;
      case 'transfer.attempt.answered':
        must(this.attempt === 'started' || this.attempt === 'ringing', 'answered is told of an open attempt');
        this.attempt = 'answered';
        break;
      case 'transfer.attempt.ended':
        must(this.attempt !== 'none' && !this.bridged, 'an attempt ends once');
        must(event.data.outcome !== 'answered', 'an attempt that ended was not a success');
        this.attempt = 'none';
        break;
      case 'transfer.bridged':
        must(this.attempt === 'answered' && !this.bridged, 'bridged is told once, after answered');
        must(this.scene.callerShownTarget(), 'bridged is told when caller and target are shown each other');
        this.bridged = true;
        break;
    }
    must(n === this.attempts, 'attempts are counted from 1');
    must(
      this.plan.targets.some((t) => t.label === target),
      'an attempt names one of the targets',
    );
  }

  private onTerminal(event: Terminal): void {
    const { data } = event;
    must(this.plan !== null && data.transferId === this.plan.id, 'exactly one terminal event per transfer');
    const done = event.type === 'transfer.completed';
    must(done === this.bridged, 'completed means bridged, and nothing else does');
    must((data.outcome === 'answered') === done, 'answered is the outcome of completed transfers alone');
    must((data.transferStatus.status === 'SUCCESS') === done, 'SUCCESS is for completed transfers alone');
    must(
      (event.type === 'transfer.cancelled') === (data.outcome === 'cancelled') ||
        data.evidence.sipCode !== null,
      'cancelled is told of cancelled transfers',
    );
    must(data.transferStatus.hangup === this.scene.callerGone(), 'hangup says whether the caller is gone');
    must(
      this.plan.targets.some((t) => t.label === data.transferStatus.number),
      'number is one of the targets',
    );
    must(data.evidence.attempt === this.attempts, 'evidence names the last attempt');
    if (data.evidence.sipCode === 491 && data.evidence.phase === 'media')
      must(this.scene.glares() > 5, 'a glare is retried before it is a failure');
    this.verdicts += 1;
    this.plan = null;
    this.follow(data.transferId, data.next);
  }

  private follow(id: string, next: NextStep): void {
    this.endDue = next.action === 'end' || next.action === 'none';
    this.returning = this.endDue ? null : id;
  }

  /** At the end of every step. */
  check(): void {
    must(!this.endDue, 'a verdict that ends the call is followed by call.ended at once');
  }

  /** When the call is done. */
  finish(): void {
    must(this.started && this.ended, 'call.ended is told');
    must(this.requested === this.verdicts, 'every accepted command has its verdict');
  }
}
