import type { Call, CallSetup, Phase } from './call.js';
import type { CallEvent } from './call-event.js';
import type { Effect } from './effect.js';
import type { Fact, FactType } from './fact.js';
import type { CallId } from './ids.js';
import { freshMedia } from './leg.js';
import { onLegEvent } from './legs.js';
import { agreed, converge, settled, stuck } from './media.js';
import { partnerLeft } from './media-relay.js';
import { mediaKey, present } from '../sip/sdp.js';
import { connecting } from './phases/connecting.js';
import { dialling, retryWait } from './phases/dialling.js';
import { moving, returning, withTarget } from './phases/bridging.js';
import { withBot } from './phases/with-bot.js';
import { Turn } from './turn.js';
import type { Row } from './phases/handler.js';

/**
 * The call, by phase. Every arrow is a fact; a fact missing from a row is ignored on purpose. `(end)` stands for
 * `ending`: all legs are released, and when the last has had its say the call is `ended`. A test reads this drawing
 * and walks the table against it.
 *
 *  +------------+ botAnswered   +---------+ commanded  +----------+ targetAnswered +--------+ mediaSettled +------------+
 *  | connecting |-------------->| withBot |----------->| dialling |--------------->| moving |------------->| withTarget |
 *  +------------+               +---------+            +----------+                +--------+              +------------+
 *
 *  connecting  botProgress        -> connecting
 *  connecting  botAnswered        -> withBot
 *  connecting  botRefused         -> (end)
 *  connecting  botGone            -> (end)
 *  connecting  setupTimeout       -> (end)
 *  connecting  callerGone         -> (end)
 *  connecting  hangupRequested    -> (end)
 *  connecting  signallingLost     -> (end)
 *  withBot     commanded          -> dialling
 *  withBot     botGone            -> (end)
 *  withBot     callerGone         -> (end)
 *  withBot     mediaRefused       -> (end)
 *  withBot     ackTimeout         -> (end)
 *  withBot     hangupRequested    -> (end)
 *  withBot     signallingLost     -> (end)
 *  dialling    targetProgress     -> dialling
 *  dialling    targetAnswered     -> moving
 *  dialling    targetRefused      -> dialling | retryWait | withBot | returning | (end)
 *  dialling    targetUnusable     -> dialling | retryWait | withBot | returning | (end)
 *  dialling    targetGone         -> dialling | retryWait | withBot | returning | (end)
 *  dialling    ringTimeout        -> dialling | retryWait | withBot | returning | (end)
 *  dialling    botGone            -> dialling
 *  dialling    mediaRefused       -> dialling
 *  dialling    aloneTimeout       -> (end)
 *  dialling    callerGone         -> (end)
 *  dialling    cancelRequested    -> withBot | returning | (end)
 *  dialling    hangupRequested    -> (end)
 *  dialling    signallingLost     -> (end)
 *  retryWait   retryDue           -> dialling
 *  retryWait   botGone            -> retryWait
 *  retryWait   mediaRefused       -> retryWait
 *  retryWait   aloneTimeout       -> (end)
 *  retryWait   callerGone         -> (end)
 *  retryWait   cancelRequested    -> withBot | returning | (end)
 *  retryWait   hangupRequested    -> (end)
 *  retryWait   signallingLost     -> (end)
 *  moving      mediaSettled       -> withTarget
 *  moving      mediaRefused       -> dialling | retryWait | withBot | returning | (end)
 *  moving      targetGone         -> dialling | retryWait | withBot | returning | (end)
 *  moving      botGone            -> moving
 *  moving      aloneTimeout       -> (end)
 *  moving      callerGone         -> (end)
 *  moving      hangupRequested    -> (end)
 *  moving      signallingLost     -> (end)
 *  withTarget  targetGone         -> returning | (end)
 *  withTarget  mediaRefused       -> returning | (end)
 *  withTarget  callerGone         -> (end)
 *  withTarget  hangupRequested    -> (end)
 *  withTarget  signallingLost     -> (end)
 *  returning   mediaSettled       -> withBot
 *  returning   mediaRefused       -> (end)
 *  returning   botGone            -> (end)
 *  returning   callerGone         -> (end)
 *  returning   hangupRequested    -> (end)
 *  returning   signallingLost     -> (end)
 */
export const TABLE = {
  connecting,
  withBot,
  dialling,
  retryWait,
  moving,
  withTarget,
  returning,
  ending: {},
  ended: {},
} satisfies Table;

export type Table = { readonly [P in Phase]: Row<P> };

export interface Step {
  readonly next: Call;
  readonly effects: readonly Effect[];
  /** Facts and events this phase had no use for: `phase/what`, for the counter. */
  readonly ignored: readonly string[];
}

/** A new call: the caller's INVITE has been accepted for a channel, and its bot is dialled. */
export function open(id: CallId, setup: CallSetup, sdp: string | null): Step {
  const caller = freshMedia(setup.sdpSeed, setup.host, { kind: 'peer', leg: 'bot' }, sdp);
  const bot = freshMedia(setup.sdpSeed + 1, setup.host, { kind: 'peer', leg: 'caller' }, null);
  const local = sdp === null ? bot.local : present(bot.local, sdp, null, false);
  const turn = new Turn({
    id,
    setup,
    state: { phase: 'connecting' },
    legs: new Map(),
    timers: new Set(),
    dialled: 0,
    lastStatus: null,
  });
  turn.legs.set('caller', { phase: 'offered', media: caller });
  turn.legs.set('bot', {
    phase: 'inviting',
    media: { ...bot, local, shown: sdp === null ? null : mediaKey(sdp) },
  });
  turn.tell({ type: 'call.started', data: { from: setup.from, to: setup.to, trunk: setup.trunk } });
  turn.effect({ type: 'dial', leg: 'bot', target: setup.bot, sdp: local.body });
  turn.start('setup', setup.answerTimeoutMs);
  return { next: turn.next(), effects: turn.effects, ignored: [] };
}

/**
 * The whole engine in one pure function: what the call is after `event`, and what is to be done about it. No clock,
 * no promise, no randomness: time, results and wishes come in as events.
 */
export const step = (call: Call, event: CallEvent): Step => stepBy(TABLE, call, event);

/** {@link step} by another table: how the simulation plants a broken rule and shows that it is caught. */
export function stepBy(table: Table, call: Call, event: CallEvent): Step {
  const turn = new Turn(call);
  const ignored: string[] = [];
  if (!onLegEvent(turn, event)) ignored.push(`${call.state.phase}/${event.type}`);
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const fact = turn.facts.shift();
    if (fact !== undefined) {
      if (!dispatch(table, turn, fact)) ignored.push(`${turn.state.phase}/${fact.type}`);
      continue;
    }
    partnerLeft(turn);
    converge(turn);
    if (!reportMedia(turn)) break;
  }
  closeLedger(turn);
  return { next: turn.next(), effects: turn.effects, ignored };
}

/** Facts one event can lead to; far above what the table needs, so that a mistake in it cannot loop. */
const MAX_ROUNDS = 32;

function dispatch(table: Table, turn: Turn, fact: Fact): boolean {
  const { state } = turn;
  const row: Partial<Record<FactType, unknown>> = table[state.phase];
  const handler = row[fact.type];
  if (handler === undefined) return false;
  // The row belongs to `state.phase` and the cell to `fact.type`: TABLE's type says so, an index cannot.
  (handler as (turn: Turn, fact: Fact, state: unknown) => void)(turn, fact, state);
  return true;
}

/** The caller and whoever it should be talking to are shown to each other, or never will be. */
function reportMedia(turn: Turn): boolean {
  const { state } = turn;
  const { phase } = state;
  if (phase === 'connecting' || phase === 'ending' || phase === 'ended') return false;
  const partner = phase === 'moving' || phase === 'withTarget' ? state.leg : 'bot';
  const ringing = phase === 'dialling' || phase === 'retryWait';
  if (settled(turn, 'caller', partner)) {
    agreed(turn, 'caller', partner);
    if (ringing) turn.stop('alone');
    if (phase !== 'moving' && phase !== 'returning') return false;
    turn.fact({ type: 'mediaSettled' });
    return true;
  }
  const refused = stuck(turn, 'caller', partner);
  if (refused === null || (ringing && turn.timers.has('alone'))) return false;
  turn.fact({ type: 'mediaRefused', ...refused });
  return true;
}

function closeLedger(turn: Turn): void {
  if (turn.state.phase !== 'ending' || turn.legs.size > 0 || turn.timers.size > 0) return;
  turn.state = { phase: 'ended' };
  turn.effect({ type: 'done' });
}
