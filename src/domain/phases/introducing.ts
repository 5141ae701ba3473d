import { failAttempt } from '../fail-attempt.js';
import { connect, gather } from '../introduce.js';
import { botLeft } from '../leaving.js';
import { departure } from '../verdict.js';
import type { Row } from './handler.js';
import { underWay } from './under-way.js';

/** A warm transfer: caller, agent and, while it stays, the bot hear an introduction, or each other. */
export const introducing: Row<'introducing'> = {
  ...underWay,

  played: (turn, { leg, n }, state) => {
    if (!state.playing.includes(n)) return;
    const playing = state.playing.filter((other) => other !== n);
    // It has heard it, and waits for the other one.
    turn.want(leg, { kind: 'held' });
    if (playing.length > 0) turn.state = { ...state, playing };
    else gather(turn, state.transfer, state.leg);
  },

  digit: (turn, { leg, digit }, { transfer, leg: agent }) => {
    if (leg === agent && digit === transfer.plan.sounds?.warm?.key) connect(turn, transfer, agent);
  },
  /** Without a conference they are left to each other at once. */
  mediaRefused: (turn, _fact, { transfer, leg }) => connect(turn, transfer, leg),
  warmTimeout: (turn, _fact, { transfer, leg }) => connect(turn, transfer, leg),

  /** The bot has introduced them and goes: they are left to each other. */
  botGone: (turn, { q850 }, state) => {
    botLeft(turn, state, q850);
    const { transfer, leg, playing } = turn.state.phase === 'introducing' ? turn.state : state;
    if (playing.length === 0) connect(turn, transfer, leg);
  },

  targetGone: (turn, fact, { transfer }) => {
    const { outcome, evidence } = departure(fact, 'media', transfer);
    failAttempt(turn, transfer, outcome, evidence);
  },
};
