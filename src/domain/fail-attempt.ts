import type { NextStep } from './bot-event.js';
import { homeLeg, type AttemptFailure, type Transfer } from './call.js';
import { decide, type Decision } from './fallback.js';
import { backHome, concludeHome, homeIsUp, watchLoneCaller } from './home.js';
import type { Evidence, Outcome } from './outcome.js';
import { codeForFailed } from './outcome-table.js';
import type { Cause } from './effect.js';
import { callerIsGone } from './parties.js';
import type { WayReason } from './plan.js';
import { startAttempt } from './start-attempt.js';
import type { Turn } from './turn.js';
import { conclude, NEXT, ofAttempt, targetOf, wayOf } from './verdict.js';

/** Timers of one attempt, whatever its method. */
export function stopAttempt(turn: Turn): void {
  for (const timer of ['ring', 'referResponse', 'firstNotify', 'referTotal'] as const) turn.stop(timer);
}

/** An attempt came to nothing: everybody stays at home while another way, or the fallback rules, say what comes next. */
export function failAttempt(turn: Turn, transfer: Transfer, outcome: Outcome, evidence: Evidence): void {
  stopAttempt(turn);
  const home = homeLeg(transfer);
  if (home !== null) turn.connect('caller', home);
  turn.tell({ type: 'transfer.attempt.ended', data: { ...ofAttempt(transfer), outcome, evidence } });
  const way = laterWay(transfer, reasonFor(transfer, outcome, evidence));
  if (way !== null) return startAttempt(turn, { ...transfer, way, attempt: transfer.attempt + 1 });
  const { label: target, huntsOn } = targetOf(transfer);
  const { attempt } = transfer;
  const failure = { outcome, sipCode: evidence.sipCode, target, attempt, ...(huntsOn && { huntsOn }) };
  const hasNext = transfer.target + 1 < transfer.plan.targets.length;
  act(turn, transfer, decide(transfer.plan, failure, hasNext, transfer.retries), { outcome, evidence });
}

/** The far end does not do REFER. The same target by INVITE where there is such a way, and said so. */
export function degrade(turn: Turn, transfer: Transfer, outcome: Outcome, evidence: Evidence): void {
  const way = laterWay(transfer, 'method_refused');
  if (way === null) return failAttempt(turn, transfer, outcome, evidence);
  stopAttempt(turn);
  const next = { ...transfer, way, attempt: transfer.attempt + 1 };
  const [from, to] = [wayOf(transfer).method, wayOf(next).method];
  const attempt = ofAttempt(transfer);
  turn.tell({ type: 'transfer.attempt.ended', data: { ...attempt, outcome, evidence } });
  turn.tell({ type: 'transfer.degraded', data: { ...attempt, from, to, evidence } });
  startAttempt(turn, next);
}

function laterWay(transfer: Transfer, reason: WayReason | null): number | null {
  if (reason === null) return null;
  const index = targetOf(transfer).ways.findIndex((way, i) => i > transfer.way && way.after === reason);
  return index < 0 ? null : index;
}

const TRUNK_FAILURES: ReadonlySet<Outcome> = new Set(['server_error', 'unreachable', 'congestion']);

/** What a failure says about the way, rather than about the target: an INVITE refused, or one policy kept back. */
function reasonFor(transfer: Transfer, outcome: Outcome, { sipCode, phase }: Evidence): WayReason | null {
  if (wayOf(transfer).method !== 'invite' || (phase !== 'invite' && phase !== 'policy')) return null;
  if (sipCode === 403) return 'caller_id_refused';
  return TRUNK_FAILURES.has(outcome) ? 'trunk_failed' : null;
}

function act(turn: Turn, transfer: Transfer, decision: Decision, failure: AttemptFailure): void {
  const end = (action: NextStep['action'], node: string | null, message: NextStep['message']): void =>
    giveUp(turn, transfer, failure, { action, node, message });
  switch (decision.kind) {
    case 'next':
      return startAttempt(turn, {
        ...transfer,
        target: transfer.target + 1,
        way: 0,
        attempt: transfer.attempt + 1,
      });
    case 'retry': {
      const retries = { ...transfer.retries, [decision.rule]: (transfer.retries[decision.rule] ?? 0) + 1 };
      turn.state = { phase: 'retryWait', transfer: { ...transfer, retries } };
      turn.start('retry', decision.afterMs);
      return watchLoneCaller(turn, transfer);
    }
    case 'stay':
      return giveUp(turn, transfer, failure, NEXT.stay);
    case 'leave':
      return giveUp(turn, transfer, failure, NEXT.end);
    case 'goto':
      return end('goto', decision.node, decision.message);
    case 'play':
      return end('play', null, decision.message);
    case 'end':
      return end('end', null, decision.message);
  }
}

/** The transfer has failed. With nobody left to talk to the caller, the call ends rather than fall silent. */
export function giveUp(turn: Turn, transfer: Transfer, failure: AttemptFailure, wanted: NextStep): void {
  const { outcome, evidence } = failure;
  const next = nextFor(turn, transfer, wanted);
  const hangup = callerIsGone(turn);
  conclude(turn, transfer, 'transfer.failed', { outcome, evidence, hangup, next });
  if (next.action !== 'end') return backHome(turn, transfer);
  concludeHome(turn, transfer, 'engine', hangup);
  turn.end('policy', causeOf(turn, failure));
}

/** A caller that was never answered gets the failure as the final response to its INVITE. */
function causeOf(turn: Turn, { outcome, evidence }: AttemptFailure): Cause {
  const { sipCode, q850 } = evidence;
  if (turn.legs.get('caller')?.phase !== 'offered')
    return { sipCode, q850, text: `transfer failed: ${outcome}` };
  const { code, reason } = codeForFailed(outcome, evidence, turn.call.setup.statusMap);
  return { sipCode: code, q850, text: reason };
}

function nextFor(turn: Turn, transfer: Transfer, wanted: NextStep): NextStep {
  if (wanted.action === 'end' && transfer.home.with !== 'target') return wanted;
  if (!homeIsUp(turn, transfer)) return wanted.action === 'end' ? wanted : NEXT.end;
  // An agent that could not pass its caller on keeps it: rules about the bot's flow do not end their talk.
  return transfer.home.with === 'target' ? NEXT.stay : wanted;
}
