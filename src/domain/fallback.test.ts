import { describe, expect, it } from 'vitest';
import { decide, type Failure } from './fallback.js';
import { asSessionId, asTransferId } from './ids.js';
import type { FailureMatch, FallbackAction, FallbackRule, TransferPlan } from './plan.js';

const plan = (onFailure: readonly FallbackRule[], otherwise: 'stay' | 'end' = 'stay'): TransferPlan => ({
  id: asTransferId('tr_1'),
  sessionId: asSessionId('s'),
  method: 'invite',
  targets: [
    {
      label: 'a',
      ways: [
        {
          method: 'refer',
          after: null,
          trunk: null,
          referTo: '<sip:a@h>',
          referredBy: null,
          headers: [],
          auth: null,
        },
      ],
    },
  ],
  ringTimeoutMs: 1,
  refer: { responseMs: 1, firstNotifyMs: 1, totalMs: 1, departMs: 1 },
  returnToBot: true,
  onFailure,
  otherwise,
  callerSilenceMs: 1,
  sounds: null,
  continueRecording: false,
  reason: null,
  metadata: {},
});

const busy: Failure = { outcome: 'busy', sipCode: 486, target: 'a', attempt: 1 };
const timeout: Failure = { outcome: 'no_answer', sipCode: null, target: 'a', attempt: 1 };
const NEXT: FallbackAction = { kind: 'next' };
const END: FallbackAction = { kind: 'end', message: null };
const PLAY: FallbackAction = { kind: 'play', message: { text: 'sorry' } };
const GOTO: FallbackAction = { kind: 'goto', node: 'Apology', message: null };
const RETRY: FallbackAction = { kind: 'retry', afterMs: 500, times: 2 };
const rule = (
  match: FailureMatch,
  action: FallbackAction,
  more: Partial<FallbackRule> = {},
): FallbackRule => ({
  match: [match],
  action,
  ...more,
});

describe('which rule matches', () => {
  it.each<[FailureMatch, Failure, boolean]>([
    ['busy', busy, true],
    ['no_answer', busy, false],
    ['486', busy, true],
    ['487', busy, false],
    ['4xx', busy, true],
    ['5xx', busy, false],
    ['*', busy, true],
    ['*', timeout, true],
    ['no_answer', timeout, true],
    ['4xx', timeout, false],
  ])('%s', (match, failure, matches) => {
    const { kind } = decide(plan([rule(match, END)]), failure, false, {});
    expect(kind).toBe(matches ? 'end' : 'stay');
  });

  it('any word of the list will do', () => {
    expect(decide(plan([{ match: ['declined', '486'], action: GOTO }]), busy, false, {})).toEqual(GOTO);
  });

  it('the first match wins', () => {
    expect(decide(plan([rule('4xx', PLAY), rule('busy', END)]), busy, true, {})).toEqual(PLAY);
  });

  it('may be narrowed to a target and to an attempt', () => {
    const rules = plan([rule('*', END, { target: 'b' }), rule('*', PLAY, { attempt: 2 }), rule('*', GOTO)]);
    expect(decide(rules, busy, false, {})).toEqual(GOTO);
    expect(decide(rules, { ...busy, target: 'b' }, false, {})).toEqual(END);
    expect(decide(rules, { ...busy, attempt: 2 }, false, {})).toEqual(PLAY);
  });
});

describe('a member of a queue that is not its last', () => {
  const member: Failure = { ...busy, huntsOn: true };

  it('gives way to the next before any rule, as long as there is one', () => {
    const rules = plan([rule('*', RETRY), rule('*', END)]);
    expect(decide(rules, member, true, {})).toEqual(NEXT);
    expect(decide(rules, member, false, { 0: 2 })).toEqual(END);
  });
});

describe('a rule that cannot act is passed over', () => {
  it('next without a next target', () => {
    const rules = plan([rule('*', NEXT), rule('*', GOTO)]);
    expect(decide(rules, busy, true, {})).toEqual(NEXT);
    expect(decide(rules, busy, false, {})).toEqual(GOTO);
  });

  it('retry when its times are used up, counted for each rule alone', () => {
    const rules = plan([rule('*', RETRY), rule('*', END)]);
    expect(decide(rules, busy, false, {})).toEqual({ kind: 'retry', afterMs: 500, rule: 0 });
    expect(decide(rules, busy, false, { 0: 1, 1: 9 })).toEqual({ kind: 'retry', afterMs: 500, rule: 0 });
    expect(decide(rules, busy, false, { 0: 2 })).toEqual(END);
  });
});

describe('without a rule', () => {
  it('the next target is tried, then the plan says where the caller stays', () => {
    expect(decide(plan([]), busy, true, {})).toEqual({ kind: 'next' });
    expect(decide(plan([]), busy, false, {})).toEqual({ kind: 'stay' });
    expect(decide(plan([], 'end'), busy, false, {})).toEqual({ kind: 'leave' });
  });
});
