import type { BotEvent, NextStep } from '../../src/domain/bot-event.js';
import type { Transfer } from '../../src/domain/call.js';
import type { RefusedPlan, TransferPlan, WayReason } from '../../src/domain/plan.js';
import { must } from './violation.js';

type Terminal = Extract<BotEvent, { type: 'transfer.completed' | 'transfer.failed' | 'transfer.cancelled' }>;

const MAX_IN_A_ROW = 3;

/** What only the world can tell about a moment of the story. */
export interface Scene {
  callerGone(): boolean;
  callerShownBot(): boolean;
  /** The target of the attempt and whoever is handed to it are shown to each other. */
  targetShown(): boolean;
  /** 491s in a row on the leg that had most. */
  glares(): number;
}

/** What somebody has just asked for. */
export type Wish =
  { readonly plan: TransferPlan; readonly seat: Transfer['seat'] } | { readonly refused: RefusedPlan };

/** A transfer without a verdict, as far as the bot has been told about it. */
export interface Open {
  readonly plan: TransferPlan;
  readonly seat: Transfer['seat'];
  /** Transfers in a row without the bot in between, this one included. */
  depth: number;
  /** Attempts told so far, and how far the last one has come. */
  attempts: number;
  attempt: 'none' | 'started' | 'ringing' | 'answered';
  method: string;
  bridged: boolean;
  /** Code of the last final NOTIFY of the attempt, or of the answer to its BYE. */
  said: number | null;
  /** The way that was announced in place of the one the far end does not do. */
  degradedTo: string | null;
  degraded: boolean;
}

/** What the bot is told, read as a story: it must be complete, in order, and true (DESIGN 3, invariants 1 and 6). */
export class Story {
  started = false;
  ended = false;
  /** Accepted commands without a verdict; an agent's own, when it passes its caller on, below the new one. */
  readonly open: Open[] = [];
  readonly completed = new Set<string>();
  requested = 0;
  verdicts = 0;
  /** Transfer whose caller is still on its way back to the bot. */
  returning: string | null = null;
  /** The caller's dialog is being ended with instructions, and what came of it. */
  handedBack: 'no' | 'asked' | 'taken' | 'lost' = 'no';
  /** The verdict said the call ends: `call.ended` is due in the same breath. */
  private endDue = false;
  /** A forbidden transfer, asked for and not yet failed. */
  private refusing: RefusedPlan | null = null;

  constructor(private readonly scene: Scene) {}

  get top(): Open | undefined {
    return this.open.at(-1);
  }

  /** A transfer that is on its way, not one that has become a conversation. */
  get underWay(): Open | undefined {
    return this.top?.bridged === true ? undefined : this.top;
  }

  tell(event: BotEvent, wish: Wish | null): void {
    must(this.started || event.type === 'call.started', 'call.started comes first');
    must(!this.ended, `nothing is told after call.ended (${event.type})`);
    must(this.refusing === null || event.type === 'transfer.failed', 'a refusal is told in one breath');
    switch (event.type) {
      case 'call.started':
        must(!this.started, 'call.started once');
        this.started = true;
        return;
      case 'call.ended':
        must(this.open.length === 0, 'no call ends while a transfer is without a verdict');
        this.ended = true;
        this.endDue = false;
        return;
      case 'call.input':
      case 'call.recording':
      case 'call.warning':
        return;
      case 'transfer.requested':
        return this.onRequested(event.data.transferId, wish);
      case 'transfer.returned':
        must(event.data.transferId === this.returning, 'returned is told once, of the last transfer');
        must(this.scene.callerShownBot(), 'returned is told when the caller is shown the bot');
        this.returning = null;
        return;
      case 'transfer.completed':
      case 'transfer.failed':
      case 'transfer.cancelled':
        return this.refusing === null ? this.onTerminal(event) : this.onRefused(event, this.refusing);
      default:
        this.onAttempt(event);
    }
  }

  private onRequested(id: string, wish: Wish | null): void {
    must(wish !== null, 'requested is told of something somebody asked for');
    this.requested += 1;
    if ('refused' in wish) {
      must(wish.refused.id === id, 'requested is told of the command just refused');
      this.refusing = wish.refused;
      return;
    }
    must(wish.plan.id === id, 'requested is told of the command just accepted');
    must(this.underWay === undefined, 'one transfer at a time');
    must(this.returning === null, 'no new transfer before the caller is back');
    this.open.push({
      ...wish,
      depth: (this.top?.depth ?? 0) + 1,
      attempts: 0,
      attempt: 'none',
      method: '',
      bridged: false,
      said: null,
      degradedTo: null,
      degraded: false,
    });
  }

  private onRefused({ data }: Terminal, refused: RefusedPlan): void {
    must(data.transferId === refused.id, 'a refusal is told in one breath');
    must(data.outcome === refused.outcome, 'a refused command is told why');
    must(
      data.transferStatus.status === 'FAIL' && data.evidence.attempt === 0,
      'a refused command has failed',
    );
    this.refusing = null;
    this.verdicts += 1;
    this.endDue = data.next.action === 'end';
  }

  private onAttempt(event: Extract<BotEvent, { data: { attempt: unknown } }>): void {
    const { top } = this;
    must(
      top !== undefined && event.data.transferId === top.plan.id,
      `${event.type} of no transfer that is on its way`,
    );
    const { n, target, method, because } = event.data.attempt;
    if (event.type !== 'transfer.attempt.started') must(method === top.method, 'an attempt keeps its method');
    switch (event.type) {
      case 'transfer.attempt.started':
        startAttempt(top, method, because);
        break;
      case 'transfer.attempt.ringing':
        must(top.attempt === 'started', 'ringing is told once, after started');
        top.attempt = 'ringing';
        break;
      case 'transfer.attempt.answered':
        must(top.attempt === 'started' || top.attempt === 'ringing', 'answered is told of an open attempt');
        top.attempt = 'answered';
        break;
      case 'transfer.attempt.ended':
        must(top.attempt !== 'none' && !top.bridged, 'an attempt ends once');
        must(event.data.outcome !== 'answered', 'an attempt that ended was not a success');
        top.attempt = 'none';
        break;
      case 'transfer.degraded':
        must(top.attempt === 'none' && top.degradedTo === null, 'degraded is told once, after ended');
        must(event.data.from === top.method && event.data.to !== top.method, 'degraded names both methods');
        top.degradedTo = event.data.to;
        top.degraded = true;
        break;
      case 'transfer.bridged':
        must(top.attempt === 'answered' && !top.bridged, 'bridged is told once, after answered');
        must(top.method === 'invite', 'only a call of ours is bridged');
        must(this.scene.targetShown(), 'bridged is told when target and party are shown each other');
        top.bridged = true;
        break;
    }
    must(n === top.attempts, 'attempts are counted from 1');
    must(
      top.plan.targets.some((t) => t.label === target),
      'an attempt names one of the targets',
    );
  }

  private onTerminal(event: Terminal): void {
    const { data } = event;
    const at = this.open.findIndex(({ plan }) => plan.id === data.transferId);
    const [it] = at < 0 ? [] : this.open.splice(at, 1);
    must(it !== undefined, 'exactly one terminal event per transfer');
    const done = event.type === 'transfer.completed';
    must(done === achieved(it), 'completed means bridged, or a 2xx of the far end, and nothing else does');
    must((data.outcome === 'answered') === done, 'answered is the outcome of completed transfers alone');
    must((data.transferStatus.status === 'SUCCESS') === done, 'SUCCESS is for completed transfers alone');
    must(
      (event.type === 'transfer.cancelled') === (data.outcome === 'cancelled') ||
        data.evidence.sipCode !== null,
      'cancelled is told of cancelled transfers',
    );
    must(data.transferStatus.hangup === this.callerLost(), 'hangup says whether the caller is gone');
    must(
      it.plan.targets.some((t) => t.label === data.transferStatus.number),
      'number is one of the targets',
    );
    must(data.evidence.attempt === it.attempts, 'evidence names the last attempt');
    if (data.evidence.sipCode === 491 && data.evidence.phase === 'media')
      must(this.scene.glares() > 5, 'a glare is retried before it is a failure');
    this.verdicts += 1;
    if (done) this.completed.add(data.transferId);
    // Somebody else is the caller now, and the talk goes on.
    if (done && it.seat === 'caller' && this.top !== undefined) this.top.depth = it.depth;
    this.follow(data.transferId, data.next, at);
  }

  private callerLost(): boolean {
    return this.handedBack === 'no' ? this.scene.callerGone() : this.handedBack !== 'taken';
  }

  private follow(id: string, { action }: NextStep, at: number): void {
    this.endDue = action === 'end';
    const stays = action !== 'end' && action !== 'none';
    must(!stays || at === this.open.length, 'a caller who is being passed on goes nowhere else');
    // An agent that could not pass its caller on keeps it: there is nothing to return from.
    if (stays && at === 0) this.returning = id;
  }

  /** At the end of every step. */
  check(): void {
    must(!this.endDue, 'a verdict that ends the call is followed by call.ended at once');
    must(this.refusing === null, 'a refusal is told in one breath');
  }

  /** When the call is done. */
  finish(): void {
    must(this.started && this.ended, 'call.ended is told');
    must(this.requested === this.verdicts, 'every accepted command has its verdict');
  }
}

function startAttempt(it: Open, method: string, because: WayReason | null): void {
  must(it.attempt === 'none', 'an attempt starts after the last one ended');
  must(it.degradedTo === null || it.degradedTo === method, 'what was announced is done');
  // A retry repeats what was announced already.
  must(because !== 'method_refused' || it.degraded, 'another method is announced');
  must(it.depth <= MAX_IN_A_ROW, 'nobody is handed on for ever (security list S-1)');
  must(
    it.plan.targets.some(({ ways }) => ways.some((w) => w.method === method)),
    'an attempt is made by a method of the plan',
  );
  it.degradedTo = null;
  it.attempts += 1;
  it.attempt = 'started';
  it.method = method;
  it.said = null;
}

/** Invariant 6: nothing is a success that was not answered. */
function achieved({ method, bridged, said }: Open): boolean {
  return method === 'invite' ? bridged : said !== null && said >= 200 && said < 300;
}
