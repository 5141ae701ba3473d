import type { EndedBy } from './bot-event.js';
import { homeLeg, whoStays, type Home, type State, type Transfer } from './call.js';
import { letHearRinging } from './early-media.js';
import { homeIsUp } from './parties.js';
import { openQuestion } from './script.js';
import { hearSound, keepsTalking, tellConsent, waitAtHome } from './waiting.js';
import type { LegId } from './ids.js';
import { settled } from './media.js';
import type { DecidedBy } from './outcome.js';
import { T } from './timing.js';
import type { Turn } from './turn.js';
import { conclude, decided, NEXT, ofTransfer } from './verdict.js';

/** Where a party stays while a target rings, and where it goes again when no target has it. */

/** A party that was left, by the bot or by whoever asked for the transfer, hears nothing: never longer than the limit. */
export function watchLoneCaller(turn: Turn, transfer: Transfer): void {
  // Not answered yet: it hears the ringing of its own network.
  if (turn.legs.get('caller')?.phase === 'offered') return;
  if (turn.anchored(whoStays(transfer)) !== null) return waitAgain(turn, transfer);
  if (homeIsUp(turn, transfer)) return;
  limitSilence(turn, transfer);
  letHearRinging(turn);
}

/** Something else to hear, where that is gone; whoever is with a target already, or hears a message, waits for nobody. */
function waitAgain(turn: Turn, transfer: Transfer): void {
  const { phase } = turn.state;
  if (phase === 'dialling' || phase === 'retryWait' || phase === 'referring') waitAtHome(turn, transfer);
}

export function limitSilence(turn: Turn, transfer: Transfer): void {
  if (!turn.timers.has('alone')) turn.start('alone', transfer.plan.callerSilenceMs);
}

/** Who cannot be connected to whoever it waits with hears a sound in its place, or else silence that has a limit. */
export function consoleParty(turn: Turn, transfer: Transfer): void {
  const stays = whoStays(transfer);
  if (turn.anchored(stays) === null || keepsTalking(turn, transfer)) limitSilence(turn, transfer);
  else if (turn.up(stays) === null) turn.want(stays, { kind: 'held' });
  else hearSound(turn, stays, { kind: 'ringback' });
}

/** The party is its home's again: at once when it never left, else when its media is back. */
export function backHome(turn: Turn, transfer: Transfer): void {
  const leg = homeLeg(transfer);
  if (transfer.home.with === 'script') return backToScript(turn, transfer);
  if (leg === null) return;
  turn.stop('alone');
  turn.connect('caller', leg);
  if (settled(turn, 'caller', leg)) isHome(turn, transfer);
  else turn.state = { phase: 'returning', transfer };
}

/** Nothing has to be moved: the bot speaks wherever the caller is. */
function backToScript(turn: Turn, transfer: Transfer): void {
  turn.stop('alone');
  turn.want('caller', { kind: 'held' });
  isHome(turn, transfer);
}

/** The phase the call is in when the transfer has left no trace. */
export function isHome(turn: Turn, transfer: Transfer): void {
  const { home } = transfer;
  if (home.with === 'bot' || home.with === 'script')
    turn.tell({ type: 'transfer.returned', data: ofTransfer(transfer) }, openQuestion(turn));
  // A transfer may have cut it short.
  if (home.with === 'bot') tellConsent(turn);
  turn.state = stateAt(home);
}

function stateAt(home: Home): State {
  return home.with === 'target'
    ? { phase: 'withTarget', transfer: home.transfer, leg: home.leg }
    : { phase: 'withBot' };
}

/** An agent that had passed its caller on is done: its own transfer gets its verdict. */
export function concludeHome(
  turn: Turn,
  { home }: Transfer,
  by: DecidedBy,
  hangup: boolean,
  q850: number | null = null,
): void {
  if (home.with === 'target') completed(turn, home.transfer, by, hangup, q850, NEXT.none);
}

/** The conversation with an agent is over: the verdict of the transfer that led to it. */
export function completed(
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

/** Whoever asked by REFER gets a moment for its own BYE, which otherwise would cross the NOTIFY just sent. */
export function letReferrerGo(turn: Turn, leg: LegId): void {
  if (turn.up(leg) !== null) turn.start(`leave:${leg}`, T.leaveMs);
}

export const DECIDED_BY: Readonly<Record<EndedBy, DecidedBy>> = {
  caller: 'caller',
  bot: 'api',
  api: 'api',
  agent: 'far_end',
  transfer: 'far_end',
  policy: 'engine',
  engine: 'engine',
  signalling_lost: 'signalling_lost',
};
