import type { Transfer } from './call.js';
import type { LegId } from './ids.js';
import type { Turn } from './turn.js';
import { hearSound, spoken } from './waiting.js';

/** An agent has accepted: it meets the caller at once, or by way of an introduction (a warm transfer). */
export function meet(turn: Turn, transfer: Transfer, leg: LegId): void {
  const warm = transfer.plan.sounds?.warm ?? null;
  if (warm === null) return connect(turn, transfer, leg);
  turn.start('warm', warm.maxMs);
  const { introduction } = warm;
  if (introduction === null) return gather(turn, transfer, leg);
  const playing = (['caller', leg] as const).map((id) => hearSound(turn, id, spoken(introduction)));
  turn.state = { phase: 'introducing', transfer, leg, playing };
}

/** Three in a conference while the bot stays; without a bot that can speak there is nobody to wait for. */
export function gather(turn: Turn, transfer: Transfer, leg: LegId): void {
  if (turn.up('bot') === null || transfer.home.with !== 'bot') return connect(turn, transfer, leg);
  const n = turn.nextNumber();
  for (const id of ['caller', 'bot', leg] as const) turn.want(id, { kind: 'conference', n });
  turn.state = { phase: 'introducing', transfer, leg, playing: [] };
}

export function connect(turn: Turn, transfer: Transfer, leg: LegId): void {
  turn.stop('warm');
  turn.connect('caller', leg);
  turn.state = { phase: 'moving', transfer, leg };
}
