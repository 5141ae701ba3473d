import type { Endpoint } from '../../ports/media.js';
import type { LegEvent, LegPort } from '../../ports/signalling.js';
import type { Anchor } from './anchor.js';

type Result = Extract<LegEvent, { type: 'reofferAccepted' | 'reofferRefused' }>;

export interface MoverParts {
  readonly after: (ms: number, fire: () => void) => () => void;
  /** 0 <= x < 1. */
  readonly random: () => number;
}

/** Re-INVITEs that meet one of the far end's own, until it is given up (RFC 3261 14.1). */
const MAX_GLARE = 4;

/** Takes a leg to another endpoint: open it, re-INVITE the far end to it, give it the answer. */
export class Mover {
  private resolve: ((result: Result | null) => void) | null = null;
  private stopped = false;
  private pausing = false;

  constructor(
    private readonly parts: MoverParts,
    private readonly anchor: Anchor,
    /** Who made the Call-ID waits longer when re-INVITEs cross. */
    private readonly incoming: boolean,
  ) {}

  /** `asking`: a re-INVITE of ours is open; `pausing`: it met one of theirs, and is sent again later. */
  get stage(): 'idle' | 'asking' | 'pausing' {
    if (this.resolve !== null) return 'asking';
    return this.pausing ? 'pausing' : 'idle';
  }

  hear(result: Result): void {
    this.resolve?.(result);
  }

  stop(): void {
    this.stopped = true;
    this.resolve?.(null);
  }

  /** Rejects when no endpoint can be had, or the far end does not follow. */
  async move(leg: LegPort, server?: string): Promise<Endpoint> {
    const endpoint = await this.anchor.reopen(null, server);
    for (let tries = 0; ; tries += 1) {
      const result = await this.offered(leg, endpoint.sdp);
      if (result?.type === 'reofferAccepted' && result.sdp !== null) {
        await endpoint.modify(result.sdp);
        return endpoint;
      }
      const glare = result?.type === 'reofferRefused' && result.refusal.code === 491;
      if (!glare || tries >= MAX_GLARE) throw new Error('the far end did not follow to another media server');
      this.pausing = true;
      await this.pause();
      this.pausing = false;
    }
  }

  private offered(leg: LegPort, sdp: string): Promise<Result | null> {
    return new Promise((resolve) => {
      if (this.stopped) return resolve(null);
      this.resolve = (result) => {
        this.resolve = null;
        resolve(result);
      };
      leg.reoffer(sdp);
    });
  }

  private pause(): Promise<void> {
    const from = this.incoming ? 0 : 2100;
    const ms = from + Math.floor(this.parts.random() * 190) * 10;
    return new Promise((resolve) => void this.parts.after(ms, resolve));
  }
}
