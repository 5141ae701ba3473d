import type { CallEvent } from '../../src/domain/call-event.js';
import type { Effect } from '../../src/domain/effect.js';
import { TABLE } from '../../src/domain/table.js';
import { byEffects, byEvents, byTable, without, type Breakage } from './breakage.js';
import { REAL } from './world.js';

const { referring, departing } = TABLE;

const GONE = { sipCode: null, q850: null, text: 'gone' } as const;

const notified = (event: CallEvent, code: number): CallEvent =>
  event.type === 'notified' ? { ...event, status: { code, reason: 'OK' } } : event;

const isFinalNotify = (e: Effect): boolean => e.type === 'notifyRefer' && e.final;

/** REFER and BYE, ours and theirs. */
export const OF_REFERRAL: readonly Breakage[] = [
  {
    name: 'no-word-is-success',
    what: 'A subscription that ends without a final status is taken for an answered transfer.',
    engine: byEvents((event) =>
      event.type === 'notified' && event.terminated && (event.status?.code ?? 100) < 200
        ? notified(event, 200)
        : event,
    ),
  },
  {
    name: 'ringing-is-success',
    what: 'A NOTIFY that says the target rings is taken for its answer.',
    engine: byEvents((event) =>
      event.type === 'notified' && event.status?.code === 180 ? notified(event, 200) : event,
    ),
  },
  {
    name: 'accepted-is-success',
    what: 'The 202 to REFER is taken for the answer of the target.',
    engine: byEvents((event) =>
      event.type === 'referAnswered' && event.refusal === null
        ? {
            type: 'notified',
            leg: event.leg,
            referral: event.referral,
            status: { code: 200, reason: 'OK' },
            terminated: true,
          }
        : event,
    ),
  },
  {
    name: 'final-notify-missed',
    what: 'The NOTIFY that says the target has answered is not listened to.',
    engine: byEvents((event) =>
      event.type === 'notified' && event.status?.code === 200 ? notified(event, 180) : event,
    ),
  },
  {
    name: 'old-notify-believed',
    what: 'A late NOTIFY of an earlier REFER decides about the one that is under way.',
    engine: byEvents((event, { state }) =>
      event.type === 'notified' && state.phase === 'referring'
        ? { ...event, referral: state.referral }
        : event,
    ),
  },
  {
    name: 'bye-always-taken',
    what: 'A BYE with instructions that nobody answers, or that is refused, is reported as a success.',
    engine: byEvents((event, { state }) =>
      event.type === 'closed' && event.leg === 'caller' && state.phase === 'handingBack'
        ? { ...event, code: 200 }
        : event,
    ),
  },
  {
    name: 'departed-in-silence',
    what: 'A caller handed over by REFER whose network never sends its BYE is kept, and hears nobody.',
    engine: byTable({ ...TABLE, departing: { ...departing, departTimeout: () => undefined } }),
  },
  {
    name: 'left-while-referring',
    what: 'The caller leaves before the final NOTIFY, and nobody learns what became of the transfer.',
    engine: byTable({
      ...TABLE,
      referring: { ...referring, callerGone: (turn) => turn.end('caller', GONE) },
    }),
  },
  {
    name: 'refer-never-given-up',
    what: 'The network takes REFER and falls silent; the transfer waits for ever.',
    engine: byTable({
      ...TABLE,
      referring: { ...referring, referTimeout: () => undefined, ringTimeout: () => undefined },
    }),
  },
  {
    name: 'degraded-untold',
    what: 'The far end does not do REFER, INVITE is used instead, and the bot is not told.',
    engine: without((e) => e.type === 'tell' && e.event.type === 'transfer.degraded'),
  },
  {
    name: 'referrer-not-told',
    what: 'Whoever asked by REFER never hears how it ended.',
    engine: without(isFinalNotify),
  },
  {
    name: 'referrer-told-twice',
    what: 'Whoever asked by REFER gets two final NOTIFYs.',
    engine: byEffects((e) => (isFinalNotify(e) ? [e, e] : [e])),
  },
  {
    name: 'referrer-lied-to',
    what: 'Whoever asked by REFER is told 200 when nobody has answered.',
    engine: byEffects((e) => (e.type === 'notifyRefer' && e.final ? [{ ...e, code: 200 }] : [e])),
  },
  {
    name: 'refer-unanswered',
    what: 'A REFER that comes at a bad moment, or that policy forbids, gets no answer.',
    engine: without((e) => e.type === 'refuseRefer'),
  },
  {
    name: 'refer-refused-and-taken',
    what: 'A REFER is answered 491 and then 202.',
    engine: byEffects((e) =>
      e.type === 'acceptRefer'
        ? [{ ...e, type: 'refuseRefer', code: 491, reason: 'Request Pending' }, e]
        : [e],
    ),
  },
  {
    name: 'refused-half-told',
    what: 'A forbidden transfer is told as requested, and never as failed.',
    engine: without(
      (e, event) =>
        event.type === 'transferRefused' && e.type === 'tell' && e.event.type === 'transfer.failed',
    ),
  },
  {
    name: 'told-after-the-end',
    what: 'A transfer refused after the call has ended is still told.',
    engine: {
      ...REAL,
      step: (call, event) =>
        event.type === 'transferRefused'
          ? { ...REAL.step({ ...call, state: { phase: 'withBot' } }, event), next: call }
          : REAL.step(call, event),
    },
  },
  {
    name: 'info-echoed',
    what: 'A key pressed by one party is sent back to it.',
    engine: byEffects((e, event) =>
      e.type === 'info' && event.type === 'info' ? [{ ...e, leg: event.leg }] : [e],
    ),
  },
];
