import { acceptsRefer, acceptsReturn, acceptsTransfer, type Call } from '../../src/domain/call.js';
import type { CallEvent, ReferVerdict } from '../../src/domain/call-event.js';
import type { BotEvent } from '../../src/domain/bot-event.js';
import type { Effect, TimerName } from '../../src/domain/effect.js';
import { agentLeg, asCallId, type LegId } from '../../src/domain/ids.js';
import type { Refusal } from '../../src/domain/outcome.js';
import type { RefusedPlan, TransferPlan } from '../../src/domain/plan.js';
import type { BotReply } from '../../src/domain/reply.js';
import { open, openRouted, openScripted, step, takeOver, type Step } from '../../src/domain/step.js';
import { BOTH, BROKEN, VIDEO_NONE, VIDEO_ON } from './bodies.js';
import { consult } from './consultation.js';
import { MediaDesk, type Change } from './desk.js';
import { Ground } from './ground.js';
import type { Party } from './party.js';
import { refusedPlan, SETUP } from './plans.js';
import { keepsPromises } from './promises.js';
import { ScriptTalk } from './script-talk.js';
import type { Wish } from './story.js';
import { must } from './violation.js';
import { ask, dial } from './wire.js';

export type Stepper = (call: Call, event: CallEvent) => Step;

/** The engine under test: the real one, or one with a planted breakage. */
export interface Engine {
  readonly open: typeof open;
  readonly openRouted: typeof openRouted;
  readonly openScripted: typeof openScripted;
  readonly step: Stepper;
  readonly takeOver: typeof takeOver;
}

export const REAL: Engine = { open, openRouted, openScripted, step, takeOver };

/** Agents are dialled one after the other; more would only be more of the same. */
export const MAX_PARTIES = 24;

/** How a call begins: with a bot, or routed to a target, or turned away. */
export type Beginning = null | { readonly plan: TransferPlan } | { readonly refused: RefusedPlan };

/**
 * Everything around the domain: the far ends, the runner of effects, the timers, the reader of the bot's events. It
 * holds the domain to what it promises (DESIGN 3) and to what SIP demands of it, after every single step.
 */
export class World extends Ground {
  call: Call;
  steps = 0;
  /** How restless the far ends are: percent of their turns in which they change the session. */
  unrest = 50;
  /** How often they want something of us: REFER, Replaces, INFO; percent of their turns. */
  wishes = 5;
  /** How often a long timer overtakes everybody, in percent. */
  haste = 12;
  /** How easily they hang up, in percent of the usual. */
  temper = 100;
  /** How easily endpoints die, in percent of what is usual. */
  frailty = 10;
  private offers = 0;
  /** What the script bot wants, planned and on its way to the call. */
  private readonly planned: (TransferPlan | RefusedPlan)[] = [];
  private plans = 0;
  private wish: Wish | null = null;

  constructor(
    private readonly engine: Engine,
    /** `null`: the caller leaves the offer to us. */
    sdp: string | null,
    log: string[] | null,
    beginning: Beginning = null,
    setup: typeof SETUP = SETUP,
  ) {
    const desk = setup.media === 'anchored' ? new MediaDesk() : null;
    super(desk, setup.script === null ? null : new ScriptTalk());
    this.log = log;
    const caller = this.newcomer('caller', true);
    offered(caller, sdp);
    this.note('-> INVITE', sdp);
    const first = begun(engine, beginning, setup, sdp);
    this.wish =
      beginning === null ? null : 'plan' in beginning ? { ...beginning, seat: 'target' } : beginning;
    this.call = first.next;
    this.run(first);
    this.wish = null;
    keepsPromises(this);
  }

  nextOfferId(): number {
    return (this.offers += 1);
  }

  /** What a script bot's command is planned as. */
  aPlan: (n: number) => TransferPlan | RefusedPlan = refusedPlan;

  nextPlanId(): number {
    return (this.plans += 1);
  }

  /** Hands the engine the next thing a party has said. */
  deliver(party: Party): void {
    if (party.queue[0]?.type === 'hungUp' && party.farewell !== null) this.sayFarewell(party, party.farewell);
    const said = party.queue.shift();
    if (said === undefined) return;
    // It may have been said under another name.
    const event = 'leg' in said && said.leg !== party.id ? ({ ...said, leg: party.id } as CallEvent) : said;
    if (event.type === 'hungUp' || event.type === 'closed' || event.type === 'refused') this.forget(party);
    else if (event.type === 'answered' && party.asked === 'nothing') party.answered = true;
    else if (event.type === 'reofferRefused' || (event.type === 'reofferAccepted' && !usable(event.sdp)))
      party.current = party.before;
    else if (event.type === 'offer' && party.own?.id === event.offerId) party.own.seen = true;
    this.hear(event, party);
    this.send(event, party);
  }

  /** The far end's word on a transfer it makes for us. */
  private hear(event: CallEvent, party: Party): void {
    const { story } = this;
    const refer = this.attempting('refer');
    if (
      event.type === 'notified' &&
      refer !== null &&
      party === this.caller &&
      party.referrals.at(-1)?.id === event.referral
    )
      if (event.status !== null && event.status.code >= 200) refer.said = event.status.code;
    if (story.handedBack !== 'asked' || party !== this.caller || !party.gone) return;
    const code = event.type === 'closed' ? event.code : null;
    const it = this.attempting('bye');
    if (it !== null) it.said = code;
    story.handedBack = code !== null && code >= 200 && code < 300 ? 'taken' : 'lost';
  }

  fire(timer: TimerName): void {
    this.timers.splice(this.timers.indexOf(timer), 1);
    if (timer === 'decision') this.talk?.undecided();
    // 64*T1 have passed without an answer in an ACK: none will come any more.
    const waited = timer.startsWith('ack:') ? this.named(timer.slice(4) as LegId) : undefined;
    if (waited !== undefined) waited.owesAck = null;
    const briefed = timer.startsWith('brief:') ? this.named(timer.slice(6) as LegId) : undefined;
    this.send({ type: 'timerFired', timer }, briefed ?? null);
  }

  /** The media server's answer. */
  changed(change: Change, result: 'done' | 'lost' | Refusal): void {
    this.desk?.settle(change, result === 'done');
    this.send({ type: 'changed', change: change.n, result }, null);
  }

  /** A playing is over; perhaps nobody waits for that any more. */
  played({ party, n, ok }: { party: Party; n: number; ok: boolean }): void {
    this.send({ type: 'played', leg: party.id, n, ok }, party);
  }

  press(party: Party, digit: string): void {
    this.send({ type: 'digit', leg: party.id, digit }, party);
  }

  /** What has become of a leg whose endpoint has died. */
  tellFate(party: Party): void {
    const fate = this.desk?.dead.get(party);
    this.desk?.dead.delete(party);
    if (party.gone || party.asked !== 'nothing' || party.phase === 'over') return;
    if (fate === 'reset') {
      this.send({ type: 'mediaReset', leg: party.id }, party);
      return;
    }
    if (party !== this.caller) party.dead = true;
    this.send({ type: 'mediaLost', leg: party.id, reason: 'no media server' }, party);
    must(isLetGo(party) || this.departing, 'a leg without an endpoint is let go');
  }

  reply(question: number | null, replies: readonly BotReply[]): void {
    const counts = this.talk?.says(question, false);
    const { effects } = this.send({ type: 'replied', question, replies }, null);
    must(counts === true || effects.length === 0, 'an answer that comes too late changes nothing');
  }

  garble(question: number | null): void {
    this.talk?.says(question, true);
    this.send({ type: 'garbled', question, problem: 'not JSON' }, null);
  }

  get hasPlan(): boolean {
    return this.planned.length > 0;
  }

  /** What the script bot wants reaches the call; false when it wants nothing. */
  planDue(): boolean {
    const plan = this.planned.shift();
    if (plan === undefined) return false;
    if ('outcome' in plan) this.forbid(plan);
    else if (this.acceptsTransfer()) this.command(plan);
    else this.send({ type: 'transferCommanded', plan, from: null }, null);
    return true;
  }

  acceptsTransfer(): boolean {
    return acceptsTransfer(this.call);
  }

  command(plan: TransferPlan): void {
    this.wish = { plan, seat: 'target' };
    this.send({ type: 'transferCommanded', plan, from: null }, null);
    must(this.heardOf(plan), 'an accepted command is told as requested');
  }

  /** A BYE that names a transfer comes before the hang-up it is part of. */
  private sayFarewell(party: Party, plan: TransferPlan): void {
    party.farewell = null;
    const accepted = acceptsRefer(this.call, party.id);
    this.wish = { plan, seat: party.id === 'caller' ? 'caller' : 'target' };
    this.send({ type: 'transferCommanded', plan, from: party.id }, null);
    must(this.heardOf(plan) === accepted, 'a BYE moves the call when there is one to move, and only then');
  }

  /** Policy or limits say no. */
  forbid(refused: RefusedPlan): void {
    this.wish = { refused };
    this.send({ type: 'transferRefused', leaving: false, refused }, null);
  }

  /** A party's REFER, as the gate in front of the domain passes it on. */
  refer(party: Party, verdict: ReferVerdict): void {
    const plan = verdict.kind === 'plan' ? verdict.plan : null;
    const referId = this.refers.ask(party, plan);
    if (plan !== null) this.wish = { plan, seat: party.id === 'caller' ? 'caller' : 'target' };
    else if (verdict.kind === 'refuse' && verdict.refused !== null) this.wish = { refused: verdict.refused };
    this.send({ type: 'referred', leg: party.id, referId, verdict }, party);
  }

  /** An attended transfer: the party a referrer has consulted in another call of ours. */
  bring(party: Party, plan: TransferPlan, answered: boolean): void {
    const as = agentLeg(this.call.dialled + 1);
    const brought = this.newcomer(as, false);
    const leg = consult(brought, plan, answered);
    const referId = this.refers.ask(party, plan);
    this.wish = { plan, seat: party.id === 'caller' ? 'caller' : 'target' };
    this.brought = brought;
    this.send({ type: 'brought', leg: party.id, referId, plan, party: leg, as }, party);
    this.brought = null;
  }

  /** The other side of it: one of our parties lives in another call from now on. */
  take(party: Party): void {
    const { id } = party;
    party.moveOut();
    this.forget(party);
    this.send({ type: 'legTaken', leg: id }, null);
    must(this.story.ended, 'a call whose party was taken away is over');
  }

  /** INVITE with Replaces: another phone of the same user. */
  replace(party: Party, sdp: string | null): void {
    const as = agentLeg(this.call.dialled + 1);
    const phone = this.newcomer(as, true);
    offered(phone, sdp);
    this.send({ type: 'replaced', leg: party.id, as, sdp }, null);
    must(phone.answered || phone.asked === 'reject', 'an INVITE with Replaces is answered at once');
    if (phone.answered) must(party.asked === 'bye', 'the replaced dialog is ended');
  }

  /** Index of the next newcomer: its bodies name it before it is there. */
  get nextIndex(): number {
    return this.parties.length;
  }

  inform(party: Party): void {
    const info = { contentType: 'application/dtmf-relay', body: 'Signal=5' };
    this.send({ type: 'info', leg: party.id, info }, party);
  }

  cancel(): void {
    const { top } = this.story;
    if (top === undefined) return;
    const { attempt, method } = top;
    const hasFailed = this.timers.includes('speak') && top.attempts > 0;
    this.send({ type: 'cancelRequested', transferId: top.plan.id }, null);
    if (hasFailed) return;
    // REFER and BYE cannot be taken back.
    if (attempt === 'none' || (method === 'invite' && attempt !== 'answered'))
      must(!this.story.open.includes(top), 'a cancel before the answer is the verdict');
  }

  bringBack(): void {
    const { top } = this.story;
    if (top === undefined) return;
    const accepted = acceptsReturn(this.call);
    must(!accepted || this.talking !== null, 'only a caller who talks to an agent is brought back');
    this.send({ type: 'returnRequested', transferId: top.plan.id }, null);
    must(
      this.story.open.includes(top) !== accepted,
      'a return is the verdict, where there is a bot to return to',
    );
    // A bot that speaks by replies may have said goodbye meanwhile.
    must(!accepted || this.talk !== null || !this.story.ended, 'a caller that is brought back is kept');
  }

  order(by: 'api' | 'bot' | 'engine'): void {
    this.send({ type: 'hangupRequested', by, reason: 'ordered' }, null);
    must(this.story.ended || this.story.handedBack === 'asked', 'an ordered hang-up ends the call');
  }

  loseLink(): void {
    this.linkLost = true;
    this.timers.length = 0;
    if (this.story.handedBack === 'asked') this.story.handedBack = 'lost';
    for (const p of this.parties) {
      p.queue.length = 0;
      p.phase = 'over';
      this.forget(p);
    }
    this.timers.push(...this.call.timers);
    this.send({ type: 'signallingLost' }, null);
    must(this.done, 'a lost link ends the call at once: nobody is left to answer');
  }

  /** Another engine has the call, and these of its legs. */
  takeOver(call: Call, alive: ReadonlySet<LegId>): void {
    this.steps += 1;
    this.event = null;
    this.from = null;
    this.planned.length = 0;
    if (this.log !== null) this.note('-> the engine died', [...alive]);
    const { story } = this;
    const transfers = story.requested;
    const result = this.engine.takeOver(call, alive);
    this.call = result.next;
    this.run(result);
    must(story.requested === transfers, 'nobody asks for a transfer twice');
    keepsPromises(this);
  }

  private heardOf({ id }: TransferPlan): boolean {
    return this.told.has(id);
  }

  /** Transfers the bot has heard of. */
  private readonly told = new Set<string>();

  private send(event: CallEvent, from: Party | null): Step {
    this.steps += 1;
    this.event = event;
    this.from = from;
    this.before(event, from);
    if (this.log !== null) this.note(`-> ${event.type}`, event);
    const [relayed, wasCaller] = [from?.relayed === true, from?.id === 'caller'];
    const seat = this.story.underWay?.seat;
    const result = this.engine.step(this.call, event);
    this.call = result.next;
    this.run(result);
    this.wish = null;
    if (event.type === 'reofferRefused' && !relayed && from !== null) this.glared(from, event.refusal.code);
    if (event.type === 'answered' && from?.asked === 'cancel')
      must(false, 'a target that answers after we gave up gets a BYE');
    if (
      wasCaller &&
      from !== null &&
      (from.gone || from.dead) &&
      seat !== 'caller' &&
      this.story.handedBack === 'no'
    )
      must(this.story.ended, 'a caller that left ends the call');
    keepsPromises(this);
    return result;
  }

  private before(event: CallEvent, from: Party | null): void {
    must(!this.done || from !== null, 'nothing runs after done');
    if (from === null) return;
    if (event.type === 'reofferAccepted' || event.type === 'reofferRefused') from.reofferUnread = false;
    if (event.type === 'reofferRefused') {
      if (event.refusal.code === 491 && !from.relayed) from.glares += 1;
      if (event.refusal.code === 481 || event.refusal.code === 408) from.dead = true;
    } else if (event.type === 'reofferAccepted') from.glares = 0;
  }

  private run({ effects }: Step): void {
    for (const effect of effects) {
      if (this.log !== null) this.note(`   ${effect.type}`, effect);
      must(!this.done, 'nothing is done after done');
      this.perform(effect);
    }
    if (this.log !== null) this.log.push(`   = ${this.call.state.phase}`);
  }

  private perform(effect: Effect): void {
    switch (effect.type) {
      case 'tell':
        return this.tell(effect.event, effect.question);
      case 'startTimer':
        must(!this.timers.includes(effect.timer), `timer ${effect.timer} is not started twice`);
        this.timers.push(effect.timer);
        return;
      case 'stopTimer': {
        const at = this.timers.indexOf(effect.timer);
        must(at >= 0, `only running timers are stopped (${effect.timer})`);
        this.timers.splice(at, 1);
        return;
      }
      case 'done':
        this.done = true;
        return;
      case 'learn':
        must(this.attempting('refer') !== null, 'what a trunk does is learnt from a REFER');
        return;
      case 'swapLegs':
        return this.swap(effect.a, effect.b);
      case 'dial':
        return dial(this, effect);
      case 'bridge':
      case 'join':
      case 'play':
      case 'hush': {
        const others = effect.type === 'bridge' ? [this.named(effect.with)] : [];
        must(this.desk !== null, 'media is the parties own');
        return this.desk.perform(effect, [this.named(effect.leg), ...others], this.event);
      }
      case 'command': {
        must(this.talk !== null && !this.story.ended, 'only a script bot commands by replies');
        const done = this.desk?.isSpokenTo(this.caller) !== true || this.desk.mayCut(this.caller, this.event);
        must(done, 'what comes before a switch is finished first');
        this.planned.push(this.aPlan(this.nextPlanId()));
        return;
      }
      default:
        ask(this, effect);
    }
  }

  private tell(event: BotEvent, question: number | null): void {
    must(question === null || this.talk !== null, 'only a script bot is asked');
    this.talk?.told(event, question, this.story.open.length < 2);
    if (event.type === 'call.ended') this.justified(event.data.by);
    this.story.tell(event, this.wish);
    switch (event.type) {
      case 'transfer.requested':
        this.told.add(event.data.transferId);
        return;
      case 'transfer.attempt.started':
        this.called = this.brought === null ? [] : [this.brought];
        this.target = null;
        return;
      case 'transfer.attempt.answered':
        this.target = this.brought ?? this.from;
        return;
      case 'transfer.bridged':
        if (this.story.top?.seat === 'target' && this.target !== null)
          this.talking = { party: this.target, plan: event.data.transferId };
        return;
      case 'transfer.completed':
      case 'transfer.failed':
      case 'transfer.cancelled':
        if (this.talking?.plan === event.data.transferId) this.talking = null;
        this.departing ||= event.type === 'transfer.completed' && event.data.evidence.phase === 'notify';
        return;
      default:
        return;
    }
  }

  /** The engine may not give up a caller whom somebody could still talk to. */
  private justified(by: string): void {
    const { event } = this;
    if (by !== 'engine' || event === null || EXCUSES.has(event.type)) return;
    const bot = this.named('bot');
    must(!bot?.live || !this.hearEachOther(this.caller, bot), 'a caller who hears the bot is kept');
  }

  private glared(from: Party, code: number): void {
    if (code !== 491 || from.asked !== 'nothing' || from.gone || from.glares > 5) return;
    must(this.timers.includes(`glare:${from.id}`), 'a glare is tried again (RFC 3261 14.1)');
  }
}

/** Reasons to give up a caller that hears its bot. */
const EXCUSES: ReadonlySet<CallEvent['type']> = new Set(['hangupRequested', 'timerFired', 'mediaLost']);

const isLetGo = (p: Party): boolean => p.gone || p.asked !== 'nothing';

function begun(engine: Engine, beginning: Beginning, setup: typeof SETUP, sdp: string | null): Step {
  const id = asCallId('call_1');
  if (setup.script !== null) return engine.openScripted(id, { ...setup, bot: null }, sdp);
  if (beginning === null) return engine.open(id, setup, sdp);
  return engine.openRouted(id, { ...setup, bot: null }, sdp, routed(beginning));
}

const usable = (sdp: string | null): boolean => sdp !== null && !BROKEN.includes(sdp);

/** What an incoming INVITE says about its phone. */
function offered(p: Party, sdp: string | null): void {
  p.likesVideo = sdp !== null && sdp.includes('m=video');
  p.streams = p.likesVideo ? 2 : 1;
  if (sdp !== null) p.theirs = { move: 0, dir: BOTH, kind: p.likesVideo ? VIDEO_ON : VIDEO_NONE };
}

const routed = (beginning: NonNullable<Beginning>): Parameters<typeof openRouted>[3] =>
  'plan' in beginning ? beginning.plan : { ...beginning, code: 403, reason: 'Forbidden' };
