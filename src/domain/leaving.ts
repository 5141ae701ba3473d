import type { EndedBy } from './bot-event.js';
import type { State, Transfer } from './call.js';
import { completed, concludeHome, DECIDED_BY, watchLoneCaller } from './home.js';
import type { LegId } from './ids.js';
import type { EvidencePhase } from './outcome.js';
import { callerIsGone } from './parties.js';
import type { Turn } from './turn.js';
import { turnAway } from './unanswered.js';
import { waitAtHome } from './waiting.js';
import { conclude, decided, NEXT } from './verdict.js';

/** Parties that leave, and orders to stop, while a transfer is on its way. */

/** The phases in which a target is sought or being connected. */
export type UnderWay = Extract<
  State,
  { phase: 'dialling' | 'retryWait' | 'referring' | 'speaking' | 'introducing' | 'moving' }
>;

/** Where in the transfer that is, for the evidence. */
export function evidencePhase(state: UnderWay): EvidencePhase {
  switch (state.phase) {
    case 'dialling':
      return 'invite';
    case 'retryWait':
      return 'retry_wait';
    case 'referring':
      return state.stage === 'asked' ? 'refer_response' : 'notify';
    case 'speaking':
      return 'prompt';
    case 'introducing':
    case 'moving':
      return 'media';
  }
}

export function callerLeft(turn: Turn, state: UnderWay, q850: number | null): void {
  if (state.transfer.seat === 'target') return staysNoMore(turn, state, 'caller', q850, 'the caller hung up');
  // The caller's side asked for somebody else in its place, and need not wait for that (RFC 5589 6.1).
  keep(turn, state, { ...state.transfer, referrer: null });
}

export function botLeft(turn: Turn, state: UnderWay, q850: number | null): void {
  const { home, seat } = state.transfer;
  if (home.with !== 'bot') return;
  if (seat === 'caller') return staysNoMore(turn, state, 'bot', q850, 'the bot hung up');
  keep(turn, state, withoutReferrer(state.transfer, 'bot'));
}

/** An agent that passes its caller on has left: its own transfer is over, and the bot is home again if it is there. */
export function homeLeft(turn: Turn, state: UnderWay, q850: number | null): void {
  const { home, seat } = state.transfer;
  if (home.with !== 'target') return;
  if (seat === 'caller') return staysNoMore(turn, state, 'agent', q850, 'the agent hung up');
  completed(turn, home.transfer, 'far_end', false, q850, NEXT.none);
  const transfer = { ...withoutReferrer(state.transfer, home.leg), home: home.transfer.home };
  if (isSought(state)) waitAtHome(turn, transfer);
  keep(turn, state, transfer);
}

/** Still to be found, so that the caller waits with somebody. */
const isSought = ({ phase }: UnderWay): boolean =>
  phase === 'dialling' || phase === 'retryWait' || phase === 'referring';

function keep(turn: Turn, state: UnderWay, transfer: Transfer): void {
  turn.state = { ...state, transfer };
  watchLoneCaller(turn, transfer);
}

/** Nobody is left to take the NOTIFYs. */
const withoutReferrer = (transfer: Transfer, leg: string): Transfer =>
  transfer.referrer?.leg === leg ? { ...transfer, referrer: null } : transfer;

/** The party that was to be handed over has left: nothing is left to transfer. */
function staysNoMore(turn: Turn, state: UnderWay, by: EndedBy, q850: number | null, text: string): void {
  const { transfer } = state;
  const decidedBy = by === 'caller' ? 'caller' : 'far_end';
  const evidence = decided(decidedBy, evidencePhase(state), transfer, null, q850);
  const hangup = callerIsGone(turn);
  const verdict = { evidence, hangup, next: NEXT.none };
  // The word is the caller's own (docs/outcomes.md); whoever else leaves takes the transfer along.
  if (by === 'caller') conclude(turn, transfer, 'transfer.failed', { outcome: 'caller_hangup', ...verdict });
  else conclude(turn, transfer, 'transfer.cancelled', { outcome: 'cancelled', ...verdict });
  concludeHome(turn, transfer, DECIDED_BY[by], hangup, q850);
  turn.end(by, { sipCode: null, q850, text });
}

export function hungUpByOrder(turn: Turn, state: UnderWay, by: 'api' | 'bot' | 'engine', text: string): void {
  const { transfer } = state;
  const evidence = decided(by === 'engine' ? 'engine' : 'api', evidencePhase(state), transfer, text);
  const hangup = callerIsGone(turn);
  conclude(turn, transfer, 'transfer.cancelled', { outcome: 'cancelled', evidence, hangup, next: NEXT.end });
  concludeHome(turn, transfer, DECIDED_BY[by], hangup, 16);
  if (turn.legs.get('caller')?.phase === 'offered') turnAway(turn, by, OUT_OF_SERVICE);
  else turn.end(by, { sipCode: null, q850: 16, text });
}

/** All dialogs are out of reach: the caller is lost to us, whatever it still hears. */
export function lostSignalling(turn: Turn, state: UnderWay): void {
  const { transfer } = state;
  const evidence = decided('signalling_lost', evidencePhase(state), transfer, SERVER_LOST.text);
  const verdict = { outcome: 'server_error', evidence, hangup: true, next: NEXT.none } as const;
  conclude(turn, transfer, 'transfer.failed', verdict);
  concludeHome(turn, transfer, 'signalling_lost', true);
  turn.end('signalling_lost', SERVER_LOST);
}

const OUT_OF_SERVICE = { code: 503, reason: 'Service Unavailable' } as const;

export const SERVER_LOST = { sipCode: null, q850: null, text: 'the SIP server was lost' } as const;

/** Its INVITE of ours, or our 200 to its own, is as good as never answered. */
export const UNACKNOWLEDGED = { sipCode: 408, q850: null, text: 'no answer in the ACK' } as const;

/** One of our parties has moved to another call by an attended transfer: this call is over. */
export function takenAway(turn: Turn, state: UnderWay, leg: LegId): void {
  const { transfer } = state;
  const evidence = decided('far_end', evidencePhase(state), transfer, MERGED.text);
  // A caller who was taken is somewhere.
  const hangup = leg !== 'caller' && callerIsGone(turn);
  conclude(turn, transfer, 'transfer.cancelled', { outcome: 'cancelled', evidence, hangup, next: NEXT.none });
  concludeHome(turn, transfer, 'far_end', hangup);
  turn.end('transfer', turn.legs.get('caller')?.phase === 'offered' ? GONE_ELSEWHERE : MERGED);
}

export const MERGED = { sipCode: 200, q850: null, text: 'merged into another call' } as const;

/** The consultation a party never answered ends as if it had been taken elsewhere (RFC 5589 7.4). */
const GONE_ELSEWHERE = { sipCode: 487, q850: null, text: 'Request Terminated' } as const;
