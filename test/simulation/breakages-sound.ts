import { TABLE } from '../../src/domain/table.js';
import { byEffects, byEvents, byTable, without, type Breakage } from './breakage.js';
import { REAL } from './world.js';

const { dialling, introducing, moving, speaking, withTarget } = TABLE;

/** Anchored calls: who is bridged to whom, what is played, and bots that speak by replies. */
export const OF_SOUND: readonly Breakage[] = [
  {
    name: 'bridge-forgotten',
    what: 'Two parties belong together, and the media server is never told.',
    engine: without((e) => e.type === 'bridge'),
  },
  {
    name: 'bridged-to-nobody-left',
    what: 'A party is bridged to one whose leg is already gone.',
    engine: byEffects((e, event) =>
      e.type === 'bye' && event.type === 'hungUp'
        ? [e, { type: 'bridge', leg: e.leg, with: event.leg, change: 1_000_000 }]
        : [e],
    ),
  },
  {
    name: 'two-changes-at-once',
    what: 'A second bridge is asked for while the first one is still under way.',
    engine: byEffects((e) => (e.type === 'bridge' ? [e, { ...e, change: e.change + 1_000_000 }] : [e])),
  },
  {
    name: 'refused-bridge-taken-for-done',
    what: 'The media server could not bridge caller and agent, and the call goes on as if it had.',
    engine: byEvents((event) =>
      event.type === 'changed' && event.result !== 'lost' ? { ...event, result: 'done' } : event,
    ),
  },
  {
    name: 'reset-not-heard',
    what: 'A leg has a new endpoint after its media server died, and nobody asks for anything again.',
    engine: byEvents((event) =>
      event.type === 'mediaReset' ? { type: 'timerFired', timer: 'glare:caller' } : event,
    ),
  },
  {
    name: 'lost-endpoint-kept',
    what: 'A leg whose endpoint is lost for good stays in its dialog.',
    engine: byEvents((event) =>
      event.type === 'mediaLost' ? { type: 'timerFired', timer: 'glare:caller' } : event,
    ),
  },
  {
    name: 'message-cut-by-reply',
    what: 'What the bot says next cuts short what is being said.',
    engine: {
      ...REAL,
      step: (call, event) => {
        const { script } = call;
        const hurried = event.type === 'replied' && script !== null ? { ...script, playing: null } : script;
        return REAL.step({ ...call, script: hurried }, event);
      },
    },
  },
  {
    name: 'message-never-over',
    what: 'The end of a message is not heard, and what was to follow waits for its time limit or for ever.',
    engine: byTable({
      ...TABLE,
      speaking: { ...speaking, played: () => undefined, speakTimeout: () => undefined },
    }),
  },
  {
    name: 'dead-music-believed',
    what: 'Music that could not be played leaves the caller in silence.',
    engine: byEvents((event, { state }) =>
      event.type === 'played' && !event.ok && state.phase === 'dialling' ? { ...event, n: 0 } : event,
    ),
  },
  {
    name: 'question-without-time',
    what: 'A script bot is asked, and its time to decide does not run.',
    engine: without((e) => e.type === 'startTimer' && e.timer === 'decision'),
  },
  {
    name: 'bot-not-asked-again',
    what: 'A transfer has failed, the caller is back, and the bot that speaks by replies is not asked what now.',
    engine: byEffects((e) =>
      e.type === 'tell' && e.event.type === 'transfer.failed' ? [{ ...e, question: null }] : [e],
    ),
  },
  {
    name: 'late-answer-believed',
    what: 'An answer to an old question is carried out as if it were asked for now.',
    engine: byEvents((event, { script }) =>
      event.type === 'replied' && event.question !== null && script !== null
        ? { ...event, question: script.question }
        : event,
    ),
  },
  {
    name: 'switch-before-its-words',
    what: 'The caller is handed over before it has heard what the bot said first.',
    engine: byEffects((e, event) => {
      const wish = event.type === 'replied' ? event.replies.find(({ kind }) => kind === 'switch') : undefined;
      return e.type === 'play' && wish?.kind === 'switch'
        ? [e, { type: 'command', command: wish.command }]
        : [e];
    }),
  },
  {
    name: 'agent-never-decides',
    what: 'An agent that is asked whether it accepts has all the time in the world.',
    engine: without((e) => e.type === 'startTimer' && e.timer.startsWith('brief:')),
  },
  {
    name: 'declined-agent-kept',
    what: 'An agent pressed another key than the one that accepts, and stays on the line.',
    engine: without((e, event) => event.type === 'digit' && e.type === 'bye'),
  },
  {
    name: 'introduction-without-end',
    what: 'Caller and agent are introduced, and nothing ever connects them.',
    engine: byTable({
      ...TABLE,
      introducing: { ...introducing, warmTimeout: () => undefined, played: () => undefined },
    }),
  },
  {
    name: 'conference-refused-unnoticed',
    what: 'The three-way conference cannot be had, and caller and agent wait in silence for its time limit.',
    engine: byTable({ ...TABLE, introducing: { ...introducing, mediaRefused: () => undefined } }),
  },
  {
    name: 'returned-without-caller',
    what: "The agent's key lets it go, and the caller is left where the agent was.",
    engine: byTable({
      ...TABLE,
      withTarget: {
        ...withTarget,
        digit: (turn, fact, state) => {
          if (fact.digit === state.transfer.plan.sounds?.returnKey) turn.release(state.leg, null);
        },
      },
    }),
  },
  {
    name: 'brief-agent-early',
    what: 'The caller is bridged to an agent that still hears what the call is about.',
    engine: byTable({
      ...TABLE,
      dialling: {
        ...dialling,
        targetAnswered: (turn, fact, state) => {
          dialling.targetAnswered?.(turn, fact, state);
          if (turn.state.phase === 'dialling') turn.connect('caller', fact.leg);
        },
      },
    }),
  },
  {
    name: 'unbridged-success',
    what: 'The bridge to the agent is told before the media server has made it.',
    engine: byTable({
      ...TABLE,
      moving: {
        ...moving,
        played: (turn, _fact, { leg }) => {
          turn.setAnchored('caller', { has: { state: 'peer', leg } });
        },
        digit: (turn, _fact, { leg }) => {
          turn.setAnchored('caller', { has: { state: 'peer', leg } });
          turn.setAnchored(leg, { has: { state: 'peer', leg: 'caller' } });
        },
      },
    }),
  },
  {
    name: 'early-media-lost-unnoticed',
    what: 'A caller that hears a target ring is left in silence when that target stops.',
    engine: byEffects((e, event) => (event.type === 'refused' && e.type === 'play' ? [] : [e])),
  },
];
