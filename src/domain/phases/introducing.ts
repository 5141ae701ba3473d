import type { State } from '../call.js';
import { failAttempt } from '../fail-attempt.js';
import { connect, gather } from '../introduce.js';
import { botLeft } from '../leaving.js';
import { Q850_OUTCOMES } from '../outcome-table.js';
import type { Turn } from '../turn.js';
import { decided } from '../verdict.js';
import type { Row } from './handler.js';
import { underWay } from './under-way.js';

type Introducing = Extract<State, { phase: 'introducing' }>;

/** A warm transfer: caller, agent and, while it stays, the bot hear an introduction, or each other. */
export const introducing: Row<'introducing'> = {
  ...underWay,

  played: (turn, { n }, state) => {
    if (!state.playing.includes(n)) return;
    const playing = state.playing.filter((other) => other !== n);
    if (playing.length > 0) turn.state = { ...state, playing };
    else gather(turn, state.transfer, state.leg);
  },

  digit: (turn, { leg, digit }, { transfer, leg: agent }) => {
    if (leg === agent && digit === transfer.plan.sounds?.warm?.key) connect(turn, transfer, agent);
  },
  warmTimeout: (turn, _fact, { transfer, leg }) => connect(turn, transfer, leg),

  /** The bot has introduced them and goes: they are left to each other. */
  botGone: (turn, { q850 }, state) => {
    botLeft(turn, state, q850);
    const { transfer, leg, playing } = turn.state.phase === 'introducing' ? turn.state : state;
    if (playing.length === 0) connect(turn, transfer, leg);
  },

  targetGone: (turn, { q850, reason }, { transfer }) => agentLeft(turn, transfer, q850, reason),
};

function agentLeft(
  turn: Turn,
  transfer: Introducing['transfer'],
  q850: number | null,
  reason: string | null,
): void {
  const outcome = (q850 === null ? undefined : Q850_OUTCOMES[q850]) ?? 'declined';
  failAttempt(turn, transfer, outcome, decided('far_end', 'media', transfer, reason, q850));
}
