import type { NextStep } from './bot-event.js';
import { homeLeg, type State, type Transfer } from './call.js';
import type { Cause } from './effect.js';
import { backHome, completed, concludeHome } from './home.js';
import type { LegId } from './ids.js';
import { isFree } from './leg.js';
import { evidencePhase, type UnderWay } from './leaving.js';
import { settled } from './media.js';
import type { EvidencePhase } from './outcome.js';
import { callerIsGone } from './parties.js';
import type { HeaderLine } from './plan.js';
import { dropAttempt } from './seat.js';
import { handBackCause } from './start-attempt.js';
import type { Turn } from './turn.js';
import { conclude, decided, NEXT, wayOf } from './verdict.js';

/**
 * What becomes of a call whose engine died, by its phase as it was last written down. Only media between the parties
 * themselves outlives an engine, and only a conversation can simply go on:
 *
 * ```
 *   withBot, departing        -> the same
 *   handingBack               -> the same: the BYE goes out once more
 *   withTarget                -> the same; without the target, back to the bot that waits
 *   dialling, retryWait       -> (interrupted) whoever the caller is with: bot or agent
 *   all others, and whoever lost a party, or was being shown another one -> (interrupted) end
 * ```
 *
 * `(interrupted)`: the transfer has its one verdict, and its evidence says so. A bot whose call goes on is told nothing.
 *
 * @param alive legs whose dialogs are this engine's now; the others are gone, whatever their far ends still believe
 */
export function recover(turn: Turn, alive: ReadonlySet<LegId>): void {
  for (const id of [...turn.legs.keys()]) if (!alive.has(id)) turn.drop(id);
  letGoAgain(turn);
  const { phase } = turn.state;
  if (phase === 'ending' || phase === 'ended' || goesOn(turn)) return;
  interrupt(turn);
  turn.end('engine', LOST);
}

const LOST: Cause = { sipCode: null, q850: null, text: 'the engine of the call was lost' };

/** Whether they have been asked to go nobody knows; a BYE too many does no harm. */
function letGoAgain(turn: Turn): void {
  for (const [leg, { phase }] of turn.legs) {
    if (phase === 'up') continue;
    turn.legs.set(leg, { phase: 'closing' });
    turn.effect({ type: 'bye', leg, ...farewell(turn, leg) });
  }
}

/** What the BYE of a transfer by that method says is the transfer. */
function farewell({ state }: Turn, leg: LegId): { cause: Cause | null; headers: readonly HeaderLine[] } {
  const transfer = state.phase === 'handingBack' && leg === 'caller' ? state.transfer : null;
  const way = transfer === null ? null : wayOf(transfer);
  if (transfer === null || way?.method !== 'bye') return { cause: null, headers: [] };
  return { cause: handBackCause(transfer.plan), headers: way.headers };
}

function goesOn(turn: Turn): boolean {
  const { state } = turn;
  if (state.phase === 'handingBack') return turn.legs.has('caller');
  if (turn.call.setup.media !== 'direct') return false;
  switch (state.phase) {
    case 'withBot':
      return talk(turn, 'bot');
    case 'withTarget':
      return stays(turn, state) || comesBack(turn, state);
    case 'dialling':
    case 'retryWait':
      return staysHome(turn, state);
    case 'departing':
      return isQuiet(turn, 'caller');
    default:
      return false;
  }
}

/** Both are there, show each other, and no offer is open, whose answer would find nobody. */
const talk = (turn: Turn, partner: LegId): boolean =>
  isQuiet(turn, 'caller') && isQuiet(turn, partner) && settled(turn, 'caller', partner);

function isQuiet(turn: Turn, leg: LegId): boolean {
  const media = turn.direct(leg);
  return media !== null && isFree(media);
}

type WithTarget = Extract<State, { phase: 'withTarget' }>;

function stays(turn: Turn, { leg }: WithTarget): boolean {
  if (!talk(turn, leg)) return false;
  // It was being put on hold, or taken off it: nobody can say which.
  if (turn.up('bot') !== null && !isQuiet(turn, 'bot')) turn.release('bot', LOST);
  return true;
}

/** The target is gone, and the bot it was meant to come back to is still there. */
function comesBack(turn: Turn, { transfer, leg }: WithTarget): boolean {
  if (turn.up(leg) !== null || transfer.home.with !== 'bot') return false;
  if (!isQuiet(turn, 'caller') || !isQuiet(turn, 'bot')) return false;
  completed(turn, transfer, 'interrupted', false, null, NEXT.returning);
  backHome(turn, transfer);
  return true;
}

/** A target was sought, and the party that was to have it never left home. */
function staysHome(turn: Turn, state: Extract<UnderWay, { phase: 'dialling' | 'retryWait' }>): boolean {
  const home = homeLeg(state.transfer);
  if (home === null || !talk(turn, home)) return false;
  const transfer = dropAttempt(turn, state);
  failed(turn, transfer, evidencePhase(state), false, NEXT.stay);
  backHome(turn, transfer);
  return true;
}

/** Whatever is still without a verdict has one now. */
function interrupt(turn: Turn): void {
  const { state } = turn;
  const hangup = callerIsGone(turn);
  const next = hangup ? NEXT.none : NEXT.end;
  switch (state.phase) {
    case 'withTarget':
      return completed(turn, state.transfer, 'interrupted', hangup, null, next);
    case 'speaking':
      if (state.then.do === 'attempt') return underWay(turn, state, hangup, next);
      // It had failed already, and was only being told.
      conclude(turn, state.transfer, 'transfer.failed', { ...state.then.failure, hangup, next });
      return concludeHome(turn, state.transfer, 'interrupted', hangup);
    case 'dialling':
    case 'retryWait':
    case 'referring':
    case 'introducing':
    case 'moving':
      return underWay(turn, state, hangup, next);
    case 'handingBack':
      failed(turn, state.transfer, 'bye', true, NEXT.none);
      return concludeHome(turn, state.transfer, 'interrupted', true);
    case 'returning':
      return concludeHome(turn, state.transfer, 'interrupted', hangup);
    case 'connecting':
    case 'withBot':
    case 'departing':
    case 'ending':
    case 'ended':
      return;
  }
}

function underWay(turn: Turn, state: UnderWay, hangup: boolean, next: NextStep): void {
  failed(turn, state.transfer, evidencePhase(state), hangup, next);
  concludeHome(turn, state.transfer, 'interrupted', hangup);
}

function failed(turn: Turn, transfer: Transfer, phase: EvidencePhase, hangup: boolean, next: NextStep): void {
  const evidence = decided('interrupted', phase, transfer, LOST.text);
  conclude(turn, transfer, 'transfer.failed', { outcome: 'unknown', evidence, hangup, next });
}
