import type { Clock } from '../ports/clock.js';
import type { Slot } from './leg-slots.js';

/** One key press and the pause behind it; switches tell two presses of the same key apart by less than this. */
const DIGIT_MS = 250;
/** What `w` and `,` wait, as dial strings have it. */
const PAUSE_MS: Readonly<Record<string, number>> = { w: 500, ',': 2000 };

/**
 * Digits for an extension behind the number that was dialled, sent once caller and target are connected, as INFO
 * with `application/dtmf-relay` where we have no media of our own, else as RFC 4733 events.
 */
export class PostDial {
  private readonly waiting = new Map<Slot, string>();
  private stopNext: (() => void) | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly failed: (error: unknown) => void,
  ) {}

  expect(slot: Slot, digits: string): void {
    this.waiting.set(slot, digits);
  }

  /** The target in this slot has the caller: press its keys, once. */
  send(slot: Slot | undefined): void {
    const digits = slot === undefined ? undefined : this.waiting.get(slot);
    if (slot === undefined || digits === undefined) return;
    this.waiting.delete(slot);
    const { anchor } = slot;
    if (anchor === undefined) return this.press(slot, digits.split(''));
    // A target that is gone by now needs no keys.
    anchor
      .endpoint()
      .then(
        (endpoint) => endpoint.sendDigits(digits),
        () => undefined,
      )
      .catch(this.failed);
  }

  stop(): void {
    this.stopNext?.();
    this.waiting.clear();
  }

  private press(slot: Slot, keys: readonly string[]): void {
    const [key, ...rest] = keys;
    if (key === undefined) return;
    const pause = PAUSE_MS[key.toLowerCase()];
    if (pause === undefined)
      slot.port.info({ contentType: 'application/dtmf-relay', body: `Signal=${key}\r\nDuration=160\r\n` });
    this.stopNext = this.clock.after(pause ?? DIGIT_MS, () => this.press(slot, rest));
  }
}
