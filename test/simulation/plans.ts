import type { CallSetup } from '../../src/domain/call.js';
import { asSessionId, asTransferId } from '../../src/domain/ids.js';
import type {
  DialTarget,
  FallbackRule,
  InviteWay,
  Message,
  RefusedPlan,
  Target,
  TransferPlan,
  TransferSounds,
  Way,
  WayReason,
} from '../../src/domain/plan.js';
import type { Prng } from './prng.js';

const address = (label: string): DialTarget => ({
  label,
  uri: `sip:${label}@127.0.0.1`,
  route: null,
  trunk: 'carrier',
  from: { user: null, display: null, host: null },
  headers: [],
  postDial: null,
  auth: null,
});

export const SETUP: CallSetup & { readonly bot: DialTarget } = {
  from: '+16120000001',
  to: '18000000000',
  trunk: 'carrier',
  bot: address('bot'),
  answerTimeoutMs: 20_000,
  sdpSeed: 1000,
  host: '127.0.0.1',
  statusMap: { '603': 486 },
  media: 'direct',
  script: null,
  consent: null,
};

const invite = (after: WayReason | null, first: string, ...more: readonly string[]): InviteWay => ({
  method: 'invite',
  after,
  trunk: after === 'trunk_failed' ? 'other' : 'carrier',
  branches: [address(first), ...more.map(address)],
});

const refer = (label: string): Way => ({
  method: 'refer',
  after: null,
  trunk: 'carrier',
  referTo: `<sip:${label}@127.0.0.1>`,
  referredBy: null,
  headers: [],
  auth: null,
});

const BYE: Way = { method: 'bye', after: null, trunk: 'carrier', headers: [['X-Session', 's']] };

/** The ways to one target, commonest first. */
const WAYS: readonly ((label: string) => Target['ways'])[] = [
  (label) => [invite(null, label)],
  (label) => [invite(null, label)],
  (label) => [invite(null, label)],
  (label) => [invite(null, `${label}1`, `${label}2`)],
  (label) => [invite(null, `${label}1`, `${label}2`, `${label}3`), invite('trunk_failed', label)],
  (label) => [invite(null, label), invite('caller_id_refused', label), invite('trunk_failed', label)],
  (label) => [refer(label)],
  (label) => [refer(label), invite('method_refused', label)],
  (label) => [refer(label), invite('method_refused', label), invite('trunk_failed', label)],
  () => [BYE],
];

const LISTS = [['a'], ['a'], ['a', 'b'], ['a', 'b', 'c'], ['b', 'b']] as const;

const RULES: readonly (readonly FallbackRule[])[] = [
  [],
  [],
  [{ match: ['*'], action: { kind: 'next' } }],
  [{ match: ['*'], action: { kind: 'retry', afterMs: 1000, times: 2 } }],
  [{ match: ['busy', 'no_answer'], action: { kind: 'goto', node: 'Apology', message: { text: 'busy' } } }],
  [{ match: ['*'], action: { kind: 'end', message: null } }],
  [
    { match: ['486', '5xx'], action: { kind: 'retry', afterMs: 500, times: 1 } },
    { match: ['4xx'], attempt: 1, action: { kind: 'next' } },
    { match: ['*'], action: { kind: 'play', message: { file: 'sorry.wav' } } },
  ],
  [
    { match: ['*'], target: 'a', action: { kind: 'retry', afterMs: 500, times: 1 } },
    { match: ['media_incompatible', '6xx'], action: { kind: 'end', message: { text: 'bye' } } },
  ],
];

const idsOf = (n: number): Pick<TransferPlan, 'id' | 'sessionId'> => ({
  id: asTransferId(`tr_${n}`),
  sessionId: asSessionId(`agent_transfer:${n}:c:ch`),
});

const INTRODUCTION: Message = { text: 'You are connected.' };

/** Every field of it, each on its own. */
const randomSounds = (rng: Prng): TransferSounds => ({
  waiting: rng.pick(['bot', 'bot', 'ringback', 'early', { music: 'moh.wav' }] as const),
  announce: rng.percent(20) ? [{ text: 'One moment.' }] : [],
  whisper: rng.percent(20) ? { file: 'whisper.wav' } : null,
  confirm: rng.percent(25)
    ? { key: '1', message: rng.percent(70) ? { text: 'Press one.' } : null, timeoutMs: 10_000 }
    : null,
  warm: rng.percent(20)
    ? { introduction: rng.percent(50) ? INTRODUCTION : null, key: '#', maxMs: 30_000 }
    : null,
  returnKey: rng.percent(40) ? '*' : null,
});

export function randomPlan(rng: Prng, n: number, media: CallSetup['media'] = 'direct'): TransferPlan {
  const [first, ...more] = rng.pick(LISTS);
  const music = media === 'anchored' && rng.percent(10) ? { music: 'queue.wav' } : {};
  const target = (label: string): Target => ({ label, ways: rng.pick(WAYS)(label), ...music });
  return {
    ...idsOf(n),
    method: 'auto',
    targets: [target(first), ...more.map(target)],
    ringTimeoutMs: 30_000,
    refer: { responseMs: 32_000, firstNotifyMs: 10_000, totalMs: 60_000, departMs: 5_000 },
    returnToBot: rng.percent(60),
    onFailure: rng.pick(RULES),
    otherwise: rng.percent(70) ? 'stay' : 'end',
    callerSilenceMs: 15_000,
    sounds: media === 'anchored' ? randomSounds(rng) : null,
    continueRecording: false,
    reason: null,
    metadata: {},
  };
}

/** One target, one way, no rules: whoever it is meant for is there, or is not. */
export function simplePlan(rng: Prng, n: number, media: CallSetup['media'] = 'direct'): TransferPlan {
  const plan = randomPlan(rng, n, media);
  return { ...plan, targets: [{ label: 'a', ways: [invite(null, 'a')] }], onFailure: [], otherwise: 'stay' };
}

/** A command that policy forbids. */
export const refusedPlan = (n: number): RefusedPlan => ({
  ...idsOf(n),
  method: 'auto',
  reason: null,
  metadata: {},
  targets: ['forbidden'],
  outcome: 'forbidden',
  why: 'the target is not allowed',
});
