import { TABLE } from '../../src/domain/table.js';
import { takeRefer } from '../../src/domain/take-refer.js';
import { byEffects, byTable, without, type Breakage } from './breakage.js';

const { withBot, dialling, retryWait, referring, moving, withTarget } = TABLE;

/** Chains of agents, attended transfers, replaced legs, several that ring, and callers not answered yet. */
export const OF_SEATS: readonly Breakage[] = [
  {
    name: 'first-transfer-forgotten',
    what: 'An agent has passed its caller on, and the transfer that once led to it never gets a verdict.',
    engine: without(
      (e, _event, { state }) =>
        e.type === 'tell' &&
        e.event.type === 'transfer.completed' &&
        state.phase === 'moving' &&
        state.transfer.home.with === 'target' &&
        e.event.data.transferId === state.transfer.home.transfer.plan.id,
    ),
  },
  {
    name: 'brought-back-without-verdict',
    what: 'A caller is brought back to its bot, and the bot never hears what became of the transfer.',
    engine: without(
      (e, event) =>
        event.type === 'returnRequested' && e.type === 'tell' && e.event.type === 'transfer.completed',
    ),
  },
  {
    name: 'brought-back-by-hanging-up',
    what: 'A caller is to be brought back from the agent to its bot, and is hung up on.',
    engine: byTable({
      ...TABLE,
      withTarget: {
        ...withTarget,
        returnRequested: (turn, _fact, state) =>
          withTarget.hangupRequested?.(turn, { type: 'hangupRequested', by: 'api', reason: 'ended' }, state),
      },
    }),
  },
  {
    name: 'passed-on-for-ever',
    what: 'Agents hand a caller on and on, and nobody counts.',
    engine: byTable({
      ...TABLE,
      withTarget: {
        ...withTarget,
        referred: (turn, fact, { transfer, leg }) =>
          takeRefer(turn, fact, { with: 'target', leg, transfer: { ...transfer, depth: 0 } }),
      },
    }),
  },
  {
    name: 'agent-left-unnoticed',
    what: 'An agent that is passing its caller on hangs up, and the caller waits in silence without a limit.',
    engine: byTable({
      ...TABLE,
      dialling: { ...dialling, homeGone: () => undefined },
      retryWait: { ...retryWait, homeGone: () => undefined },
      referring: { ...referring, homeGone: () => undefined },
      moving: { ...moving, homeGone: () => undefined },
    }),
  },
  {
    name: 'wrong-one-handed-over',
    what: "The caller's REFER moves the caller instead of whoever it talks to.",
    engine: byTable({
      ...TABLE,
      withBot: {
        ...withBot,
        referred: (turn, fact) => takeRefer(turn, { ...fact, from: 'bot' }, { with: 'bot' }),
      },
    }),
  },
  {
    name: 'names-not-swapped',
    what: 'Two legs change parts, and the engine is not told.',
    engine: without((e) => e.type === 'swapLegs'),
  },
  {
    name: 'referrer-stays',
    what: 'A referrer that sends no BYE of its own stays in its dialog.',
    engine: without(
      (e, event) => event.type === 'timerFired' && event.timer.startsWith('leave:') && e.type === 'bye',
    ),
  },
  {
    name: 'brought-party-stranded',
    what: 'An attended transfer comes at a bad moment, and the party it brought is left alone.',
    engine: without((e, event) => event.type === 'brought' && (e.type === 'bye' || e.type === 'cancel')),
  },
  {
    name: 'others-left-after-merge',
    what: 'A party has moved to another call, and whoever it talked to is kept.',
    engine: without((e, event) => event.type === 'legTaken' && e.type === 'bye'),
  },
  {
    name: 'replaced-dialog-kept',
    what: 'A phone takes over from another one, which stays in its dialog.',
    engine: without((e, event) => event.type === 'replaced' && e.type === 'bye'),
  },
  {
    name: 'replacement-unanswered',
    what: 'An INVITE with Replaces is let in and never answered.',
    engine: without((e, event) => event.type === 'replaced' && (e.type === 'answer' || e.type === 'reject')),
  },
  {
    name: 'others-go-on-ringing',
    what: 'One of several phones has answered, and the others ring on.',
    engine: without((e, event) => event.type === 'answered' && e.type === 'cancel'),
  },
  {
    name: 'first-no-is-final',
    what: 'One of several phones is busy, and the others are given up.',
    engine: byTable({
      ...TABLE,
      dialling: {
        ...dialling,
        targetRefused: (turn, fact, state) => {
          const ringing = state.ringing.filter(({ leg }) => leg === fact.leg);
          dialling.targetRefused?.(turn, fact, { ...state, ringing });
        },
      },
    }),
  },
  {
    name: 'unanswered-caller-not-told',
    what: 'Nobody answers a routed call, and its INVITE never gets a final response.',
    engine: without((e) => e.type === 'reject'),
  },
  {
    name: 'ringing-into-a-conversation',
    what: "A target's ringing is passed to a caller who has been answered.",
    engine: byEffects((e, event) =>
      event.type === 'progress' && e.type === 'tell'
        ? [e, { type: 'ring', leg: 'caller', code: 180, reason: 'Ringing', sdp: null }]
        : [e],
    ),
  },
];
