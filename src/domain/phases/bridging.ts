import type { EndedBy } from '../bot-event.js';
import { homeLeg, type Home, type State, type Transfer } from '../call.js';
import { failAttempt } from '../fail-attempt.js';
import { backHome, completed, concludeHome, DECIDED_BY, isHome, letReferrerGo } from '../home.js';
import { callerLeft, MERGED, SERVER_LOST, UNACKNOWLEDGED } from '../leaving.js';
import { homeIsUp } from '../parties.js';
import { NOT_ACCEPTABLE, unseat } from '../seat.js';
import { whoStays } from '../call.js';
import type { Turn } from '../turn.js';
import { decided, departure, NEXT, notifyFinal, ofAttempt, refusedWith } from '../verdict.js';
import { takeRefer } from '../take-refer.js';
import type { Row } from './handler.js';
import { isHeard, underWay } from './under-way.js';

type Moving = Extract<State, { phase: 'moving' }>;

/** The target has answered; media is on its way there. Home is kept until it has arrived (DESIGN invariant 5). */
export const moving: Row<'moving'> = {
  ...underWay,

  mediaSettled: (turn, _fact, { transfer, leg }) => {
    turn.stop('alone');
    turn.tell({ type: 'transfer.bridged', data: ofAttempt(transfer) });
    if (transfer.referrer !== null) notifyFinal(turn, transfer.referrer, { code: 200, reason: 'OK' });
    if (transfer.seat === 'caller') tookCallersPlace(turn, transfer);
    else tookOver(turn, transfer, leg);
  },

  mediaRefused: (turn, { refusal }, state) => {
    const evidence = refusedWith(refusal, 'media', state.transfer);
    failAttempt(turn, unseat(turn, state, NOT_ACCEPTABLE), 'media_incompatible', evidence);
  },

  targetGone: (turn, fact, state) => targetLeft(turn, state, fact),
  callerGone: (turn, { q850, reason }, state) =>
    state.transfer.seat === 'caller'
      ? targetLeft(turn, state, { by: 'far_end', q850, reason })
      : callerLeft(turn, state, q850),
  mediaLost: (turn, fact, state) =>
    state.transfer.seat === 'caller'
      ? targetLeft(turn, state, { by: 'engine', q850: null, reason: fact.reason })
      : underWay.mediaLost(turn, fact, state),

  ackTimeout: (turn, fact, state) => {
    if (!isHeard(turn, whoStays(state.transfer))) return underWay.ackTimeout(turn, fact, state);
    const evidence = decided('engine', 'media', state.transfer, UNACKNOWLEDGED.text);
    failAttempt(turn, unseat(turn, state, NOT_ACCEPTABLE), 'media_incompatible', evidence);
  },
};

/** It had answered, and is gone before it could hear anybody. */
function targetLeft(turn: Turn, state: Moving, why: Parameters<typeof departure>[0]): void {
  const { outcome, evidence } = departure(why, 'media', state.transfer);
  failAttempt(turn, unseat(turn, state, NOT_ACCEPTABLE), outcome, evidence);
}

const TRANSFERRED = { sipCode: 200, q850: null, text: 'transferred' } as const;

/** The target has the caller; whoever had it before is let go, or, a bot it shall come back to, parked. */
function tookOver(turn: Turn, transfer: Transfer, leg: Moving['leg']): void {
  const { home, plan } = transfer;
  concludeHome(turn, transfer, 'far_end', false);
  const first = home.with === 'target' ? home.transfer.home : home;
  const parked = plan.returnToBot && first.with === 'bot' && turn.up('bot') !== null;
  const awaited = plan.returnToBot && first.with === 'script';
  const before = homeLeg(transfer);
  if (parked) turn.want('bot', { kind: 'held' });
  else if (before !== 'bot') turn.release('bot', TRANSFERRED);
  if (before !== null && !(parked && before === 'bot')) letGo(turn, transfer, before);
  const next: Home = parked || awaited ? first : { with: 'nobody' };
  turn.state = { phase: 'withTarget', transfer: { ...transfer, referrer: null, home: next }, leg };
}

function letGo(turn: Turn, { referrer }: Transfer, leg: Moving['leg']): void {
  if (referrer?.leg === leg) letReferrerGo(turn, leg);
  else turn.release(leg, TRANSFERRED);
}

/** Somebody else is the caller now: that transfer is over, and the talk with the bot or the agent goes on. */
function tookCallersPlace(turn: Turn, transfer: Transfer): void {
  const { home, referrer, depth } = transfer;
  completed(turn, { ...transfer, referrer: null }, 'far_end', false, null, NEXT.none);
  if (referrer !== null) letReferrerGo(turn, referrer.leg);
  turn.state =
    home.with === 'target'
      ? { phase: 'withTarget', transfer: { ...home.transfer, depth }, leg: home.leg }
      : { phase: 'withBot' };
}

/** Caller and agent talk; the bot is parked, or gone. */
export const withTarget: Row<'withTarget'> = {
  targetGone: (turn, { q850, reason }, { transfer }) =>
    leaveTarget(turn, transfer, 'agent', q850, reason ?? 'the agent hung up'),

  // One of them has moved and the other will not follow: they hear each other no more.
  mediaRefused: (turn, { refusal }, { transfer, leg }) => {
    turn.release(leg, NOT_ACCEPTABLE);
    leaveTarget(turn, transfer, 'engine', null, `media refused: ${refusal.code}`);
  },
  ackTimeout: (turn, _fact, { transfer, leg }) => {
    // Its endpoint never learns where it is: nobody else will be heard either.
    if (turn.anchored('caller') !== null)
      return finish(turn, transfer, 'engine', false, null, UNACKNOWLEDGED.text);
    turn.release(leg, NOT_ACCEPTABLE);
    leaveTarget(turn, transfer, 'engine', null, UNACKNOWLEDGED.text);
  },

  referred: (turn, fact, { transfer, leg }) => takeRefer(turn, fact, { with: 'target', leg, transfer }),
  brought: (turn, fact, { transfer, leg }) => takeRefer(turn, fact, { with: 'target', leg, transfer }),
  commanded: (turn, fact, { transfer, leg }) => takeRefer(turn, fact, { with: 'target', leg, transfer }),
  legTaken: (turn, _fact, { transfer }) => {
    completed(turn, transfer, 'far_end', false, null, NEXT.none);
    turn.end('transfer', MERGED);
  },

  /** The agent's key that ends its part. */
  digit: (turn, { leg, digit }, state) => {
    if (leg !== state.leg || digit !== state.transfer.plan.sounds?.returnKey) return;
    turn.release(leg, TRANSFERRED);
    leaveTarget(turn, state.transfer, 'agent', null, `the agent pressed ${digit}`);
  },

  returnRequested: (turn, { transferId }, { transfer, leg }) => {
    if (transferId !== transfer.plan.id || !botIsThere(turn, transfer)) return;
    turn.release(leg, TRANSFERRED);
    leaveTarget(turn, transfer, 'api', null, 'the caller was brought back');
  },

  mediaLost: (turn, { reason }, { transfer }) => finish(turn, transfer, 'engine', false, null, reason),
  callerGone: (turn, { q850, reason }, { transfer }) =>
    finish(turn, transfer, 'caller', true, q850, reason ?? 'the caller hung up'),
  hangupRequested: (turn, { by, reason }, { transfer }) => finish(turn, transfer, by, false, 16, reason),
  signallingLost: (turn, _fact, { transfer }) =>
    finish(turn, transfer, 'signalling_lost', true, null, 'the SIP server was lost'),
};

/** The agent is gone; the caller's media is on its way back to the bot. */
export const returning: Row<'returning'> = {
  mediaSettled: (turn, _fact, { transfer }) => isHome(turn, transfer),

  // Neither party takes the other's media any more.
  mediaRefused: (turn, { refusal }, { transfer: { home } }) => {
    if (home.with === 'target') {
      turn.release(home.leg, NOT_ACCEPTABLE);
      return leaveTarget(turn, home.transfer, 'engine', null, `media refused: ${refusal.code}`);
    }
    // Nobody is left for the caller to hear.
    turn.end('engine', {
      sipCode: refusal.code,
      q850: null,
      text: 'the caller could not be returned to the bot',
    });
  },
  botGone: (turn, { q850, reason }, { transfer }) => {
    if (transfer.home.with === 'bot')
      turn.end('bot', { sipCode: null, q850, text: reason ?? 'the bot hung up' });
  },
  homeGone: (turn, { q850, reason }, { transfer: { home } }) => {
    if (home.with === 'target')
      leaveTarget(turn, home.transfer, 'agent', q850, reason ?? 'the agent hung up');
  },
  callerGone: (turn, { q850, reason }, { transfer }) => {
    concludeHome(turn, transfer, 'caller', true, q850);
    turn.end('caller', { sipCode: null, q850, text: reason ?? 'the caller hung up' });
  },
  legTaken: (turn, _fact, { transfer }) => {
    concludeHome(turn, transfer, 'far_end', false);
    turn.end('transfer', MERGED);
  },
  hangupRequested: (turn, { by, reason }, { transfer }) => {
    concludeHome(turn, transfer, DECIDED_BY[by], false, 16);
    turn.end(by, { sipCode: null, q850: 16, text: reason });
  },
  mediaLost: (turn, { reason }, { transfer }) => {
    concludeHome(turn, transfer, 'engine', false);
    turn.end('engine', { sipCode: 503, q850: null, text: reason });
  },
  ackTimeout: (turn, _fact, { transfer }) => {
    if (turn.anchored('caller') === null) return;
    concludeHome(turn, transfer, 'engine', false);
    turn.end('engine', UNACKNOWLEDGED);
  },
  signallingLost: (turn, _fact, { transfer }) => {
    concludeHome(turn, transfer, 'signalling_lost', true);
    turn.end('signalling_lost', SERVER_LOST);
  },
};

/** The conversation with the agent is over; the caller goes back to the bot where there is one. */
function leaveTarget(turn: Turn, transfer: Transfer, by: EndedBy, q850: number | null, text: string): void {
  if (!botIsThere(turn, transfer)) return finish(turn, transfer, by, false, q850, text);
  completed(turn, transfer, DECIDED_BY[by], false, q850, NEXT.returning);
  backHome(turn, transfer);
}

const botIsThere = (turn: Turn, transfer: Transfer): boolean =>
  (transfer.home.with === 'bot' || transfer.home.with === 'script') && homeIsUp(turn, transfer);

/** The conversation with the agent is over and so is the call. */
function finish(
  turn: Turn,
  transfer: Transfer,
  by: EndedBy,
  hangup: boolean,
  q850: number | null,
  text: string,
): void {
  completed(turn, transfer, DECIDED_BY[by], hangup, q850, hangup ? NEXT.none : NEXT.end);
  turn.end(by, { sipCode: null, q850, text });
}
