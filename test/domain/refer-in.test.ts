import { describe, expect, it } from 'vitest';
import { asTransferId } from '../../src/domain/ids.js';
import { byRefer, CallScript, reached, sdp, PORT } from '../support/call-script.js';
import type { Leg } from '../../src/domain/leg.js';

const tr = (n: number): { id: ReturnType<typeof asTransferId> } => ({ id: asTransferId(`tr_${n}`) });

/** Verdicts so far: `tr_1 completed`. */
const verdicts = (s: CallScript): readonly string[] =>
  s.all.flatMap((e) =>
    e.type === 'tell' && 'transferStatus' in e.event.data
      ? [`${e.event.data.transferId} ${e.event.type.replace('transfer.', '')}`]
      : [],
  );

describe('a bot that asks by REFER', () => {
  it('is told what the target does, and how it ended', () => {
    const s = CallScript.withBot().refers('bot', { returnToBot: false });
    expect(s.did.slice(0, 3)).toEqual([
      'acceptRefer bot',
      'tell transfer.requested',
      'tell transfer.attempt.started',
    ]);
    expect(s.rings('agent-1').did).toEqual(['notify bot 180', 'tell transfer.attempt.ringing']);
    s.answers('agent-1').accepts('caller');
    expect(s.did).toEqual(['tell transfer.bridged', 'notify bot 200 final', 'start leave:bot']);
    // It may leave by itself; if it does not, we end it.
    expect(s.fires('leave:bot').did).toEqual(['bye bot']);
  });

  it('hears the failure in the words of the target', () => {
    const s = CallScript.withBot().refers('bot', {}).refuses('agent-1', 486);
    expect(s.did).toContain('notify bot 486 final');
    expect(s.phase).toBe('withBot');
  });

  it('may leave at once; the caller waits for the target, and not for ever', () => {
    const s = CallScript.withBot().refers('bot', {}).hangsUp('bot');
    expect(s.did).toEqual(['start alone']);
    expect(s.answers('agent-1').accepts('caller').did).toEqual(['stop alone', 'tell transfer.bridged']);
  });

  it('is refused while another transfer is on its way', () => {
    expect(CallScript.ringing().refers('bot', tr(2)).did).toEqual(['refuseRefer bot 491']);
  });
});

describe('an agent that passes its caller on', () => {
  const passedOn = (): CallScript => CallScript.bridged({ returnToBot: false }).refers('agent-1', tr(2));

  it('keeps it until the next one has answered; then its own transfer has its verdict', () => {
    const s = passedOn().answers('agent-2').accepts('caller');
    expect(s.did).toEqual([
      'tell transfer.bridged',
      'notify agent-1 200 final',
      'tell transfer.completed',
      'start leave:agent-1',
    ]);
    expect(verdicts(s)).toEqual(['tr_1 completed']);
    s.hangsUp('agent-1').hangsUp('agent-2');
    expect(verdicts(s)).toEqual(['tr_1 completed', 'tr_2 completed']);
  });

  it('keeps it when the next one does not want it, whatever the rules say about the bot', () => {
    const end = { match: ['*'], action: { kind: 'end', message: null } } as const;
    const s = CallScript.bridged({ returnToBot: false }).refers('agent-1', { ...tr(2), onFailure: [end] });
    s.refuses('agent-2', 486);
    expect(s.did).toContain('notify agent-1 486 final');
    expect([s.phase, verdicts(s)]).toEqual(['withTarget', ['tr_2 failed']]);
    expect(s.told).not.toContain('transfer.returned');
  });

  it('may hang up meanwhile: its transfer is over, the other one goes on', () => {
    const s = passedOn().hangsUp('agent-1');
    expect(s.did).toEqual(['tell transfer.completed', 'start alone']);
    s.answers('agent-2').accepts('caller').hangsUp('caller');
    expect(verdicts(s)).toEqual(['tr_1 completed', 'tr_2 completed']);
  });

  it('gives both transfers their verdict when the caller leaves', () => {
    expect(verdicts(passedOn().hangsUp('caller'))).toEqual(['tr_2 failed', 'tr_1 completed']);
  });

  it('is no longer believed the third time: the fourth hand-over in a row is a loop', () => {
    const s = passedOn().answers('agent-2').accepts('caller');
    s.refers('agent-2', tr(3)).answers('agent-3').accepts('caller').refers('agent-3', tr(4));
    expect(s.heard('transfer.failed')).toMatchObject({ outcome: 'loop', evidence: { attempt: 0 } });
    expect(s.did).toContain('notify agent-3 482 final');
    expect(s.phase).toBe('withTarget');
  });

  it('cannot keep a caller who no longer hears it: nothing of the attempt outlives the limit', () => {
    const s = CallScript.bridged({ returnToBot: false }).refers('agent-1', { ...tr(2), to: ['b', 'c'] });
    s.answers('agent-2').accepts('caller', sdp(1002)).rejects('agent-2', 488).rejects('caller', 488);
    expect([s.phase, s.accepts('agent-1').did]).toEqual(['dialling', ['start alone']]);
    s.fires('alone');
    expect(s.did).toEqual(
      expect.arrayContaining(['stop ring', 'cancel agent-3', 'bye agent-1', 'bye caller']),
    );
    expect(verdicts(s)).toEqual(['tr_2 failed', 'tr_1 completed']);
  });

  it('has nobody to fall back on in a bot that was let go', () => {
    const s = CallScript.withBot().refers('bot', { returnToBot: false }).answers('agent-1').accepts('caller');
    s.refers('agent-1', tr(2)).hangsUp('agent-1');
    // The bot has a moment left for its BYE; it is not the caller's home any more.
    expect(s.did).toEqual(['tell transfer.completed', 'start alone']);
  });
});

describe("a caller's side that wants somebody else in its place", () => {
  const asked = (): CallScript => CallScript.withBot().refers('caller', {});

  it('is replaced by the target, which has the bot then', () => {
    const s = asked();
    expect(s.shown('agent-1')).toBe('2000 sendrecv');
    s.answers('agent-1');
    expect(s.did).toContain('swap caller agent-1');
    s.accepts('bot');
    expect(s.did).toEqual([
      'tell transfer.bridged',
      'notify agent-1 200 final',
      'tell transfer.completed',
      'start leave:agent-1',
    ]);
    expect(s.phase).toBe('withBot');
    expect(s.hangsUp('caller').heard('call.ended')).toMatchObject({ by: 'caller' });
  });

  it('has its place back when the target leaves before it is filled', () => {
    const s = asked().answers('agent-1').hangsUp('caller');
    expect(s.did).toEqual(expect.arrayContaining(['swap caller agent-1', 'notify caller 603 final']));
    expect(s.heard('transfer.failed')).toMatchObject({ transferStatus: { hangup: false } });
    expect(s.phase).toBe('returning');
  });

  it('is never sent a REFER itself: only INVITE can bring somebody', () => {
    const s = CallScript.withBot().refers('caller', { to: [reached('a', byRefer('a'))] });
    expect(s.heard('transfer.failed')).toMatchObject({ outcome: 'not_supported' });
    expect(s.did).not.toContain('refer caller');
    expect(s.phase).toBe('withBot');
  });
});

describe('an attended transfer between two calls', () => {
  /** The leg of the agent whom the referrer has called in another call. */
  const consulted = (answered: boolean): Leg => {
    const other = CallScript.routed({}, sdp(4000));
    if (answered) other.answers('agent-1', sdp(5000));
    const leg = other.call.legs.get('agent-1');
    if (leg === undefined) throw new Error('the consultation has no leg');
    return leg;
  };

  it('brings the party that was consulted, and dials nobody', () => {
    const s = CallScript.bridged({ returnToBot: false }).brings('agent-1', consulted(true), 'agent-2', tr(2));
    expect(s.all.filter((e) => e.type === 'dial' && e.leg === 'agent-2')).toEqual([]);
    expect(s.shown('caller')).toBe('5000 sendrecv');
    s.accepts('caller').accepts('agent-2', sdp(5000));
    expect(s.did).toContain('notify agent-1 200 final');
    expect([s.phase, verdicts(s)]).toEqual(['withTarget', ['tr_1 completed']]);
  });

  it('may come while the party still rings', () => {
    const s = CallScript.withBot().brings('bot', consulted(false), 'agent-1');
    expect(s.phase).toBe('dialling');
    expect(s.answers('agent-1', sdp(5000)).phase).toBe('moving');
  });

  it('is refused at a bad moment, and the party is let go', () => {
    const s = CallScript.ringing().brings('bot', consulted(true), 'agent-2', tr(2));
    expect(s.did).toEqual(['refuseRefer bot 491', 'bye agent-2']);
  });

  it('ends the other call, whose transfer has been answered', () => {
    const s = CallScript.bridged({ returnToBot: false }).loses('agent-1');
    expect(s.heard('transfer.completed')).toMatchObject({ transferStatus: { hangup: false } });
    expect(s.did).toContain('bye caller');
    expect(s.heard('call.ended')).toMatchObject({ by: 'transfer' });
  });
});

describe('a leg that is replaced (RFC 3891)', () => {
  it('goes on on another phone, and the old dialog is ended', () => {
    const s = CallScript.bridged({ returnToBot: false }).replaces('agent-1', 'agent-2');
    expect(s.did).toEqual(['swap agent-1 agent-2', 'bye agent-2', 'answer agent-1', 'reoffer caller']);
    expect(s.shown('caller')).toBe(`${PORT.agent + 2} sendrecv`);
    expect(s.accepts('caller').hangsUp('agent-1').heard('transfer.completed')).toMatchObject({
      outcome: 'answered',
    });
  });

  it.each([
    ['nobody hears it', CallScript.bridged(), 'bot', 480],
    [
      'a REFER of ours waits for its NOTIFY',
      CallScript.ringing({ to: [reached('a', byRefer('a'))] }),
      'caller',
      491,
    ],
  ] as const)('is not when %s', (_what, s, leg, code) => {
    expect(s.replaces(leg, 'agent-9').did).toContain(`reject agent-9 ${code}`);
  });

  it('waits for the ACK of a late offer, and ends what never gets one', () => {
    const s = CallScript.withBot().replaces('caller', 'agent-1', null);
    expect(s.did).toEqual(['swap caller agent-1', 'bye agent-1', 'start ack:caller', 'answer caller']);
    expect(s.fires('ack:caller').heard('call.ended')).toMatchObject({ by: 'engine' });
  });
});
