import { failAttempt } from '../../src/domain/fail-attempt.js';
import { backHome, watchLoneCaller } from '../../src/domain/home.js';
import type { Effect } from '../../src/domain/effect.js';
import { TABLE } from '../../src/domain/table.js';
import { conclude, decided, NEXT, ofAttempt, ofTransfer } from '../../src/domain/verdict.js';
import { inactive } from '../../src/sip/sdp.js';
import { byEffects, byTable, type Breakage } from './breakage.js';
import { OF_REFERRAL } from './breakages-referral.js';
import { OF_SEATS } from './breakages-seats.js';
import { OF_SOUND } from './breakages-sound.js';
import { REAL, type Engine } from './world.js';

const KEEP = (effect: Effect): readonly Effect[] => [effect];
const { withBot, dialling, retryWait, moving, withTarget, returning } = TABLE;
const ended = { sipCode: null, q850: null, text: 'ended' };
const isVerdict = (e: Effect): boolean =>
  e.type === 'tell' &&
  (e.event.type === 'transfer.completed' ||
    e.event.type === 'transfer.failed' ||
    e.event.type === 'transfer.cancelled');

/** A re-INVITE of ours with its body changed. */
const reoffers = (change: (sdp: string) => string, only?: string): Engine =>
  byEffects((e) =>
    e.type === 'reoffer' && (only === undefined || e.leg === only) ? [{ ...e, sdp: change(e.sdp) }] : [e],
  );

const OF_TABLE: readonly Breakage[] = [
  {
    name: 'ring-without-cancel',
    what: 'A target whose ring time is over is reported as no answer, but goes on ringing.',
    engine: byTable({
      ...TABLE,
      dialling: {
        ...dialling,
        ringTimeout: (turn, _fact, { transfer }) =>
          failAttempt(turn, transfer, 'no_answer', decided('ring_timer', 'invite', transfer)),
      },
    }),
  },
  {
    name: 'silence-taken-for-ringing',
    what: 'A caller whose bot has left counts as served as soon as the target rings, audible or not.',
    engine: byTable({
      ...TABLE,
      dialling: {
        ...dialling,
        targetProgress: (turn, fact, state) => {
          dialling.targetProgress?.(turn, fact, state);
          turn.stop('alone');
        },
      },
    }),
  },
  {
    name: 'caller-gone-without-verdict',
    what: 'The caller hangs up while a target rings, and the bot never hears what became of the transfer.',
    engine: byTable({ ...TABLE, dialling: { ...dialling, callerGone: (turn) => turn.end('caller', ended) } }),
  },
  {
    name: 'link-loss-without-verdict',
    what: 'The link to the SIP server breaks during a conversation, and the transfer keeps no outcome.',
    engine: byTable({
      ...TABLE,
      withTarget: { ...withTarget, signallingLost: (turn) => turn.end('signalling_lost', ended) },
    }),
  },
  {
    name: 'cancel-without-verdict',
    what: 'A cancelled transfer stops ringing and is forgotten.',
    engine: byTable({
      ...TABLE,
      dialling: {
        ...dialling,
        cancelRequested: (turn, _fact, { transfer, ringing }) => {
          for (const { leg } of ringing) turn.release(leg, null);
          turn.stop('ring');
          backHome(turn, transfer);
        },
      },
    }),
  },
  {
    name: 'bot-released-at-command',
    what: 'The bot is let go as soon as it commands a transfer, before anybody has answered.',
    engine: byTable({
      ...TABLE,
      withBot: {
        ...withBot,
        commanded: (turn, fact, state) => {
          withBot.commanded?.(turn, fact, state);
          turn.release('bot', null);
        },
      },
    }),
  },
  {
    name: 'no-silence-limit',
    what: 'A caller whose bot leaves while the target rings waits in silence for as long as it takes.',
    engine: byTable({
      ...TABLE,
      dialling: { ...dialling, botGone: () => undefined },
      retryWait: { ...retryWait, botGone: () => undefined },
      moving: { ...moving, botGone: () => undefined },
    }),
  },
  {
    name: 'caller-not-returned',
    what: 'The agent hangs up, the bot is told it has the caller back, and the caller hears nobody.',
    engine: byTable({
      ...TABLE,
      withTarget: {
        ...withTarget,
        targetGone: (turn, _fact, { transfer }) => {
          const evidence = { ...decided('far_end', 'bridge', transfer), sipCode: 200 };
          const verdict = { outcome: 'answered', evidence, hangup: false, next: NEXT.returning } as const;
          conclude(turn, transfer, 'transfer.completed', verdict);
          turn.tell({ type: 'transfer.returned', data: ofTransfer(transfer) });
          turn.state = { phase: 'withBot' };
        },
      },
    }),
  },
  {
    name: 'returned-too-early',
    what: 'The caller is reported back with the bot while its media is still on the way.',
    engine: byTable({
      ...TABLE,
      withTarget: {
        ...withTarget,
        targetGone: (turn, fact, state) => {
          withTarget.targetGone?.(turn, fact, state);
          if (turn.state.phase !== 'returning') return;
          turn.tell({ type: 'transfer.returned', data: ofTransfer(state.transfer) });
          turn.state = { phase: 'withBot' };
        },
      },
    }),
  },
  {
    name: 'bridged-too-early',
    what: "The bridge is reported when the target answers, before the caller's media has moved.",
    engine: byTable({
      ...TABLE,
      dialling: {
        ...dialling,
        targetAnswered: (turn, fact, state) => {
          dialling.targetAnswered?.(turn, fact, state);
          turn.tell({ type: 'transfer.bridged', data: ofAttempt(state.transfer) });
          if (turn.state.phase === 'moving') turn.state = { ...turn.state, phase: 'withTarget' };
        },
      },
    }),
  },
  {
    name: 'ring-timer-left-running',
    what: 'The target answers and its ring timer goes on.',
    engine: byTable({
      ...TABLE,
      dialling: {
        ...dialling,
        targetAnswered: (turn, { leg }, { transfer }) => {
          const answeredBy = transfer.plan.targets[0].label;
          turn.tell({ type: 'transfer.attempt.answered', data: { ...ofAttempt(transfer), answeredBy } });
          turn.connect('caller', leg);
          turn.state = { phase: 'moving', transfer, leg };
        },
      },
    }),
  },
  {
    name: 'silent-refusal',
    what: "Caller or bot refuses to follow the other's move, and the call goes on without anybody hearing anything.",
    engine: byTable({ ...TABLE, withBot: { ...withBot, mediaRefused: () => undefined } }),
  },
  {
    name: 'no-way-back',
    what: 'A caller that refuses to return to the bot is left where the agent was.',
    engine: byTable({ ...TABLE, returning: { ...returning, mediaRefused: () => undefined } }),
  },
  {
    name: 'failed-bridge-keeps-target',
    what: 'Caller and target cannot agree on media, the attempt is given up, and the target stays in its dialog.',
    engine: byTable({
      ...TABLE,
      moving: {
        ...moving,
        mediaRefused: (turn, _fact, { transfer }) => {
          watchLoneCaller(turn, transfer);
          failAttempt(turn, transfer, 'media_incompatible', decided('far_end', 'media', transfer));
        },
      },
    }),
  },
];

const OF_EFFECTS: readonly Breakage[] = [
  {
    name: 'late-answer-kept',
    what: 'A target that answers after we gave up is not sent a BYE.',
    engine: byEffects((e, event, before) =>
      e.type === 'bye' && event.type === 'answered' && before.legs.get(e.leg)?.phase === 'cancelling'
        ? []
        : [e],
    ),
  },
  {
    name: 'two-verdicts',
    what: 'The bot is told the outcome of a transfer twice.',
    engine: byEffects((e) => (isVerdict(e) ? [e, e] : [e])),
  },
  {
    name: 'failure-is-success',
    what: 'A failed transfer is reported to the bot as SUCCESS.',
    engine: byEffects((e) => {
      if (e.type !== 'tell' || e.event.type !== 'transfer.failed') return [e];
      const transferStatus = { ...e.event.data.transferStatus, status: 'SUCCESS' as const };
      const event = { type: e.event.type, data: { ...e.event.data, transferStatus } };
      return [{ ...e, event }];
    }),
  },
  {
    name: 'hangup-flag-lost',
    what: 'The bot is told that a caller who has hung up is still there.',
    engine: byEffects((e) => {
      if (e.type !== 'tell' || e.event.type !== 'transfer.failed') return [e];
      const transferStatus = { ...e.event.data.transferStatus, hangup: false };
      const event = { type: e.event.type, data: { ...e.event.data, transferStatus } };
      return [{ ...e, event }];
    }),
  },
  {
    name: 'hangup-leaves-target',
    what: 'An ordered hang-up ends the call but leaves the agent in its dialog.',
    engine: byEffects((e, event) =>
      event.type === 'hangupRequested' && e.type === 'bye' && e.leg.startsWith('agent-') ? [] : [e],
    ),
  },
  {
    name: 'glare-not-retried',
    what: 'A re-INVITE that met one of theirs (491) is taken for refused and never tried again.',
    engine: {
      ...REAL,
      step: (call, event) =>
        event.type === 'reofferRefused' && event.refusal.code === 491
          ? REAL.step(call, { ...event, refusal: { ...event.refusal, code: 488 } })
          : REAL.step(call, event),
    },
  },
  {
    name: 'version-not-raised',
    what: 'A changed body goes out with the o= version of the last one.',
    engine: reoffers((sdp) =>
      sdp.replace(/^(o=- \d+ )(\d+)/m, (_all, id: string, v: string) => id + String(Number(v) - 1)),
    ),
  },
  {
    name: 'stream-removed',
    what: 'A re-INVITE forgets the video line the session once had.',
    engine: reoffers((sdp) => sdp.replace(/m=video[^]*$/, '')),
  },
  {
    name: 'bot-stays-parked',
    what: 'The bot is kept on hold when the caller comes back.',
    engine: reoffers(inactive, 'bot'),
  },
  {
    name: 'offer-unanswered',
    what: "A party's re-INVITE that comes at a bad moment gets no answer at all.",
    engine: byEffects((e) => (e.type === 'refuseOffer' ? [] : [e])),
  },
  {
    name: 'offer-answered-twice',
    what: "A party's re-INVITE is answered twice.",
    engine: byEffects((e) => (e.type === 'acceptOffer' ? [e, e] : [e])),
  },
  {
    name: 'late-offer-not-acked',
    what: 'A 2xx that carried the offer gets an ACK without an answer.',
    engine: byEffects((e) => (e.type === 'ack' ? [] : [e])),
  },
  {
    name: 'legs-share-a-session',
    what: "A target is shown the o= session id of the caller's leg.",
    engine: byEffects((e) =>
      e.type === 'dial' && e.sdp !== null ? [{ ...e, sdp: e.sdp.replace(/^o=- \d+/m, 'o=- 1000') }] : [e],
    ),
  },
  {
    name: 'done-too-early',
    what: 'The call is forgotten before its last dialog is closed.',
    engine: byEffects((e) =>
      e.type === 'tell' && e.event.type === 'call.ended' ? [e, { type: 'done' }] : KEEP(e),
    ),
  },
  {
    name: 'call-ended-untold',
    what: 'The bot is not told that the call is over.',
    engine: byEffects((e) => (e.type === 'tell' && e.event.type === 'call.ended' ? [] : [e])),
  },
];

export const BREAKAGES: readonly Breakage[] = [
  ...OF_TABLE,
  ...OF_EFFECTS,
  ...OF_REFERRAL,
  ...OF_SEATS,
  ...OF_SOUND,
];
