import type { Transfer } from '../call.js';
import { concludeHome } from '../home.js';
import type { Turn } from '../turn.js';
import { conclude, decided, NEXT, ofAttempt, targetOf } from '../verdict.js';
import { SERVER_LOST } from '../leaving.js';
import type { Row } from './handler.js';

/**
 * The caller's dialog is being ended with a BYE that says where the caller shall go; whoever sits in front of us (an
 * IVR, a contact centre) takes it back. Its 2xx is all we can ever know.
 */
export const handingBack: Row<'handingBack'> = {
  callerReleased: (turn, { code }, { transfer }) => {
    if (code !== null && code >= 200 && code < 300) return taken(turn, transfer, code);
    const why = code === null ? 'no response to BYE' : `BYE was answered ${code}`;
    lost(turn, transfer, { sipCode: code, why });
  },
  signallingLost: (turn, _fact, { transfer }) => {
    const evidence = decided('signalling_lost', 'bye', transfer, SERVER_LOST.text);
    conclude(turn, transfer, 'transfer.failed', {
      outcome: 'unknown',
      evidence,
      hangup: true,
      next: NEXT.none,
    });
    concludeHome(turn, transfer, 'signalling_lost', true);
    turn.end('signalling_lost', SERVER_LOST);
  },
};

function taken(turn: Turn, transfer: Transfer, sipCode: number): void {
  const { label } = targetOf(transfer);
  turn.tell({ type: 'transfer.attempt.answered', data: { ...ofAttempt(transfer), answeredBy: label } });
  const evidence = { ...decided('far_end', 'bye', transfer), sipCode };
  const verdict = { outcome: 'answered', evidence, hangup: false, next: NEXT.none } as const;
  conclude(turn, transfer, 'transfer.completed', verdict);
  concludeHome(turn, transfer, 'far_end', false);
  turn.end('transfer', { sipCode: 200, q850: null, text: 'handed back' });
}

function lost(
  turn: Turn,
  transfer: Transfer,
  { sipCode, why }: { sipCode: number | null; why: string },
): void {
  const evidence = { ...decided('far_end', 'bye', transfer, why), sipCode };
  conclude(turn, transfer, 'transfer.failed', {
    outcome: 'unknown',
    evidence,
    hangup: true,
    next: NEXT.none,
  });
  concludeHome(turn, transfer, 'far_end', true);
  turn.end('transfer', { sipCode: null, q850: null, text: why });
}
