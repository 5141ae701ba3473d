import type { LegEvent, LegListener } from '../../ports/signalling.js';
import type { LadderTap } from '../../ports/ladder.js';
import type { DrachtioLog } from './options.js';

type State =
  /** The engine has not said yet who listens. */
  | { readonly at: 'unheard' }
  | { readonly at: 'live'; readonly listener: LegListener; readonly tap: LadderTap }
  | { readonly at: 'ended' };

/**
 * The only way a leg speaks to the engine, so that the port's promise holds by construction: nothing before there is
 * a listener, exactly one end, nothing after it. Owns the leg's timers, which end with it.
 */
export class LegVoice {
  #state: State = { at: 'unheard' };
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(
    private readonly log: DrachtioLog,
    /** Called once, when the leg has ended. */
    private readonly onEnd: () => void,
  ) {}

  get ended(): boolean {
    return this.#state.at === 'ended';
  }

  attach(listener: LegListener, tap: LadderTap): void {
    if (this.#state.at === 'unheard') this.#state = { at: 'live', listener, tap };
  }

  /** The leg has moved to another call, whose listener and ladder it is from now on. */
  rebind(listener: LegListener, tap: LadderTap): void {
    if (this.#state.at === 'live') this.#state = { at: 'live', listener, tap };
  }

  tell(event: LegEvent): void {
    const state = this.#state;
    if (state.at !== 'live') return;
    if (endsLeg(event)) this.end();
    try {
      state.listener(event);
    } catch (error) {
      // A throw from here would reach srf's frame dispatch and from there the process (pitfall 13).
      this.log.error('a leg listener threw', { event: event.type, error });
    }
  }

  /** As {@link tell}, but never from within a call of the engine's. */
  tellSoon(event: LegEvent): void {
    setImmediate(() => this.tell(event));
  }

  /** Ends the leg without a word: for legs the engine has never heard of. */
  end(): void {
    if (this.#state.at === 'ended') return;
    this.#state = { at: 'ended' };
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.onEnd();
  }

  tap(direction: 'in' | 'out', text: string, sdp: boolean, peer: string | null): void {
    if (this.#state.at !== 'live') return;
    try {
      this.#state.tap(direction, text, sdp, peer);
    } catch (error) {
      this.log.error('a ladder tap threw', { error });
    }
  }

  /** One shot, gone with the leg; returns how to take it back. */
  after(ms: number, fire: () => void): () => void {
    if (this.ended) return () => undefined;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.safely(fire);
    }, ms);
    timer.unref();
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
      clearTimeout(timer);
    };
  }

  /** Runs what srf calls back: nothing may throw into its dispatch (pitfall 13). */
  safely(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.log.error('the drachtio adapter failed', { error });
    }
  }
}

function endsLeg(event: LegEvent): boolean {
  return (
    event.type === 'refused' || event.type === 'hungUp' || event.type === 'closed' || event.type === 'lost'
  );
}
