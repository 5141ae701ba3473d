import { acceptsRefer, acceptsTransfer, type Call } from '../../src/domain/call.js';
import type { CallEvent, ReferVerdict } from '../../src/domain/call-event.js';
import type { Effect, TimerName } from '../../src/domain/effect.js';
import { agentLeg, asCallId, type LegId } from '../../src/domain/ids.js';
import type { RefusedPlan, TransferPlan } from '../../src/domain/plan.js';
import { open, openRouted, step, type Step } from '../../src/domain/step.js';
import { BOTH, BROKEN, VIDEO_NONE, VIDEO_ON } from './bodies.js';
import { consult } from './consultation.js';
import { flows, Ground } from './ground.js';
import type { Party } from './party.js';
import { SETUP } from './plans.js';
import { keepsPromises } from './promises.js';
import type { Wish } from './story.js';
import { must } from './violation.js';
import { ask, dial } from './wire.js';

export type Stepper = (call: Call, event: CallEvent) => Step;

/** The engine under test: the real one, or one with a planted breakage. */
export interface Engine {
  readonly open: typeof open;
  readonly openRouted: typeof openRouted;
  readonly step: Stepper;
}

export const REAL: Engine = { open, openRouted, step };

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
  private offers = 0;
  private plans = 0;
  private wish: Wish | null = null;

  constructor(
    private readonly engine: Engine,
    /** `null`: the caller leaves the offer to us. */
    sdp: string | null,
    log: string[] | null,
    beginning: Beginning = null,
  ) {
    super();
    this.log = log;
    const caller = this.newcomer('caller', true);
    offered(caller, sdp);
    this.note('-> INVITE', sdp);
    const id = asCallId('call_1');
    const first =
      beginning === null
        ? engine.open(id, SETUP, sdp)
        : engine.openRouted(id, { ...SETUP, bot: null }, sdp, routed(beginning));
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
    // 64*T1 have passed without an answer in an ACK: none will come any more.
    const waited = timer.startsWith('ack:') ? this.named(timer.slice(4) as LegId) : undefined;
    if (waited !== undefined) waited.owesAck = null;
    this.send({ type: 'timerFired', timer }, null);
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
    this.send({ type: 'cancelRequested', transferId: top.plan.id }, null);
    // REFER and BYE cannot be taken back.
    if (attempt === 'none' || (method === 'invite' && attempt !== 'answered'))
      must(!this.story.open.includes(top), 'a cancel before the answer is the verdict');
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

  private heardOf({ id }: TransferPlan): boolean {
    return this.told.has(id);
  }

  /** Transfers the bot has heard of. */
  private readonly told = new Set<string>();

  private send(event: CallEvent, from: Party | null): void {
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
        return this.tell(effect.event);
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
      case 'hush':
      case 'command':
        must(false, 'media is the parties own, and the bot speaks for itself');
        return;
      default:
        ask(this, effect);
    }
  }

  private tell(event: Extract<Effect, { type: 'tell' }>['event']): void {
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
        this.target = this.event?.type === 'answered' ? this.from : this.brought;
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
    if (by !== 'engine' || event === null || event.type === 'hangupRequested' || event.type === 'timerFired')
      return;
    const bot = this.named('bot');
    must(bot === undefined || !bot.live || !flows(this.caller, bot), 'a caller who hears the bot is kept');
  }

  private glared(from: Party, code: number): void {
    if (code !== 491 || from.asked !== 'nothing' || from.gone || from.glares > 5) return;
    must(this.timers.includes(`glare:${from.id}`), 'a glare is tried again (RFC 3261 14.1)');
  }
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
