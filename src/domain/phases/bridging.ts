import { failAttempt, backToBot, watchLoneCaller } from '../attempt.js';
import type { EndedBy } from '../bot-event.js';
import type { Transfer } from '../call.js';
import { Q850_OUTCOMES } from '../outcome-table.js';
import type { DecidedBy } from '../outcome.js';
import type { Turn } from '../turn.js';
import { conclude, decided, NEXT, ofAttempt, ofTransfer, refusedWith } from '../verdict.js';
import { callerLeft, hungUpByOrder, loneCaller, lostSignalling } from './dialling.js';
import type { Row } from './handler.js';

/** The target has answered; the caller's media is on its way there. The bot leg is kept until it has arrived. */
export const moving: Row<'moving'> = {
  mediaSettled: (turn, _fact, { transfer, leg }) => {
    turn.stop('alone');
    turn.tell({ type: 'transfer.bridged', data: ofAttempt(transfer) });
    turn.state = { phase: 'withTarget', transfer, leg };
    if (transfer.plan.returnToBot) turn.want('bot', { kind: 'held' });
    else turn.release('bot', { sipCode: 200, q850: null, text: 'transferred' });
  },

  mediaRefused: (turn, { refusal }, { transfer, leg }) => {
    turn.release(leg, { sipCode: 488, q850: null, text: 'media not acceptable' });
    failAttempt(turn, transfer, 'media_incompatible', refusedWith(refusal, 'media', transfer));
  },

  targetGone: (turn, { q850, reason }, { transfer }) => {
    const outcome = (q850 !== null ? Q850_OUTCOMES[q850] : undefined) ?? 'declined';
    failAttempt(turn, transfer, outcome, decided('far_end', 'media', transfer, reason, q850));
  },

  botGone: (turn, _fact, { transfer }) => watchLoneCaller(turn, transfer),
  aloneTimeout: (turn, _fact, { transfer }) => loneCaller(turn, transfer, 'media'),
  callerGone: (turn, { q850 }, { transfer }) => callerLeft(turn, transfer, 'media', q850),
  hangupRequested: (turn, { by, reason }, { transfer }) => hungUpByOrder(turn, transfer, by, reason, 'media'),
  signallingLost: (turn, _fact, { transfer }) => lostSignalling(turn, transfer, 'media'),
};

/** Caller and agent talk; the bot is parked, or gone. */
export const withTarget: Row<'withTarget'> = {
  targetGone: (turn, { q850, reason }, { transfer }) =>
    leaveTarget(turn, transfer, 'agent', q850, reason ?? 'the agent hung up'),

  // One of them has moved and the other will not follow: they hear each other no more.
  mediaRefused: (turn, { refusal }, { transfer, leg }) => {
    turn.release(leg, { sipCode: 488, q850: null, text: 'media not acceptable' });
    leaveTarget(turn, transfer, 'engine', null, `media refused: ${refusal.code}`);
  },

  callerGone: (turn, { q850, reason }, { transfer }) =>
    finish(turn, transfer, 'caller', true, q850, reason ?? 'the caller hung up'),
  hangupRequested: (turn, { by, reason }, { transfer }) => finish(turn, transfer, by, false, 16, reason),
  signallingLost: (turn, _fact, { transfer }) =>
    finish(turn, transfer, 'signalling_lost', true, null, 'the SIP server was lost'),
};

/** The agent is gone; the caller's media is on its way back to the bot. */
export const returning: Row<'returning'> = {
  mediaSettled: (turn, _fact, { transfer }) => {
    turn.tell({ type: 'transfer.returned', data: ofTransfer(transfer) });
    turn.state = { phase: 'withBot' };
  },

  // Neither party takes the other's media any more: nobody is left for the caller to hear.
  mediaRefused: (turn, { refusal }) =>
    turn.end('engine', {
      sipCode: refusal.code,
      q850: null,
      text: 'the caller could not be returned to the bot',
    }),
  botGone: (turn, { q850, reason }) =>
    turn.end('bot', { sipCode: null, q850, text: reason ?? 'the bot hung up' }),
  callerGone: (turn, { q850, reason }) =>
    turn.end('caller', { sipCode: null, q850, text: reason ?? 'the caller hung up' }),
  hangupRequested: (turn, { by, reason }) => turn.end(by, { sipCode: null, q850: 16, text: reason }),
  signallingLost: (turn) =>
    turn.end('signalling_lost', { sipCode: null, q850: null, text: 'the SIP server was lost' }),
};

const DECIDED_BY: Readonly<Record<EndedBy, DecidedBy>> = {
  caller: 'caller',
  bot: 'api',
  api: 'api',
  agent: 'far_end',
  policy: 'engine',
  engine: 'engine',
  signalling_lost: 'signalling_lost',
};

/** The conversation with the agent is over; the caller goes back to the bot where there is one. */
function leaveTarget(turn: Turn, transfer: Transfer, by: EndedBy, q850: number | null, text: string): void {
  if (!transfer.plan.returnToBot || turn.up('bot') === null)
    return finish(turn, transfer, by, false, q850, text);
  complete(turn, transfer, DECIDED_BY[by], false, q850, NEXT.returning);
  backToBot(turn, transfer);
}

/** The conversation with the agent is over and so is the call. */
function finish(
  turn: Turn,
  transfer: Transfer,
  by: EndedBy,
  hangup: boolean,
  q850: number | null,
  text: string,
): void {
  complete(turn, transfer, DECIDED_BY[by], hangup, q850, hangup ? NEXT.none : NEXT.end);
  turn.end(by, { sipCode: null, q850, text });
}

function complete(
  turn: Turn,
  transfer: Transfer,
  by: DecidedBy,
  hangup: boolean,
  q850: number | null,
  next: (typeof NEXT)[keyof typeof NEXT],
): void {
  const evidence = { ...decided(by, 'bridge', transfer, null, q850), sipCode: 200 };
  conclude(turn, transfer, 'transfer.completed', { outcome: 'answered', evidence, hangup, next });
}
