import { describe, expect, it } from 'vitest';
import { BY_BYE, byInvite, byRefer, CallScript, reached } from '../support/call-script.js';

/** A transfer by REFER to `a`, alone or with INVITE in reserve. */
const REFER = { to: [reached('a', byRefer('a'))] };
const OR_INVITE = {
  to: [reached('a', byRefer('a'), { ...byInvite('a'), after: 'method_refused' as const })],
};

const story = (s: CallScript): readonly string[] =>
  s.told.slice(1).map((t) => t.replace('transfer.', '').replace('attempt.', ''));

describe('a transfer by REFER', () => {
  it('is a success when the final NOTIFY says so, and then the caller is taken away', () => {
    const s = CallScript.ringing(REFER);
    expect(s.did).toEqual([
      'tell transfer.requested',
      'tell transfer.attempt.started',
      'refer caller',
      'start referResponse',
      'start referTotal',
    ]);
    expect(s.takesRefer().did).toEqual(['stop referResponse', 'start firstNotify', 'learn carrier true']);
    expect(s.notifies(100).did).toEqual(['stop firstNotify', 'start ring']);
    expect(s.notifies(180).did).toEqual(['tell transfer.attempt.ringing']);
    expect(s.notifies(200).did).toEqual([
      'stop ring',
      'stop referTotal',
      'tell transfer.attempt.answered',
      'tell transfer.completed',
      'bye bot',
      'start depart',
    ]);
    expect(s.heard('transfer.completed')).toMatchObject({
      outcome: 'answered',
      evidence: { sipCode: 200, phase: 'notify', decidedBy: 'far_end' },
      transferStatus: { status: 'SUCCESS', hangup: false, number: 'a' },
    });
    s.hangsUp('caller').closes('bot');
    expect(s.heard('call.ended')).toMatchObject({ by: 'transfer' });
    expect(s.call.state.phase).toBe('ended');
  });

  it('gets a BYE of ours when the network sends none after its success', () => {
    const s = CallScript.ringing(REFER).takesRefer().notifies(200).fires('depart');
    expect(s.did).toEqual(['bye caller', 'tell call.ended']);
  });

  it.each([
    [486, 'busy'],
    [603, 'declined'],
    [404, 'invalid_number'],
    [480, 'no_answer'],
    [503, 'congestion'],
  ])('fails with what the final NOTIFY says (%i), and the caller is with the bot', (code, outcome) => {
    const s = CallScript.ringing(REFER).takesRefer().notifies(100).notifies(code);
    expect(s.heard('transfer.failed')).toMatchObject({
      outcome,
      evidence: { sipCode: code, phase: 'notify' },
    });
    expect(s.told.at(-1)).toBe('transfer.returned');
    expect(s.phase).toBe('withBot');
  });

  it.each([
    ['a subscription that ends while it rings', (s: CallScript) => s.notifies(180, true)],
    ['a subscription that ends without a word', (s: CallScript) => s.notifies(null, true)],
    ['no NOTIFY at all', (s: CallScript) => s.fires('firstNotify')],
    ['no final NOTIFY in the ring time', (s: CallScript) => s.notifies(180).fires('ring')],
    ['no final NOTIFY in all', (s: CallScript) => s.notifies(180).fires('referTotal')],
    ['a caller who is gone before it', (s: CallScript) => s.notifies(180).hangsUp('caller')],
  ])('is unknown, never a success, after %s', (_what, happens) => {
    const s = happens(CallScript.ringing(REFER).takesRefer());
    expect(s.heard('transfer.failed')).toMatchObject({
      outcome: 'unknown',
      transferStatus: { status: 'FAIL' },
    });
    expect(s.call.timers.size).toBe(0);
  });

  it('without any answer to the REFER is a timeout', () => {
    const s = CallScript.ringing(REFER).fires('referResponse');
    expect(s.heard('transfer.failed')).toMatchObject({
      outcome: 'timeout',
      evidence: { phase: 'refer_response', decidedBy: 'refer_timer' },
    });
  });

  it('takes a NOTIFY that overtakes the 202 for what it is', () => {
    const s = CallScript.ringing(REFER).notifies(180);
    expect(story(s)).toEqual(['requested', 'started', 'ringing']);
    expect(s.takesRefer().did).toEqual([]);
    expect(s.notifies(200).phase).toBe('departing');
  });

  it('hears nothing of an older REFER', () => {
    const s = CallScript.ringing({ to: [...REFER.to, ...REFER.to] })
      .takesRefer(1)
      .notifies(486, true, 1);
    expect(s.phase).toBe('referring');
    expect(s.notifies(200, true, 1).did).toEqual([]);
    expect(s.notifies(200, true, 2).phase).toBe('departing');
  });
});

describe('a network that does not do REFER', () => {
  it.each([403, 405, 420, 489, 501, 603])('%i: INVITE instead, and the bot is told', (code) => {
    const s = CallScript.ringing(OR_INVITE).refusesRefer(code);
    expect(s.did).toEqual([
      'learn carrier false',
      'stop referResponse',
      'stop referTotal',
      'tell transfer.attempt.ended',
      'tell transfer.degraded',
      'tell transfer.attempt.started',
      'dial agent-2',
      'start ring',
    ]);
    expect(s.heard('transfer.degraded')).toMatchObject({ from: 'refer', to: 'invite', attempt: { n: 1 } });
    expect(s.heard('transfer.attempt.started')).toMatchObject({
      attempt: { n: 2, method: 'invite', because: 'method_refused' },
    });
  });

  it('is not to blame when it is the target that is refused', () => {
    const s = CallScript.ringing(OR_INVITE).refusesRefer(404);
    expect(s.told).not.toContain('transfer.degraded');
    expect(s.heard('transfer.failed')).toMatchObject({ outcome: 'invalid_number' });
  });
});

describe('a transfer by BYE', () => {
  const BYE = { to: [reached('ivr', BY_BYE)] };

  it('says in its headers where the caller goes; its 2xx is the verdict', () => {
    const s = CallScript.ringing(BYE);
    expect(s.last.find((e) => e.type === 'bye')).toMatchObject({
      leg: 'caller',
      headers: [['X-Session', 's1']],
    });
    s.closes('caller', 200);
    expect(s.heard('transfer.completed')).toMatchObject({
      outcome: 'answered',
      evidence: { sipCode: 200, phase: 'bye' },
      transferStatus: { status: 'SUCCESS', hangup: false },
    });
    expect(s.did.slice(-2)).toEqual(['bye bot', 'tell call.ended']);
  });

  it.each([
    ['481', (s: CallScript) => s.closes('caller', 481)],
    ['no answer', (s: CallScript) => s.closes('caller', null)],
    ['a BYE of theirs that crosses it', (s: CallScript) => s.hangsUp('caller')],
  ])('is unknown after %s', (_what, happens) => {
    const s = happens(CallScript.ringing(BYE));
    expect(s.heard('transfer.failed')).toMatchObject({
      outcome: 'unknown',
      transferStatus: { status: 'FAIL', hangup: true },
    });
    expect(s.closes('bot').did).toEqual(['done']);
  });
});
