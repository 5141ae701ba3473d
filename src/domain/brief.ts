import type { Branch, State } from './call.js';
import { T } from './timing.js';
import type { Turn } from './turn.js';
import { hearSound, spoken } from './waiting.js';

type Dialling = Extract<State, { phase: 'dialling' }>;

/**
 * An agent that has answered and first hears whom it gets, and is asked whether it accepts, while the caller still
 * waits. `null`: there is nothing to tell it, or nothing more.
 */
export function brief(turn: Turn, state: Dialling, branch: Branch): Dialling | null {
  const { whisper, confirm } = state.transfer.plan.sounds ?? { whisper: null, confirm: null };
  if ((whisper === null && confirm === null) || turn.anchored(branch.leg) === null) return null;
  turn.start(`brief:${branch.leg}`, confirm?.timeoutMs ?? T.speakMs);
  if (whisper === null) return asking(turn, state, branch);
  const n = hearSound(turn, branch.leg, spoken(whisper));
  return withBriefing(state, branch, { step: 'whisper', n });
}

/** What it heard is over: the question, once more where it was that, or nothing. */
export function briefOn(turn: Turn, state: Dialling, branch: Branch, ok: boolean): Dialling | null {
  if (state.transfer.plan.sounds?.confirm == null) return null;
  // A question that cannot be played is not asked again and again.
  const mute = !ok && branch.briefing?.step === 'confirm';
  return asking(turn, state, branch, mute);
}

/** An agent without a question to hear still has its key to press. */
function asking(turn: Turn, state: Dialling, branch: Branch, mute = false): Dialling {
  const message = state.transfer.plan.sounds?.confirm?.message ?? null;
  if (message !== null && !mute) {
    const n = hearSound(turn, branch.leg, spoken(message));
    return withBriefing(state, branch, { step: 'confirm', n });
  }
  turn.want(branch.leg, { kind: 'held' });
  return withBriefing(state, branch, { step: 'confirm', n: 0 });
}

const withBriefing = (state: Dialling, branch: Branch, briefing: Branch['briefing']): Dialling => ({
  ...state,
  ringing: state.ringing.map((b) => (b.leg === branch.leg ? { ...branch, briefing } : b)),
});
