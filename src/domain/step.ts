import { begin } from './begin.js';
import type { Call, CallSetup } from './call.js';
import type { CallEvent } from './call-event.js';
import type { Effect } from './effect.js';
import type { Fact, FactType } from './fact.js';
import type { CallId, LegId } from './ids.js';
import { freshAnchored, freshMedia, type Media, type Want } from './leg.js';
import { onLegEvent } from './legs.js';
import { converge } from './media.js';
import { reportMedia } from './report-media.js';
import { partnerLeft } from './media-relay.js';
import { mediaKey, present } from '../sip/sdp.js';
import { TABLE, type Table } from './table.js';
import { FRESH_SCRIPT } from './script-state.js';
import { ask, continueScript, startScript } from './script.js';
import { recover } from './recover.js';
import { Turn } from './turn.js';
import type { DialTarget, HeaderLine, RefusedPlan, TransferPlan } from './plan.js';
import { NEXT, refuse } from './verdict.js';

export interface Step {
  readonly next: Call;
  readonly effects: readonly Effect[];
  /** Facts and events this phase had no use for: `phase/what`, for the counter. */
  readonly ignored: readonly string[];
}

/** A new call: the caller's INVITE has been accepted for a channel, and its bot is dialled. */
export function open(id: CallId, setup: CallSetup & { readonly bot: DialTarget }, sdp: string | null): Step {
  const turn = arrived(id, setup, sdp, 'bot');
  const media = botMedia(setup, sdp);
  turn.legs.set('bot', { phase: 'inviting', media });
  const offer = media.path === 'direct' ? media.local.body : null;
  turn.effect({ type: 'dial', leg: 'bot', target: setup.bot, sdp: offer });
  turn.start('setup', setup.answerTimeoutMs);
  return { next: turn.next(), effects: turn.effects, ignored: [] };
}

function botMedia(setup: CallSetup, sdp: string | null): Media {
  const want: Want = { kind: 'peer', leg: 'caller' };
  if (setup.media === 'anchored') return freshAnchored(want, false);
  const bot = freshMedia(setup.sdpSeed + 1, setup.host, want, null);
  const local = sdp === null ? bot.local : present(bot.local, sdp, null, false);
  return { ...bot, local, shown: sdp === null ? null : mediaKey(sdp) };
}

/** A new call of a script bot: answered at once, for the bot speaks by what we play. */
export function openScripted(id: CallId, setup: CallSetup, sdp: string | null): Step {
  const turn = arrived(id, setup, sdp, 'bot');
  startScript(turn);
  const ignored = settle(TABLE, turn);
  return { next: turn.next(), effects: turn.effects, ignored };
}

/** A new call of a channel without a bot: its INVITE is the transfer command, answered when a target has answered. */
export function openRouted(
  id: CallId,
  setup: CallSetup,
  sdp: string | null,
  routed: TransferPlan | { readonly refused: RefusedPlan; readonly code: number; readonly reason: string },
): Step {
  const turn = arrived(id, setup, sdp, 'agent-1');
  if ('refused' in routed) {
    refuse(turn, routed.refused, NEXT.end);
    turn.end('policy', { sipCode: routed.code, q850: null, text: routed.reason });
  } else begin(turn, routed, { home: { with: 'nobody' }, seat: 'target', referrer: null });
  return { next: turn.next(), effects: turn.effects, ignored: [] };
}

/** A call its channel's policy does not answer: redirected (302 with Contact) or refused. */
export function openTurnedAway(
  id: CallId,
  setup: CallSetup,
  sdp: string | null,
  answer: { readonly code: number; readonly reason: string; readonly headers: readonly HeaderLine[] },
): Step {
  const turn = arrived(id, setup, sdp, 'bot');
  turn.end('policy', { sipCode: answer.code, q850: null, text: answer.reason }, answer.headers);
  return { next: turn.next(), effects: turn.effects, ignored: [] };
}

function arrived(id: CallId, setup: CallSetup, sdp: string | null, partner: LegId): Turn {
  const turn = new Turn({
    id,
    setup,
    state: { phase: 'connecting' },
    legs: new Map(),
    timers: new Set(),
    dialled: 0,
    lastStatus: null,
    numbered: 0,
    script: setup.script === null ? null : FRESH_SCRIPT,
    consent: setup.consent === null ? 'heard' : 'due',
  });
  const want: Want = { kind: 'peer', leg: partner };
  const media: Media =
    setup.media === 'anchored'
      ? freshAnchored(setup.script === null ? want : { kind: 'held' }, sdp !== null)
      : freshMedia(setup.sdpSeed, setup.host, want, sdp);
  turn.legs.set('caller', { phase: 'offered', media });
  const question = setup.script === null ? null : ask(turn);
  turn.tell({ type: 'call.started', data: { from: setup.from, to: setup.to, trunk: setup.trunk } }, question);
  return turn;
}

/**
 * The whole engine in one pure function: what the call is after `event`, and what is to be done about it. No clock,
 * no promise, no randomness: time, results and wishes come in as events.
 */
export const step = (call: Call, event: CallEvent): Step => stepBy(TABLE, call, event);

/** {@link step} by another table: how the simulation plants a broken rule and shows that it is caught. */
export function stepBy(table: Table, call: Call, event: CallEvent): Step {
  const turn = new Turn(call);
  const unused = onLegEvent(turn, event) ? [] : [`${call.state.phase}/${event.type}`];
  const ignored = [...unused, ...settle(table, turn)];
  return { next: turn.next(), effects: turn.effects, ignored };
}

/**
 * The call as another engine left it, and what becomes of it here; see `recover.ts`.
 *
 * @param alive legs whose dialogs could be had
 */
export function takeOver(call: Call, alive: ReadonlySet<LegId>): Step {
  const turn = new Turn(call);
  recover(turn, alive);
  const ignored = settle(TABLE, turn);
  return { next: turn.next(), effects: turn.effects, ignored };
}

/** Everything that follows, until nothing more does. @returns what this phase had no use for */
function settle(table: Table, turn: Turn): readonly string[] {
  const ignored: string[] = [];
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const fact = turn.facts.shift();
    if (fact !== undefined) {
      if (!dispatch(table, turn, fact)) ignored.push(`${turn.state.phase}/${fact.type}`);
      continue;
    }
    partnerLeft(turn);
    continueScript(turn);
    converge(turn);
    reportMedia(turn);
    if (turn.facts.length === 0) break;
  }
  closeLedger(turn);
  return ignored;
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

function closeLedger(turn: Turn): void {
  if (turn.state.phase !== 'ending' || turn.legs.size > 0 || turn.timers.size > 0) return;
  turn.state = { phase: 'ended' };
  turn.effect({ type: 'done' });
}
