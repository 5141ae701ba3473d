import type { Frame } from '../audio/frame.js';
import type { Digit } from '../rtp/dtmf.js';
import type { Channel, Partnership } from './channel.js';

/** Shorter ones are not recognized everywhere (Q.24: 40 ms, with a margin). */
export const SHORTEST_DIGIT_MS = 60;

/** One side of two channels that talk to each other. */
class BridgeSide implements Partnership {
  constructor(
    private readonly self: Channel,
    private readonly other: Channel,
    private readonly otherSide: () => BridgeSide,
  ) {}

  fill(frame: Frame): boolean {
    const { media, runner } = this.other;
    // An application on one leg has it for itself: the bridge stands still until it is done.
    const hears = media.hears && !runner.busy && !this.self.runner.busy;
    if (hears) frame.set(media.heard);
    return hears;
  }

  digit({ digit, samples }: Digit): void {
    // The application that runs takes it.
    if (this.self.runner.busy) return;
    this.other.rtp.speakDigit(digit, Math.max(SHORTEST_DIGIT_MS, Math.round(samples / 8)));
  }

  leave(): void {
    // The other one stays, parked (park_after_bridge); it may have gone on to another partner by now.
    if (this.other.partner !== this.otherSide()) return;
    this.other.join(null);
    this.other.publish('CHANNEL_PARK');
  }
}

/** Connects two channels. What runs on them is interrupted, and whoever they talked to before is left. */
export async function bridge(a: Channel, b: Channel): Promise<void> {
  a.runner.interrupt('taken');
  b.runner.interrupt('taken');
  await Promise.all([a.runner.stopped(), b.runner.stopped()]);
  if (a.ended || b.ended) return;
  const sideOfA: BridgeSide = new BridgeSide(a, b, () => sideOfB);
  const sideOfB: BridgeSide = new BridgeSide(b, a, () => sideOfA);
  a.join(sideOfA);
  b.join(sideOfB);
  a.variables.set('bridge_uuid', b.uuid);
  b.variables.set('bridge_uuid', a.uuid);
  a.publish('CHANNEL_BRIDGE', { 'Bridge-A-Unique-ID': a.uuid, 'Bridge-B-Unique-ID': b.uuid });
}

/** The channel a bridge connects this one to; null when it is in none. */
export const bridgedTo = (channel: Channel, channels: Iterable<Channel>): Channel | null => {
  if (!(channel.partner instanceof BridgeSide)) return null;
  const uuid = channel.variables.get('bridge_uuid');
  for (const other of channels) if (other.uuid === uuid && other.partner instanceof BridgeSide) return other;
  return null;
};
