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

/** Longest time for a far end to follow: it hears nothing meanwhile, and the limit for that is 10 s. */
export const MOVE_MS = 5000;

/** Takes a leg to another endpoint: open it, re-INVITE the far end to it, give it the answer. */
export class Mover {
  private resolve: ((result: Result | null) => void) | null = null;
  private last: Promise<unknown> = Promise.resolve();
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

  /** One move after the other; none where it is there already. Rejects when no endpoint can be had, or the far end does not follow. */
  move(leg: LegPort, server?: string): Promise<Endpoint> {
    const moved = this.last.then(() => this.anchor.living(server) ?? this.moved(leg, server));
    this.last = moved.catch(() => undefined);
    return moved;
  }

  private async moved(leg: LegPort, server: string | undefined): Promise<Endpoint> {
    const endpoint = await this.anchor.reopen(null, server);
    let takeBack = (): void => undefined;
    const late = new Promise<null>((resolve) => {
      takeBack = this.parts.after(MOVE_MS, () => resolve(null));
    });
    try {
      const answer = await this.followed(leg, endpoint.sdp, late);
      await this.anchor.fit(answer);
      return endpoint;
    } finally {
      takeBack();
      this.resolve = null;
      this.pausing = false;
    }
  }

  /** The far end's answer. */
  private async followed(leg: LegPort, sdp: string, late: Promise<null>): Promise<string> {
    for (let tries = 0; ; tries += 1) {
      const result = await Promise.race([this.offered(leg, sdp), late]);
      if (result?.type === 'reofferAccepted' && result.sdp !== null) return result.sdp;
      const glare = result?.type === 'reofferRefused' && result.refusal.code === 491;
      if (!glare || tries >= MAX_GLARE) throw new Error('the far end did not follow to another media server');
      this.pausing = true;
      await Promise.race([this.pause(), late]);
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
