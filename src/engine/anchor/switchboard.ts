import type { CallEvent } from '../../domain/call-event.js';
import type { Effect } from '../../domain/effect.js';
import type { LegId } from '../../domain/ids.js';
import type { Sound } from '../../domain/sound.js';
import type { Log } from '../../ports/log.js';
import { MediaError, type Endpoint } from '../../ports/media.js';
import type { Sounds } from '../../ports/sounds.js';
import type { AnchoredLeg } from './anchored-leg.js';
import { Turns } from './turns.js';

export type SoundEffect = Extract<Effect, { type: 'bridge' | 'join' | 'play' | 'hush' }>;

export interface SwitchboardParts {
  /** `null`: nothing can be played. */
  readonly sounds: Sounds | null;
  readonly log: Log;
  /** The anchored leg of this name, as it is named now. */
  readonly leg: (name: LegId) => AnchoredLeg | undefined;
  readonly post: (event: CallEvent) => void;
  /** Names conferences apart from those of other calls. */
  readonly callId: string;
}

/** What the media server says no to, or does not answer. */
const UNBRIDGED = { code: 503, reason: 'Media server', q850: null, retryAfterMs: null, by: 'local' } as const;

/**
 * Carries out who hears whom: one order after the other for a whole call, so that a bridge never overtakes the sound
 * it ends. Every order's promises have a deadline (`ports/media.ts`), so none can hold up the next for ever.
 */
export class Switchboard {
  private readonly turns = new Turns();
  /** The last order for a leg; an older one that is still waiting has been overtaken. */
  private readonly orders = new Map<AnchoredLeg, number>();
  private readonly conferring = new Set<AnchoredLeg>();
  private ordered = 0;

  constructor(private readonly parts: SwitchboardParts) {}

  perform(effect: SoundEffect): void {
    const leg = this.parts.leg(effect.leg);
    if (leg === undefined) return this.answerMissing(effect);
    switch (effect.type) {
      case 'bridge':
        return this.bridge(leg, this.parts.leg(effect.with), effect.change);
      case 'join':
        return this.join(leg, effect.conference, effect.change);
      case 'play':
        return this.play(leg, effect);
      case 'hush': {
        const order = this.order(leg);
        return this.turns.run(() => this.quiet(leg, order));
      }
    }
  }

  private answerMissing(effect: SoundEffect): void {
    if ('change' in effect) this.parts.post({ type: 'changed', change: effect.change, result: UNBRIDGED });
  }

  private bridge(a: AnchoredLeg, b: AnchoredLeg | undefined, change: number): void {
    this.order(a);
    if (b !== undefined) this.order(b);
    this.changing(change, [a, ...(b === undefined ? [] : [b])], async () => {
      if (b === undefined) throw new Error('the other leg has gone');
      const [one, two] = await Promise.all([this.free(a), this.free(b)]);
      const other = one.server === two.server ? two : await b.moveTo(one.server);
      await one.bridge(other);
    });
  }

  private join(leg: AnchoredLeg, conference: number, change: number): void {
    this.order(leg);
    const name = `${this.parts.callId}-${conference}`;
    this.changing(change, [leg], async () => {
      const endpoint = await leg.endpoint();
      const host = this.parts.leg('caller');
      const { server } = host === undefined || host === leg ? endpoint : await host.endpoint();
      const there = endpoint.server === server ? endpoint : await leg.moveTo(server);
      await there.join(name);
      this.conferring.add(leg);
    });
  }

  private changing(change: number, legs: readonly AnchoredLeg[], work: () => Promise<void>): void {
    this.turns.run(async () => {
      try {
        await work();
        this.parts.post({ type: 'changed', change, result: 'done' });
      } catch (error) {
        this.parts.log.warn({ callId: this.parts.callId, error }, 'parties could not be connected');
        if (error instanceof MediaError && error.reason === 'lost') this.lostDuring(change, legs);
        else this.parts.post({ type: 'changed', change, result: UNBRIDGED });
      }
    });
  }

  /** Told when the leg has another endpoint, or is given up: asked again before, it would be lost again at once. */
  private lostDuring(change: number, legs: readonly AnchoredLeg[]): void {
    void Promise.all(legs.map((leg) => leg.idle())).then(() =>
      this.parts.post({ type: 'changed', change, result: 'lost' }),
    );
  }

  /** An endpoint that is in no conference any more. */
  private async free(leg: AnchoredLeg): Promise<Endpoint> {
    const endpoint = await leg.endpoint();
    if (this.conferring.delete(leg)) await endpoint.stop();
    return endpoint;
  }

  private play(leg: AnchoredLeg, { leg: name, n, sound }: Extract<SoundEffect, { type: 'play' }>): void {
    const order = this.order(leg);
    const over = (ok: boolean): void => {
      if (this.orders.get(leg) === order) this.parts.post({ type: 'played', leg: name, n, ok });
    };
    const { sounds: source } = this.parts;
    if (source === null) return over(false);
    source.resolve(sound).then(
      (sounds) => this.turns.run(() => this.start(leg, order, sounds, sound, over)),
      (error: unknown) => {
        this.parts.log.warn({ callId: this.parts.callId, sound, error }, 'a sound cannot be had');
        over(false);
      },
    );
  }

  private async start(
    leg: AnchoredLeg,
    order: number,
    sounds: Parameters<Endpoint['play']>[0],
    { kind }: Sound,
    over: (ok: boolean) => void,
  ): Promise<void> {
    if (this.orders.get(leg) !== order) return;
    try {
      const endpoint = await this.free(leg);
      const { finished } = await endpoint.play(sounds, { loop: kind !== 'message' });
      void finished.then((how) => how !== 'stopped' && over(how === 'done'));
    } catch (error) {
      this.parts.log.warn({ callId: this.parts.callId, error }, 'a sound could not be played');
      // A leg whose endpoint died is told so by itself, and hears the sound again at the next one.
      if (!(error instanceof MediaError && error.reason === 'lost')) over(false);
    }
  }

  private async quiet(leg: AnchoredLeg, order: number): Promise<void> {
    if (this.orders.get(leg) !== order) return;
    try {
      const endpoint = await leg.endpoint();
      this.conferring.delete(leg);
      await endpoint.stop();
    } catch {
      // No endpoint, no sound.
    }
  }

  private order(leg: AnchoredLeg): number {
    this.ordered += 1;
    this.orders.set(leg, this.ordered);
    return this.ordered;
  }
}
