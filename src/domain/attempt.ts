import { mediaKey, present } from '../sip/sdp.js';
import type { NextStep } from './bot-event.js';
import type { Transfer } from './call.js';
import { decide, type Decision } from './fallback.js';
import { agentLeg } from './ids.js';
import { freshMedia, type Media } from './leg.js';
import { settled } from './media.js';
import type { Evidence, Outcome } from './outcome.js';
import type { Turn } from './turn.js';
import { conclude, NEXT, ofAttempt, ofTransfer, targetOf } from './verdict.js';

/** Dials the transfer's current target, while the caller stays where it is. */
export function startAttempt(turn: Turn, transfer: Transfer): void {
  turn.dialled += 1;
  const leg = agentLeg(turn.dialled);
  const { setup } = turn.call;
  const caller = turn.up('caller');
  const offer = caller === null ? null : offerOf(caller);
  const media = freshMedia(
    setup.sdpSeed + 1 + turn.dialled,
    setup.host,
    { kind: 'peer', leg: 'caller' },
    null,
  );
  const local = offer === null ? media.local : present(media.local, offer, null, false);
  const shown = offer === null ? null : mediaKey(offer);
  turn.legs.set(leg, { phase: 'inviting', media: { ...media, local, shown } });
  turn.state = { phase: 'dialling', transfer, leg, progress: 'trying' };
  turn.tell({ type: 'transfer.attempt.started', data: ofAttempt(transfer) });
  turn.effect({ type: 'dial', leg, target: targetOf(transfer), sdp: local.body });
  turn.start('ring', transfer.plan.ringTimeoutMs);
  watchLoneCaller(turn, transfer);
}

/**
 * What a new target is offered: all the caller can do (its last full offer), unless it has moved since; a codec the
 * bot did not want must not be lost to the agent.
 */
function offerOf({ remote, remoteKey, capabilities }: Media): string | null {
  if (remote === null || capabilities === null) return remote;
  return remoteKey === mediaKey(capabilities) ? capabilities : remote;
}

export function watchLoneCaller(turn: Turn, transfer: Transfer): void {
  if (turn.up('bot') === null) limitSilence(turn, transfer);
}

/** A caller whose bot has left, or that cannot be connected to it, hears nothing: never longer than the named limit. */
export function limitSilence(turn: Turn, transfer: Transfer): void {
  if (!turn.timers.has('alone')) turn.start('alone', transfer.plan.callerSilenceMs);
}

/** An attempt came to nothing: the caller goes on being the bot's while the fallback rules say what comes next. */
export function failAttempt(turn: Turn, transfer: Transfer, outcome: Outcome, evidence: Evidence): void {
  turn.stop('ring');
  turn.connect('caller', 'bot');
  turn.tell({ type: 'transfer.attempt.ended', data: { ...ofAttempt(transfer), outcome, evidence } });
  const failure = {
    outcome,
    sipCode: evidence.sipCode,
    target: targetOf(transfer).label,
    attempt: transfer.attempt,
  };
  const hasNext = transfer.target + 1 < transfer.plan.targets.length;
  act(turn, transfer, decide(transfer.plan, failure, hasNext, transfer.retries), outcome, evidence);
}

function act(turn: Turn, transfer: Transfer, decision: Decision, outcome: Outcome, evidence: Evidence): void {
  switch (decision.kind) {
    case 'next':
      return startAttempt(turn, { ...transfer, target: transfer.target + 1, attempt: transfer.attempt + 1 });
    case 'retry': {
      const retries = { ...transfer.retries, [decision.rule]: (transfer.retries[decision.rule] ?? 0) + 1 };
      turn.state = { phase: 'retryWait', transfer: { ...transfer, retries } };
      turn.start('retry', decision.afterMs);
      return watchLoneCaller(turn, transfer);
    }
    case 'stay':
      return giveUp(turn, transfer, outcome, evidence, NEXT.stay);
    case 'leave':
      return giveUp(turn, transfer, outcome, evidence, NEXT.end);
    case 'goto':
      return giveUp(turn, transfer, outcome, evidence, {
        action: 'goto',
        node: decision.node,
        message: decision.message,
      });
    case 'play':
      return giveUp(turn, transfer, outcome, evidence, {
        action: 'play',
        node: null,
        message: decision.message,
      });
    case 'end':
      return giveUp(turn, transfer, outcome, evidence, {
        action: 'end',
        node: null,
        message: decision.message,
      });
  }
}

/** The transfer has failed. With nobody left to talk to the caller, the call ends rather than fall silent. */
export function giveUp(
  turn: Turn,
  transfer: Transfer,
  outcome: Outcome,
  evidence: Evidence,
  wanted: NextStep,
): void {
  const next = turn.up('bot') === null && wanted.action !== 'end' ? NEXT.end : wanted;
  conclude(turn, transfer, 'transfer.failed', { outcome, evidence, hangup: false, next });
  if (next.action === 'end')
    return turn.end('policy', {
      sipCode: evidence.sipCode,
      q850: evidence.q850,
      text: `transfer failed: ${outcome}`,
    });
  backToBot(turn, transfer);
}

/** The caller is the bot's again: at once when it never left, else when its media is back. */
export function backToBot(turn: Turn, transfer: Transfer): void {
  turn.stop('alone');
  turn.connect('caller', 'bot');
  if (settled(turn, 'caller', 'bot')) {
    turn.tell({ type: 'transfer.returned', data: ofTransfer(transfer) });
    turn.state = { phase: 'withBot' };
  } else turn.state = { phase: 'returning', transfer };
}
