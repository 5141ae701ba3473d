import type { Clock } from '../../ports/clock.js';
import type { EndpointSwitches, SwitchedOff } from '../../ports/endpoint-switches.js';
import type { Log } from '../../ports/log.js';

export interface SwitchesParts {
  readonly store: EndpointSwitches;
  /** Endpoints of the configuration. */
  readonly urls: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  readonly everyMs: number;
  /** Told of every change, of ours and of other engines'. */
  readonly changed: (url: string, off: SwitchedOff | null) => void;
}

/**
 * Which endpoints are off, known without asking: what this engine finds out counts at once, what others do counts by
 * the next look.
 */
export class Switches {
  private readonly known = new Map<string, SwitchedOff>();
  /** Found out here and not written yet. */
  private readonly unwritten = new Map<string, SwitchedOff>();
  /** Of what we know; an answer to an older question says nothing any more. */
  private version = 0;
  private cancelLook: () => void = () => undefined;
  private stopped = false;

  constructor(private readonly parts: SwitchesParts) {}

  /** What was off before we came is off. Without an answer of the store everything is on until the next look. */
  async start(): Promise<void> {
    await this.look();
    this.lookLater();
  }

  stop(): void {
    this.stopped = true;
    this.cancelLook();
  }

  off(url: string): SwitchedOff | null {
    return this.known.get(url) ?? null;
  }

  turnOff(url: string, off: SwitchedOff): void {
    if (this.known.has(url)) return;
    this.unwritten.set(url, off);
    this.know(url, off);
    void this.write();
  }

  /** @throws AppError `store_unavailable`: then it is off still, everywhere */
  async turnOn(url: string): Promise<void> {
    this.unwritten.delete(url);
    await this.parts.store.turnOn(url);
    this.know(url, null);
  }

  private lookLater(): void {
    if (this.stopped) return;
    this.cancelLook = this.parts.clock.after(this.parts.everyMs, () => {
      void this.look().finally(() => this.lookLater());
    });
  }

  private async look(): Promise<void> {
    await this.write();
    const { version } = this;
    try {
      const off = await this.parts.store.off(this.parts.urls);
      if (this.stopped || version !== this.version || this.unwritten.size > 0) return;
      for (const url of this.parts.urls) this.know(url, off.get(url) ?? null);
    } catch (error) {
      this.parts.log.debug({ err: error }, 'which endpoints are switched off is not known');
    }
  }

  private async write(): Promise<void> {
    for (const [url, off] of [...this.unwritten]) {
      try {
        await this.parts.store.turnOff(url, off);
        if (this.unwritten.get(url) === off) this.unwritten.delete(url);
      } catch (error) {
        this.parts.log.debug({ err: error }, 'an endpoint that is switched off is not written down yet');
      }
    }
  }

  private know(url: string, off: SwitchedOff | null): void {
    this.version += 1;
    const before = this.known.get(url) ?? null;
    if (off === null) this.known.delete(url);
    else this.known.set(url, off);
    if ((before === null) !== (off === null)) this.parts.changed(url, off);
  }
}
