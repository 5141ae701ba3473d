import type { Call } from '../../src/domain/call.js';
import type { CallEvent } from '../../src/domain/call-event.js';
import type { TimerName } from '../../src/domain/effect.js';
import type { LegId } from '../../src/domain/ids.js';
import { RECV, SEND } from './bodies.js';
import type { MediaDesk } from './desk.js';
import { Party } from './party.js';
import { Refers } from './refers.js';
import type { ScriptTalk } from './script-talk.js';
import { Story, type Open } from './story.js';
import { must } from './violation.js';

/** What there is around the domain at one moment: far ends, timers, and what the bot has been told. */
export abstract class Ground {
  /** Everybody who was ever there, by index. */
  readonly parties: Party[] = [];
  readonly timers: TimerName[] = [];
  readonly refers = new Refers();
  readonly story: Story;
  /** `null`: media is the parties' own. */
  readonly desk: MediaDesk | null;
  /** `null`: the bot is a phone, or there is none. */
  readonly talk: ScriptTalk | null;
  abstract call: Call;
  done = false;
  /** The event the engine is working on, and who caused it. */
  event: CallEvent | null = null;
  from: Party | null = null;
  /** Those who were called in the attempt that is on its way, and the one of them who has answered. */
  called: Party[] = [];
  target: Party | null = null;
  /** The agent in conversation, and by which transfer. */
  talking: { party: Party; readonly plan: string } | null = null;
  /** A script bot's wish is on its way to the call. */
  abstract readonly hasPlan: boolean;
  /** The last offer of theirs that was answered. */
  offerAnswered = 0;
  /** The other call's leg an attended transfer brings. */
  brought: Party | null = null;
  /** The caller's network has taken it over, and owes a BYE. */
  departing = false;
  linkLost = false;
  /** A line per event and effect; off unless somebody wants to read it. */
  log: string[] | null = null;
  private readonly names = new Map<LegId, Party>();
  private lastCaller: Party | null = null;

  constructor(desk: MediaDesk | null, talk: ScriptTalk | null) {
    this.desk = desk;
    this.talk = talk;
    this.story = new Story({
      callerGone: () => this.linkLost || isGone(this.caller),
      callerShownBot: () => this.talk !== null || this.shown(this.caller, this.named('bot')),
      targetShown: () => this.targetShown(),
      glares: () => Math.max(...this.parties.map((p) => p.glares)),
    });
  }

  /** A far end that was not there before. */
  newcomer(id: LegId, inbound: boolean): Party {
    must(!this.names.has(id), `every new leg has a name of its own (${id})`);
    const party = new Party(this.parties.length, id, inbound, this.desk !== null);
    this.parties.push(party);
    this.names.set(id, party);
    if (id === 'caller') this.lastCaller = party;
    return party;
  }

  named(id: LegId): Party | undefined {
    return this.names.get(id);
  }

  /** Whoever is the caller, or was the last one. */
  get caller(): Party {
    const caller = this.names.get('caller') ?? this.lastCaller;
    must(caller !== null, 'a call has a caller');
    return caller;
  }

  /** Whoever talked to the party that is being transferred. */
  get home(): Party | undefined {
    return this.talking?.party ?? this.names.get('bot');
  }

  /** The engine is told the leg's end, or it lives elsewhere from now on. */
  forget(party: Party): void {
    party.gone = true;
    this.desk?.forget(party);
    if (this.names.get(party.id) === party) this.names.delete(party.id);
  }

  swap(a: LegId, b: LegId): void {
    const [one, two] = [this.names.get(a), this.names.get(b)];
    must(one !== undefined || two !== undefined, 'legs that change names are there');
    this.names.delete(a);
    this.names.delete(b);
    this.rename(one, b);
    this.rename(two, a);
    if (this.event?.type !== 'replaced' || two === undefined) return;
    if (one !== undefined) this.desk?.forget(one);
    this.called = this.called.map((p) => (p === one ? two : p));
    if (this.target === one) this.target = two;
    if (this.talking !== null && this.talking.party === one) this.talking = { ...this.talking, party: two };
  }

  private rename(party: Party | undefined, id: LegId): void {
    if (party === undefined) return;
    party.id = id;
    this.names.set(id, party);
    if (id === 'caller') this.lastCaller = party;
  }

  waits(p: Party): boolean {
    return this.timers.includes(`glare:${p.id}`) || this.timers.includes(`ack:${p.id}`);
  }

  /** It has what it asked for and is given a moment for its own BYE. */
  leaves(p: Party): boolean {
    return this.timers.includes(`leave:${p.id}`);
  }

  private targetShown(): boolean {
    const { target, caller, home, story } = this;
    if (target === null) return false;
    const other = story.top?.seat === 'caller' ? home : caller;
    return this.shown(target, other) && this.shown(other, target);
  }

  private shown(a: Party | undefined, b: Party | undefined): boolean {
    // An endpoint that has died is news the call has not heard.
    if (this.desk !== null) return this.desk.together(a, b) || this.desk.isDead(a) || this.desk.isDead(b);
    return a !== undefined && b !== undefined && a.ours?.party === b.index;
  }

  /** Both hear each other, as far as both want to. */
  hearEachOther(a: Party, b: Party): boolean {
    return this.desk === null ? flows(a, b) : this.desk.together(a, b);
  }

  /** The transfer that is on its way, with the method of its attempt. */
  attempting(method: string): Open | null {
    const { underWay } = this.story;
    return underWay !== undefined && underWay.attempt !== 'none' && underWay.method === method
      ? underWay
      : null;
  }

  note(what: string, detail: unknown): void {
    this.log?.push(`${what} ${JSON.stringify(detail)}`);
  }
}

const isGone = (p: Party): boolean => !p.elsewhere && (p.gone || p.dead || p.asked === 'bye');

/** Both hear each other, as far as both want to. */
export const flows = (a: Party, b: Party): boolean => carries(a, b) && carries(b, a);

/** What `a` says reaches `b`'s current address, or somebody does not want it to. */
function carries(a: Party, b: Party): boolean {
  if ((a.wish & SEND) === 0 || (b.wish & RECV) === 0) return true;
  if (a.theirs === null || b.theirs === null || a.ours === null || b.ours === null) return false;
  return (
    (a.theirs.dir & SEND) !== 0 &&
    (a.ours.dir & RECV) !== 0 &&
    (b.theirs.dir & RECV) !== 0 &&
    (b.ours.dir & SEND) !== 0 &&
    a.ours.party === b.index &&
    a.ours.move === b.theirs.move
  );
}
