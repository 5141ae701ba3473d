import { homeLeg, type Transfer } from './call.js';
import type { LegId } from './ids.js';
import type { Turn } from './turn.js';

/** A target the current phase is about; older ones are only waited for. */
export function isTarget({ state }: Turn, id: LegId): boolean {
  if (state.phase === 'dialling') return state.ringing.some(({ leg }) => leg === id);
  return 'leg' in state && state.leg === id;
}

/** True when nobody is at the caller's end any more; one not answered yet is there. */
export function callerIsGone({ legs }: Turn): boolean {
  const phase = legs.get('caller')?.phase;
  return phase === undefined || phase === 'closing';
}

/** Whoever talked to the party that stays is still there. */
export function homeIsUp(turn: Turn, transfer: Transfer): boolean {
  if (transfer.home.with === 'script') return turn.up('caller') !== null;
  const leg = homeLeg(transfer);
  return leg !== null && turn.up(leg) !== null && (transfer.seat === 'target' || turn.up('caller') !== null);
}

/** The agent that passes its caller on. */
function isHome({ state }: Turn, id: LegId): boolean {
  return 'transfer' in state && state.transfer.home.with === 'target' && state.transfer.home.leg === id;
}

/** A party's dialog is over, and not by our wish; `engine`: for want of an endpoint. */
export function partyGone(
  turn: Turn,
  id: LegId,
  { q850, reason }: { readonly q850: number | null; readonly reason: string | null },
  by: 'far_end' | 'engine' = 'far_end',
): void {
  if (id === 'caller') turn.fact({ type: 'callerGone', q850, reason });
  else if (id === 'bot') turn.fact({ type: 'botGone', q850, reason });
  else if (isHome(turn, id)) turn.fact({ type: 'homeGone', q850, reason });
  else if (isTarget(turn, id)) turn.fact({ type: 'targetGone', leg: id, by, q850, reason });
}
