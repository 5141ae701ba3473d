import { stopAttempt } from './fail-attempt.js';
import { backHome, concludeHome } from './home.js';
import { evidencePhase, type UnderWay } from './leaving.js';
import { callerIsGone, homeIsUp } from './parties.js';
import type { Transfer } from './call.js';
import type { Turn } from './turn.js';
import { turnAway } from './unanswered.js';
import { conclude, decided, NEXT } from './verdict.js';

/** The transfer is taken back by whoever asked for it. */
export function cancelled(turn: Turn, state: UnderWay): void {
  const { transfer } = state;
  stopAttempt(turn);
  turn.stop('retry');
  const stays = homeIsUp(turn, transfer);
  const evidence = decided('api', evidencePhase(state), transfer);
  const next = stays ? NEXT.stay : NEXT.end;
  const hangup = callerIsGone(turn);
  conclude(turn, transfer, 'transfer.cancelled', { outcome: 'cancelled', evidence, hangup, next });
  if (stays) backHome(turn, transfer);
  else leaveAlone(turn, transfer);
}

function leaveAlone(turn: Turn, transfer: Transfer): void {
  concludeHome(turn, transfer, 'api', callerIsGone(turn), 16);
  const text = 'transfer cancelled';
  if (turn.legs.get('caller')?.phase === 'offered') turnAway(turn, 'api', { code: 480, reason: text });
  else turn.end('api', { sipCode: null, q850: 16, text });
}
