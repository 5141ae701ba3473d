import type { CallEvent } from '../../src/domain/call-event.js';
import type { Effect } from '../../src/domain/effect.js';
import type { Message } from '../../src/domain/plan.js';
import type { Refusal } from '../../src/domain/outcome.js';
import type { Sound } from '../../src/domain/sound.js';
import type { Party } from './party.js';
import { must } from './violation.js';

type OfMedia = Extract<Effect, { type: 'bridge' | 'join' | 'play' | 'hush' }>;

/** What a far end really hears. */
type Hears =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'sound'; readonly n: number; readonly sound: Sound }
  | { readonly kind: 'peer'; readonly party: Party }
  | { readonly kind: 'conference'; readonly n: number };

/** A bridge or a conference the media server has been asked for. */
export interface Change {
  readonly n: number;
  readonly parties: readonly Party[];
  readonly conference: number | null;
}

/** A sound as far as the desk knows it: `broken` where it was begun and its endpoint, or its phone, is gone since. */
interface Known {
  readonly sound: Sound;
  broken: boolean;
}

/** Said before a recording. */
export const CONSENT: Message = { text: 'This call is recorded.' };

const NOTHING: Hears = { kind: 'nothing' };

export const REFUSED: Refusal = {
  code: 503,
  reason: 'Media server',
  q850: null,
  retryAfterMs: null,
  by: 'local',
};

/** What may cut a message short: somebody presses a key, leaves, comes, orders something, or has no more time. */
const CUTTING: ReadonlySet<CallEvent['type']> = new Set([
  ...([
    'digit',
    'timerFired',
    'hungUp',
    'closed',
    'refused',
    'legTaken',
    'replaced',
    'mediaLost',
    'acked',
    'changed',
  ] as const),
  ...(['cancelRequested', 'hangupRequested', 'transferCommanded', 'referred', 'brought'] as const),
]);

/** The media server: who is bridged to whom and what plays, and what the domain may ask of it at which moment. */
export class MediaDesk {
  readonly changes: Change[] = [];
  /** Endpoints that have died, and whether another one will be had. */
  readonly dead = new Map<Party, 'reset' | 'lost'>();
  /** Playings whose end the engine has not read yet. */
  readonly news: { readonly party: Party; readonly n: number; readonly ok: boolean }[] = [];
  private readonly hearing = new Map<Party, Hears>();
  private readonly sounds = new Map<number, Known>();
  private readonly numbers = new Set<number>();

  hears(p: Party): Hears {
    return this.hearing.get(p) ?? NOTHING;
  }

  isChanging(p: Party): boolean {
    return this.changes.some(({ parties }) => parties.includes(p));
  }

  together(a: Party | undefined, b: Party | undefined): boolean {
    if (a === undefined || b === undefined) return false;
    const hears = this.hears(a);
    return hears.kind === 'peer' && hears.party === b;
  }

  isDead(p: Party | undefined): boolean {
    return p !== undefined && this.dead.has(p);
  }

  /** It hears somebody who is there, or a sound. */
  isServed(p: Party, isHeard: (other: Party) => boolean): boolean {
    const hears = this.hears(p);
    switch (hears.kind) {
      case 'nothing':
        return false;
      case 'sound':
        return true;
      case 'peer':
        return isHeard(hears.party);
      case 'conference':
        return [...this.hearing].some(
          ([other, { kind, ...more }]) =>
            other !== p && kind === 'conference' && 'n' in more && more.n === hears.n && isHeard(other),
        );
    }
  }

  /** Who hears a message that is not over. */
  isSpokenTo(p: Party): boolean {
    const hears = this.hears(p);
    return hears.kind === 'sound' && hears.sound.kind === 'message';
  }

  perform(effect: OfMedia, parties: readonly (Party | undefined)[], event: CallEvent | null): void {
    const there: Party[] = [];
    for (const p of parties) {
      must(p?.gone === false && p.asked === 'nothing', `${effect.type} is for a leg that is there`);
      must(!this.isChanging(p), `one change at a time on a leg (${p.id})`);
      if (this.isSpokenTo(p)) must(this.mayCut(p, event), 'a message is not cut short');
      there.push(p);
    }
    for (const p of there) this.leave(p);
    const [first] = there;
    if (effect.type === 'play') this.play(first as Party, effect.n, effect.sound);
    else if (effect.type !== 'hush') this.ask(effect, there);
  }

  /** Who is handed on before it has heard all about recording hears that later. */
  mayCut(p: Party, event: CallEvent | null): boolean {
    if (event === null) return false;
    const hears = this.hears(p);
    const message = hears.kind === 'sound' && hears.sound.kind === 'message' ? hears.sound.message : null;
    return CUTTING.has(event.type) || (message === CONSENT && event.type !== 'played');
  }

  private ask(effect: Extract<OfMedia, { change: number }>, parties: readonly Party[]): void {
    this.isNew(effect.change);
    for (const p of parties)
      must(p.answered || p.early || p.theirs !== null, 'a bridge is for legs with media');
    must(new Set(parties).size === parties.length, 'nobody is bridged to itself');
    const conference = effect.type === 'join' ? effect.conference : null;
    this.changes.push({ n: effect.change, parties, conference });
  }

  private isNew(n: number): void {
    must(!this.numbers.has(n), 'every change and every playing has a number of its own');
    this.numbers.add(n);
  }

  private play(p: Party, n: number, sound: Sound): void {
    must(p.answered, 'only who is answered hears a sound');
    const known = this.sounds.get(n);
    if (known === undefined) {
      this.isNew(n);
      this.sounds.set(n, { sound, broken: false });
    } else {
      must(known.broken, 'a sound is begun once');
      known.broken = false;
    }
    // An endpoint that is gone plays nothing; it will be asked again at the next one.
    if (this.dead.has(p)) this.break(n);
    else this.hearing.set(p, { kind: 'sound', n, sound });
  }

  private break(n: number): void {
    const known = this.sounds.get(n);
    if (known !== undefined) known.broken = true;
  }

  /** It hears nothing from now on, nor does whoever heard it. */
  leave(p: Party): void {
    const hears = this.hears(p);
    this.hearing.delete(p);
    if (hears.kind === 'peer' && this.together(hears.party, p)) this.hearing.delete(hears.party);
  }

  /** The phone is gone, or somebody else's; what it heard may be played to the one in its place. */
  forget(p: Party): void {
    this.kill(p);
    this.dead.delete(p);
  }

  /** Its endpoint dies. */
  kill(p: Party, then: 'reset' | 'lost' = 'reset'): void {
    const hears = this.hears(p);
    if (hears.kind === 'sound') this.break(hears.n);
    for (const told of this.news.filter(({ party }) => party === p)) {
      this.break(told.n);
      this.news.splice(this.news.indexOf(told), 1);
    }
    this.leave(p);
    this.dead.set(p, then);
  }

  /** The media server has done what it was asked to, or has not. */
  settle(change: Change, done: boolean): void {
    this.changes.splice(this.changes.indexOf(change), 1);
    if (!done) return;
    const there = change.parties.filter((p) => !p.gone && p.asked === 'nothing' && !this.dead.has(p));
    for (const p of there) this.leave(p);
    const [a, b] = there;
    if (change.conference !== null && a !== undefined)
      this.hearing.set(a, { kind: 'conference', n: change.conference });
    else if (a !== undefined && b !== undefined) {
      this.hearing.set(a, { kind: 'peer', party: b });
      this.hearing.set(b, { kind: 'peer', party: a });
    }
  }

  /** A playing is over: by itself, or because it cannot be played. */
  finish(p: Party, ok: boolean): void {
    const hears = this.hears(p);
    if (hears.kind !== 'sound') return;
    this.hearing.delete(p);
    this.news.push({ party: p, n: hears.n, ok });
  }

  /** Whoever hears a sound just now. */
  listeners(): readonly (readonly [Party, Sound])[] {
    return [...this.hearing].flatMap(([p, h]) =>
      h.kind === 'sound' && !p.gone && p.asked === 'nothing' ? [[p, h.sound] as const] : [],
    );
  }
}
