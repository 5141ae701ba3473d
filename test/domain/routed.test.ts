import { describe, expect, it } from 'vitest';
import { byInvite, byRefer, CallScript, reached, sdp } from '../support/call-script.js';

const TWO = { to: [reached('queue', byInvite('one', 'two'))] };

describe('a call routed without a bot', () => {
  it("hears its target's ringing, and is answered when the target is", () => {
    const s = CallScript.routed();
    expect(s.rings('agent-1').did).toContain('ring caller');
    s.answers('agent-1');
    expect(s.did).toEqual([
      'answer caller',
      'stop ring',
      'tell transfer.attempt.answered',
      'tell transfer.bridged',
    ]);
    expect(s.shown('caller')).toBe('3001 sendrecv');
    expect(s.hangsUp('agent-1').heard('call.ended')).toMatchObject({ by: 'agent' });
  });

  it('whose first target was heard and then failed is answered with what it heard, and then shown the next', () => {
    const s = CallScript.routed({ to: ['a', 'b'] }).rings('agent-1', 183, sdp(7000));
    const early = s.shown('caller');
    expect(early).toBe('7000 sendrecv');
    s.refuses('agent-1', 486);
    // Nobody else's early media can follow: the first answer counts.
    expect(s.rings('agent-2', 183, sdp(7001)).last).toContainEqual(
      expect.objectContaining({ type: 'ring', code: 183, sdp: null }),
    );
    s.answers('agent-2');
    const [answer, reoffer] = s.last.filter(({ type }) => type === 'answer' || type === 'reoffer');
    const ring = s.all.find(({ type }) => type === 'ring');
    expect(answer).toMatchObject({ type: 'answer', sdp: ring?.type === 'ring' ? ring.sdp : '' });
    expect(reoffer).toMatchObject({ type: 'reoffer', leg: 'caller' });
    expect(s.shown('caller')).toBe('3002 sendrecv');
    expect([s.phase, s.told.at(-1)]).toEqual(['moving', 'transfer.attempt.answered']);
    expect([s.accepts('caller').phase, s.told.at(-1)]).toEqual(['withTarget', 'transfer.bridged']);
  });

  it('hears one target before and after its answer without a re-INVITE', () => {
    const s = CallScript.routed().rings('agent-1', 183, sdp(3001)).rings('agent-1', 183, sdp(3001));
    const rings = s.all.flatMap((effect) => (effect.type === 'ring' ? [effect.sdp] : []));
    expect(rings).toEqual([rings[0], rings[0]]);
    expect(s.shown('caller')).toBe('3001 sendrecv');
    expect(s.answers('agent-1').did).toEqual([
      'answer caller',
      'stop ring',
      'tell transfer.attempt.answered',
      'tell transfer.bridged',
    ]);
  });

  it('that leaves the offer to us is answered with the offer of the target', () => {
    const s = CallScript.routed({}, null).answers('agent-1');
    expect(s.did).toEqual(expect.arrayContaining(['start ack:caller', 'answer caller']));
    s.acks('caller');
    expect(s.did).toEqual(
      expect.arrayContaining(['stop ack:caller', 'ack agent-1', 'tell transfer.bridged']),
    );
  });

  it.each([
    [486, 486],
    [404, 404],
    [503, 503],
    // Codes that would make the network act on us.
    [401, 500],
    [302, 500],
    [487, 480],
    [408, 480],
  ])('whose target says %i gets %i', (said, told) => {
    expect(CallScript.routed().refuses('agent-1', said).did).toContain(`reject caller ${told}`);
  });

  it.each<[string, (s: CallScript) => CallScript, number]>([
    ['is hung up by order', (s) => s.ordered(), 503],
    ['has its transfer cancelled', (s) => s.cancels(), 480],
  ])('that %s gets the code its trunk wants', (_what, happens, code) => {
    expect(happens(CallScript.routed()).did).toContain(`reject caller ${code}`);
    expect(happens(CallScript.routed({}, undefined, { [code]: 486 })).did).toContain('reject caller 486');
  });

  it('that nobody answers gets 480', () => {
    expect(CallScript.routed().fires('ring').did).toContain('reject caller 480');
  });

  it('goes to the next target first, and only the last failure is its answer', () => {
    const s = CallScript.routed({ to: ['a', 'b'] }).refuses('agent-1', 486);
    expect(s.did).not.toContain('reject caller 486');
    expect(s.refuses('agent-2', 603).did).toContain('reject caller 603');
  });

  it('that gives up leaves the target cancelled and the transfer with a verdict', () => {
    const s = CallScript.routed().hangsUp('caller', null);
    expect(s.heard('transfer.failed')).toMatchObject({ outcome: 'caller_hangup' });
    expect(s.did).toContain('cancel agent-1');
  });

  it('cannot be referred before it is answered', () => {
    const s = CallScript.routed({ to: [reached('a', byRefer('a'))] });
    expect(s.heard('transfer.failed')).toMatchObject({ outcome: 'not_supported', next: { action: 'end' } });
    expect(s.did.some((d) => d.startsWith('reject caller'))).toBe(true);
  });

  it('rings into no conversation when its agent passes it on and leaves', () => {
    const s = CallScript.routed()
      .answers('agent-1')
      .refers('agent-1', { to: ['b'] })
      .hangsUp('agent-1');
    expect(s.rings('agent-2').did).not.toContain('ring caller');
  });
});

describe('several that ring together', () => {
  it('the first to answer has the caller, the others are cancelled', () => {
    const s = CallScript.ringing(TWO).answers('agent-2');
    expect(s.did.slice(0, 3)).toEqual(['cancel agent-1', 'stop ring', 'tell transfer.attempt.answered']);
    expect(s.heard('transfer.attempt.answered')).toMatchObject({
      answeredBy: 'two',
      attempt: { target: 'queue' },
    });
    expect(s.answers('agent-1').did).toEqual(['bye agent-1']);
  });

  it('fail when the last has failed, with what says most', () => {
    const s = CallScript.ringing(TWO).refuses('agent-1', 486);
    expect(s.did).toEqual([]);
    s.refuses('agent-2', 503);
    expect(s.heard('transfer.failed')).toMatchObject({ outcome: 'busy', evidence: { sipCode: 486 } });
  });

  it('one of them with media nobody can use does not spoil it for the others', () => {
    const s = CallScript.ringing(TWO).answers('agent-1', 'hello');
    expect([s.phase, s.did]).toEqual(['dialling', ['bye agent-1']]);
    expect(s.answers('agent-2', sdp(3002)).phase).toBe('moving');
  });
});

describe('other ways to the same target', () => {
  it('403: the same call with the business number', () => {
    const again = { ...byInvite('a'), after: 'caller_id_refused' as const };
    const s = CallScript.ringing({ to: [reached('a', byInvite('a'), again)] }).refuses('agent-1', 403);
    expect(s.heard('transfer.attempt.started')).toMatchObject({
      attempt: { n: 2, target: 'a', because: 'caller_id_refused' },
    });
    expect(s.refuses('agent-2', 403).heard('transfer.failed')).toMatchObject({ outcome: 'forbidden' });
  });

  it('a full trunk: another one, and no code of anybody in the evidence', () => {
    const other = { ...byInvite('a'), trunk: 'other', after: 'trunk_failed' as const };
    const s = CallScript.ringing({ to: [reached('a', byInvite('a'), other)] });
    s.refuses('agent-1', 503, null, 'policy');
    expect(s.heard('transfer.attempt.ended')).toMatchObject({
      outcome: 'congestion',
      evidence: { sipCode: null, phase: 'policy', decidedBy: 'policy', attempt: 1 },
    });
    expect(s.heard('transfer.attempt.started')).toMatchObject({ attempt: { n: 2, trunk: 'other' } });
    s.refuses('agent-2', 503, null, 'policy');
    expect(s.heard('transfer.failed')).toMatchObject({ outcome: 'congestion', evidence: { attempt: 2 } });
  });

  it('a full trunk under a REFER: not by INVITE, the next target', () => {
    const invite = { ...byInvite('a'), after: 'method_refused' as const };
    const spare = { ...byInvite('a'), after: 'trunk_failed' as const };
    const s = CallScript.ringing({ to: [reached('a', byRefer('a'), invite, spare), 'b'] });
    s.refusesRefer(503, 'policy');
    expect(s.heard('transfer.attempt.ended')).toMatchObject({
      outcome: 'congestion',
      evidence: { sipCode: null, phase: 'policy', decidedBy: 'policy' },
    });
    expect(s.heard('transfer.attempt.started')).toMatchObject({ attempt: { target: 'b', because: null } });
  });

  it('a full trunk under one of several that ring: the others ring on', () => {
    const s = CallScript.ringing(TWO).refuses('agent-1', 503, null, 'policy');
    expect([s.phase, s.did]).toEqual(['dialling', []]);
    expect(s.answers('agent-2').phase).toBe('moving');
  });

  it.each([500, 503, 502])('%i: another trunk', (code) => {
    const other = { ...byInvite('a'), trunk: 'other', after: 'trunk_failed' as const };
    const s = CallScript.ringing({ to: [reached('a', byInvite('a'), other)] }).refuses('agent-1', code);
    expect(s.heard('transfer.attempt.started')).toMatchObject({
      attempt: { trunk: 'other', because: 'trunk_failed' },
    });
  });
});

describe('a caller whose bot cannot be had', () => {
  const answered = (
    happens: (s: CallScript) => CallScript,
    statusMap: Record<string, number> = {},
  ): unknown => happens(CallScript.mapped(statusMap)).all.find(({ type }) => type === 'reject');

  it.each<[string, (s: CallScript) => CallScript, number, string]>([
    ['says no', (s) => s.refuses('bot', 603), 603, 'no'],
    ['has no answer in time', (s) => s.fires('setup'), 480, 'Temporarily Unavailable'],
    ['is hung up by order', (s) => s.ordered(), 503, 'Service Unavailable'],
  ])(
    '%s: is told so, in its own trunk’s code and words where there are some',
    (_what, happens, code, reason) => {
      expect(answered(happens)).toMatchObject({ code, reason });
      expect(answered(happens, { [code]: 486 })).toMatchObject({ code: 486, reason: 'Busy Here' });
    },
  );
});
