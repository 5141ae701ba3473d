import type { CallSetup } from '../../src/domain/call.js';
import { asSessionId, asTransferId } from '../../src/domain/ids.js';
import type { DialTarget, FallbackRule, TransferPlan } from '../../src/domain/plan.js';
import type { Prng } from './prng.js';

export const target = (label: string): DialTarget => ({
  label,
  uri: `sip:${label}@127.0.0.1`,
  route: null,
  trunk: 'carrier',
  from: { user: null, display: null, host: null },
  headers: [],
  auth: null,
});

export const SETUP: CallSetup = {
  from: '+16120000001',
  to: '18000000000',
  trunk: 'carrier',
  bot: target('bot'),
  answerTimeoutMs: 20_000,
  sdpSeed: 1000,
  host: '127.0.0.1',
};

const [A, B, C] = [target('a'), target('b'), target('c')];
const LISTS: readonly TransferPlan['targets'][] = [[A], [A], [A, B], [A, B, C], [B, B]];

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

export function randomPlan(rng: Prng, n: number): TransferPlan {
  return {
    id: asTransferId(`tr_${n}`),
    sessionId: asSessionId(`agent_transfer:${n}:c:ch`),
    method: 'invite',
    targets: rng.pick(LISTS),
    ringTimeoutMs: 30_000,
    returnToBot: rng.percent(60),
    onFailure: rng.pick(RULES),
    otherwise: rng.percent(70) ? 'stay' : 'end',
    callerSilenceMs: 15_000,
    reason: null,
    metadata: {},
  };
}

/** May the policy end the call for this plan while the bot could still have the caller? */
export const mayEnd = (plan: TransferPlan): boolean =>
  plan.otherwise === 'end' || plan.onFailure.some((r) => r.action.kind === 'end');
