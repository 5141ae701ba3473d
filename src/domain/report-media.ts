import { homeLeg, whoStays, type State, type Transfer } from './call.js';
import { hearsRinging } from './early-media.js';
import type { LegId } from './ids.js';
import { agreed, settled, stuck } from './media.js';
import { refusedConference } from './sounding.js';
import type { Turn } from './turn.js';
import { isEntertained } from './waiting.js';

/** What has become of who hears whom, as facts: the caller and its partner are shown to each other, or never will be. */
export function reportMedia(turn: Turn): void {
  const { state } = turn;
  if (hearsRinging(turn) || ('transfer' in state && isEntertained(turn, state.transfer))) turn.stop('alone');
  const refused = state.phase === 'introducing' ? refusedConference(turn) : null;
  if (refused !== null) turn.fact({ type: 'mediaRefused', ...refused });
  const partner = partnerOfCaller(state);
  if (partner !== null) reportPair(turn, partner);
  if (state.phase === 'dialling') reportRinging(turn, state.transfer);
}

/** The party that waits cannot be let hear a target that rings. */
function reportRinging(turn: Turn, transfer: Transfer): void {
  const media = turn.anchored(whoStays(transfer));
  if (media?.want.kind !== 'peer' || media.want.leg === homeLeg(transfer)) return;
  const { has, want } = media;
  if (has.state === 'refused' && has.to === want.leg)
    turn.fact({ type: 'mediaRefused', leg: want.leg, refusal: has.refusal });
}

function reportPair(turn: Turn, partner: LegId): void {
  const { phase } = turn.state;
  const waits =
    'transfer' in turn.state && phase !== 'moving' && phase !== 'withTarget' && phase !== 'returning';
  if (settled(turn, 'caller', partner)) {
    agreed(turn, 'caller', partner);
    if (waits) turn.stop('alone');
    if (phase === 'moving' || phase === 'returning') turn.fact({ type: 'mediaSettled' });
    return;
  }
  const refused = stuck(turn, 'caller', partner);
  if (refused !== null && !(waits && turn.timers.has('alone')))
    turn.fact({ type: 'mediaRefused', ...refused });
}

/** Who the caller should be talking to. */
function partnerOfCaller(state: State): LegId | null {
  switch (state.phase) {
    case 'withBot':
      return 'bot';
    case 'moving':
    case 'withTarget':
      return state.leg;
    case 'dialling':
    case 'retryWait':
    case 'referring':
    case 'returning':
      return homeLeg(state.transfer);
    case 'speaking':
    case 'introducing':
    case 'connecting':
    case 'handingBack':
    case 'departing':
    case 'ending':
    case 'ended':
      return null;
  }
}
