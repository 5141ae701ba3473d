import { mediaKey, present } from '../sip/sdp.js';
import { whoStays, type Branch, type Transfer } from './call.js';
import type { Cause } from './effect.js';
import { watchLoneCaller } from './home.js';
import { agentLeg, type LegId } from './ids.js';
import { freshMedia, type Media } from './leg.js';
import type { ByeWay, DialTarget, InviteWay, ReferWay, TransferPlan } from './plan.js';
import type { Turn } from './turn.js';
import { ofAttempt, targetOf, wayOf } from './verdict.js';

/** Makes the transfer's current attempt, while everybody stays where they are. */
export function startAttempt(turn: Turn, transfer: Transfer): void {
  turn.tell({ type: 'transfer.attempt.started', data: ofAttempt(transfer) });
  const way = wayOf(transfer);
  switch (way.method) {
    case 'invite':
      return ring(turn, transfer, way);
    case 'refer':
      return refer(turn, transfer, way);
    case 'bye':
      return handBack(turn, transfer, way);
  }
}

function ring(turn: Turn, transfer: Transfer, way: InviteWay): void {
  const ringing = way.branches.map((target): Branch => {
    const leg = dial(turn, transfer, target);
    return { leg, label: target.label };
  });
  turn.state = { phase: 'dialling', transfer, ringing, progress: 'trying', failure: null };
  turn.start('ring', targetOf(transfer).ringTimeoutMs ?? transfer.plan.ringTimeoutMs);
  watchLoneCaller(turn, transfer);
}

function dial(turn: Turn, transfer: Transfer, target: DialTarget): LegId {
  turn.dialled += 1;
  const leg = agentLeg(turn.dialled);
  const { setup } = turn.call;
  const partner = whoStays(transfer);
  const staying = turn.media(partner);
  const offer = staying === null ? null : offerOf(staying);
  const sessionId = setup.sdpSeed + 1 + turn.dialled;
  const media = freshMedia(sessionId, setup.host, { kind: 'peer', leg: partner }, null);
  const local = offer === null ? media.local : present(media.local, offer, null, false);
  const shown = offer === null ? null : mediaKey(offer);
  turn.legs.set(leg, { phase: 'inviting', media: { ...media, local, shown } });
  turn.effect({ type: 'dial', leg, target, sdp: local.body });
  return leg;
}

/**
 * What a new target is offered: all the party can do (its last full offer), unless it has moved since; a codec the
 * bot did not want must not be lost to the agent.
 */
function offerOf({ remote, remoteKey, capabilities }: Media): string | null {
  if (remote === null || capabilities === null) return remote;
  return remoteKey === mediaKey(capabilities) ? capabilities : remote;
}

function refer(turn: Turn, transfer: Transfer, way: ReferWay): void {
  turn.dialled += 1;
  const referral = turn.dialled;
  const { refer: timers } = transfer.plan;
  turn.state = { phase: 'referring', transfer, referral, stage: 'asked' };
  const { label } = targetOf(transfer);
  turn.effect({ type: 'refer', leg: 'caller', referral, way, label });
  turn.start('referResponse', timers.responseMs);
  turn.start('referTotal', timers.totalMs);
  watchLoneCaller(turn, transfer);
}

function handBack(turn: Turn, transfer: Transfer, way: ByeWay): void {
  turn.state = { phase: 'handingBack', transfer };
  turn.release('caller', handBackCause(transfer.plan), way.headers);
}

/** Why the BYE of a `bye` transfer comes. */
export const handBackCause = ({ reason }: Pick<TransferPlan, 'reason'>): Cause => ({
  sipCode: 200,
  q850: null,
  text: reason ?? 'transfer',
});
