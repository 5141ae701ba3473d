import { describe, expect, it } from 'vitest';
import { CallScript, PORT, sdp } from '../support/call-script.js';

/** The bot's view of a transfer: everything since the command. */
const story = (s: CallScript): readonly string[] =>
  s.told.slice(1).map((t) => t.replace('transfer.', '').replace('attempt.', ''));

describe('a transfer that succeeds', () => {
  it("with return: the agent leaves, the caller is the bot's again", () => {
    const s = CallScript.ringing({ returnToBot: true }).rings('agent-1').answers('agent-1');
    expect(s.did).toEqual(['stop ring', 'tell transfer.attempt.answered', 'reoffer caller']);
    expect(s.shown('caller')).toBe('3001 sendrecv');
    expect(s.accepts('caller').did).toEqual(['tell transfer.bridged', 'reoffer bot']);
    expect(s.phase).toBe('withTarget');
    s.accepts('bot', sdp(PORT.bot, 'inactive')).hangsUp('agent-1').accepts('bot').accepts('caller');
    expect(s.phase).toBe('withBot');
    expect(story(s)).toEqual([
      'requested',
      'started',
      'ringing',
      'answered',
      'bridged',
      'completed',
      'returned',
    ]);
    expect(s.heard('transfer.completed')).toMatchObject({
      outcome: 'answered',
      evidence: { sipCode: 200, q850: 16, phase: 'bridge', decidedBy: 'far_end', attempt: 1 },
      next: { action: 'return' },
    });
  });

  it('without return: the bot is let go when the bridge stands, the call ends with the agent', () => {
    const s = CallScript.bridged({ returnToBot: false });
    expect(s.did).toEqual(['tell transfer.bridged', 'bye bot']);
    s.closes('bot').hangsUp('agent-1');
    expect(s.did).toEqual(['tell transfer.completed', 'bye caller', 'tell call.ended']);
    expect(s.closes('caller').did).toEqual(['done']);
    expect(s.heard('call.ended')).toMatchObject({ by: 'agent' });
  });

  it('another one may follow it', () => {
    const s = CallScript.bridged().accepts('bot', sdp(PORT.bot, 'inactive')).hangsUp('agent-1');
    s.accepts('bot').accepts('caller').commands().answers('agent-2').accepts('caller');
    expect(s.phase).toBe('withTarget');
    expect(s.shown('caller')).toBe('3002 sendrecv');
  });

  it("the target's own move on the way is followed before the bridge is reported", () => {
    const s = CallScript.ringing().answers('agent-1').accepts('caller', sdp(1002));
    expect(s.did).toEqual(['reoffer agent-1']);
    expect(s.accepts('agent-1', sdp(3003)).did).toEqual(['reoffer caller']);
    expect(s.accepts('caller', sdp(1002)).did).toContain('tell transfer.bridged');
  });
});

describe('a caller that is brought back from the agent', () => {
  it("is the bot's again, and the agent is let go", () => {
    const s = CallScript.bridged().accepts('bot', sdp(PORT.bot, 'inactive')).bringsBack();
    expect(s.did).toEqual(['bye agent-1', 'tell transfer.completed', 'reoffer bot']);
    expect(s.phase).toBe('returning');
    expect(s.heard('transfer.completed')).toMatchObject({
      outcome: 'answered',
      evidence: { decidedBy: 'api' },
      next: { action: 'return' },
      transferStatus: { status: 'SUCCESS', hangup: false },
    });
    s.closes('agent-1').accepts('bot').accepts('caller');
    expect(s.phase).toBe('withBot');
    expect(s.told.at(-1)).toBe('transfer.returned');
  });

  it('stays where the bot has been let go, and where another transfer is meant', () => {
    const without = CallScript.bridged({ returnToBot: false }).closes('bot').bringsBack();
    expect([without.did, without.phase]).toEqual([[], 'withTarget']);
    const other = CallScript.bridged().bringsBack('tr_other');
    expect([other.did, other.phase]).toEqual([[], 'withTarget']);
  });

  it('stays with its bot while a target rings', () => {
    const s = CallScript.ringing().bringsBack();
    expect([s.did, s.phase]).toEqual([[], 'dialling']);
  });
});

describe('a transfer that fails leaves the caller with the bot, untouched', () => {
  it('busy', () => {
    const s = CallScript.ringing().refuses('agent-1', 486, 17);
    expect(s.did).toEqual([
      'stop ring',
      'tell transfer.attempt.ended',
      'tell transfer.failed',
      'tell transfer.returned',
    ]);
    expect(s.heard('transfer.failed')).toMatchObject({
      outcome: 'busy',
      evidence: { sipCode: 486, q850: 17, phase: 'invite', decidedBy: 'far_end', attempt: 1 },
      next: { action: 'stay' },
    });
    expect(s.phase).toBe('withBot');
  });

  it('no answer: the target is cancelled, and a BYE awaits it should it answer all the same', () => {
    const s = CallScript.ringing().fires('ring');
    expect(s.did).toContain('cancel agent-1');
    expect(s.heard('transfer.failed')).toMatchObject({
      outcome: 'no_answer',
      evidence: { sipCode: null, decidedBy: 'ring_timer' },
    });
    expect(s.answers('agent-1').did).toEqual(['bye agent-1']);
    expect(s.closes('agent-1').call.legs.size).toBe(2);
  });

  it.each([
    ['no description', null],
    ['a broken one', 'hello'],
  ])('an answer with %s', (_what, body) => {
    const s = CallScript.ringing().answers('agent-1', body);
    expect(s.did).toContain('bye agent-1');
    expect(s.heard('transfer.failed')).toMatchObject({ outcome: 'media_incompatible' });
    expect(s.phase).toBe('withBot');
  });

  it('an agent that hangs up before the bridge stands', () => {
    const s = CallScript.ringing().answers('agent-1').hangsUp('agent-1', 17);
    expect(s.heard('transfer.failed')).toMatchObject({
      outcome: 'busy',
      evidence: { phase: 'media', q850: 17 },
    });
    expect(s.phase).toBe('returning');
    s.accepts('caller');
    expect(s.shown('caller')).toBe('2000 sendrecv');
    expect(s.accepts('caller').told.at(-1)).toBe('transfer.returned');
  });

  it('or ends the call when the plan says so', () => {
    const s = CallScript.ringing({ otherwise: 'end' }).refuses('agent-1', 486);
    expect(s.heard('transfer.failed')).toMatchObject({
      next: { action: 'end' },
      transferStatus: { hangup: false },
    });
    expect(s.heard('call.ended')).toMatchObject({ by: 'policy' });
    expect(s.did).toEqual(expect.arrayContaining(['bye caller', 'bye bot']));
  });
});

describe('cancel', () => {
  it('while it rings: the target is cancelled, the caller stays', () => {
    const s = CallScript.ringing().cancels();
    expect(s.did).toEqual([
      'cancel agent-1',
      'stop ring',
      'tell transfer.cancelled',
      'tell transfer.returned',
    ]);
    expect(s.heard('transfer.cancelled')).toMatchObject({
      outcome: 'cancelled',
      evidence: { decidedBy: 'api' },
    });
  });

  it('between two attempts', () => {
    const retry = { match: ['*'], action: { kind: 'retry', afterMs: 500, times: 1 } } as const;
    const s = CallScript.ringing({ onFailure: [retry] })
      .refuses('agent-1', 486)
      .cancels();
    expect(s.did).toEqual(['stop retry', 'tell transfer.cancelled', 'tell transfer.returned']);
    expect(s.heard('transfer.cancelled')).toMatchObject({ evidence: { phase: 'retry_wait', attempt: 1 } });
  });

  it('comes too late once the target has answered', () => {
    expect(CallScript.ringing().answers('agent-1').cancels().did).toEqual([]);
  });
});

describe('a lone caller', () => {
  it('waits for the target no longer than the limit', () => {
    const s = CallScript.ringing({ callerSilenceMs: 7000 }).hangsUp('bot');
    expect(s.last).toEqual([{ type: 'startTimer', timer: 'alone', ms: 7000 }]);
    s.fires('alone');
    expect(s.heard('transfer.failed')).toMatchObject({ outcome: 'timeout', next: { action: 'end' } });
    expect(s.did).toEqual(expect.arrayContaining(['stop ring', 'bye caller', 'cancel agent-1']));
  });

  it('is served by a target that answers in time, and leaves with it', () => {
    const s = CallScript.ringing().hangsUp('bot').answers('agent-1').accepts('caller');
    expect(s.did).toEqual(['stop alone', 'tell transfer.bridged']);
    s.hangsUp('agent-1');
    expect(s.heard('transfer.completed')).toMatchObject({ next: { action: 'end' } });
    expect(s.heard('call.ended')).toMatchObject({ by: 'agent' });
  });

  it('hears the ringing of a target that sends it, and is not alone then', () => {
    const s = CallScript.ringing().hangsUp('bot').rings('agent-1', 183, sdp(3001));
    expect(s.did).toEqual(['tell transfer.attempt.ringing', 'reoffer caller']);
    expect([s.accepts('caller').did, s.shown('caller')]).toEqual([['stop alone'], '3001 sendrecv']);
    // The same media answers: nothing has to be moved.
    expect(s.answers('agent-1').did).toEqual([
      'stop ring',
      'tell transfer.attempt.answered',
      'tell transfer.bridged',
    ]);
  });

  it('hears it also when the bot leaves only afterwards, and is alone again when it stops', () => {
    const s = CallScript.ringing({ to: ['a', 'b'] }).rings('agent-1', 183, sdp(3001));
    expect(s.did).not.toContain('reoffer caller');
    expect(s.hangsUp('bot').did).toEqual(['start alone', 'reoffer caller']);
    expect(s.accepts('caller').did).toEqual(['stop alone']);
    expect(s.refuses('agent-1', 486).did).toContain('start alone');
  });

  it('that will not be turned to the ringing is alone all the same', () => {
    const s = CallScript.ringing().hangsUp('bot').rings('agent-1', 183, sdp(3001)).rejects('caller', 488);
    expect(s.did).toEqual([]);
    expect(s.fires('alone').heard('transfer.failed')).toMatchObject({ outcome: 'timeout' });
  });

  it('has no bot to go back to when the target refuses: the call ends', () => {
    const s = CallScript.ringing().hangsUp('bot').refuses('agent-1', 486);
    expect(s.heard('transfer.failed')).toMatchObject({ outcome: 'busy', next: { action: 'end' } });
    expect(s.heard('call.ended')).toMatchObject({ by: 'policy' });
  });

  it('is one who cannot be taken back to its bot while the next target rings, too', () => {
    const s = CallScript.ringing({ to: ['a', 'b'] })
      .answers('agent-1')
      .accepts('caller', sdp(1002));
    s.rejects('agent-1', 488).rejects('caller', 488);
    expect([s.phase, s.did]).toEqual(['dialling', ['reoffer bot']]);
    expect(s.accepts('bot').did).toEqual(['start alone']);
  });
});

describe('rules of fallback', () => {
  it('next: the targets in their order', () => {
    const s = CallScript.ringing({ to: ['a', 'b'] }).refuses('agent-1', 486);
    expect(s.did).toEqual([
      'stop ring',
      'tell transfer.attempt.ended',
      'tell transfer.attempt.started',
      'dial agent-2',
      'start ring',
    ]);
    expect(s.heard('transfer.attempt.started')).toMatchObject({ attempt: { n: 2, of: 2, target: 'b' } });
    s.refuses('agent-2', 603);
    expect(s.heard('transfer.failed')).toMatchObject({
      outcome: 'declined',
      evidence: { attempt: 2 },
      transferStatus: { number: 'b' },
    });
  });

  it('retry: the same target again, after a while, so often and no more', () => {
    const retry = { match: ['busy'], action: { kind: 'retry', afterMs: 500, times: 1 } } as const;
    const s = CallScript.ringing({ onFailure: [retry] }).refuses('agent-1', 486);
    expect(s.last.at(-1)).toEqual({ type: 'startTimer', timer: 'retry', ms: 500 });
    s.fires('retry');
    expect(s.heard('transfer.attempt.started')).toMatchObject({ attempt: { n: 2, target: 'a' } });
    s.refuses('agent-2', 486);
    expect(story(s)).toEqual(['requested', 'started', 'ended', 'started', 'ended', 'failed', 'returned']);
  });

  it('goto: the bot is told the node, the caller stays', () => {
    const message = { text: 'All agents are busy.' };
    const s = CallScript.ringing({
      onFailure: [{ match: ['busy'], action: { kind: 'goto', node: 'Apology', message } }],
    }).refuses('agent-1', 486);
    expect(s.heard('transfer.failed')).toMatchObject({ next: { action: 'goto', node: 'Apology', message } });
    expect(s.phase).toBe('withBot');
  });

  it('end: the caller is let go after the message', () => {
    const message = { file: 'sorry.wav' };
    const s = CallScript.ringing({ onFailure: [{ match: ['*'], action: { kind: 'end', message } }] });
    s.refuses('agent-1', 500);
    expect(s.heard('transfer.failed')).toMatchObject({ next: { action: 'end', node: null, message } });
    expect(s.phase).toBe('ending');
  });
});

describe('who hangs up', () => {
  it('the caller, while a target rings', () => {
    const s = CallScript.ringing().hangsUp('caller');
    expect(s.did).toEqual([
      'tell transfer.failed',
      'stop ring',
      'bye bot',
      'cancel agent-1',
      'tell call.ended',
    ]);
    expect(s.heard('transfer.failed')).toMatchObject({
      outcome: 'caller_hangup',
      evidence: { decidedBy: 'caller' },
    });
    expect(s.refuses('agent-1', 487).closes('bot').did).toEqual(['done']);
  });

  it('an operator, at any time', () => {
    expect(CallScript.ringing().ordered().heard('transfer.cancelled')).toMatchObject({
      next: { action: 'end' },
    });
    expect(CallScript.bridged().ordered().heard('transfer.completed')).toMatchObject({ outcome: 'answered' });
    expect(CallScript.withBot().ordered().heard('call.ended')).toMatchObject({ by: 'api' });
  });

  it('nobody: the link to the SIP server breaks, and the verdict is told all the same', () => {
    const s = CallScript.ringing().losesLink();
    expect(s.did).toEqual(['tell transfer.failed', 'stop ring', 'tell call.ended', 'done']);
    expect(s.heard('transfer.failed')).toMatchObject({ evidence: { decidedBy: 'signalling_lost' } });
    expect(CallScript.bridged().losesLink().heard('transfer.completed')).toMatchObject({
      outcome: 'answered',
    });
  });
});

describe('transferStatus (the truth table of the JAICP event)', () => {
  const agentLeft = (s: CallScript): CallScript => s.hangsUp('agent-1');

  it.each([
    [
      'agent answered, agent hung up, return',
      () => agentLeft(CallScript.bridged()),
      'SUCCESS',
      false,
      'returning',
    ],
    [
      'agent answered, agent hung up, no return',
      () => agentLeft(CallScript.bridged({ returnToBot: false })),
      'SUCCESS',
      false,
      'ending',
    ],
    [
      'agent answered, customer hung up, return',
      () => CallScript.bridged().hangsUp('caller'),
      'SUCCESS',
      true,
      'ending',
    ],
    [
      'agent answered, customer hung up, no return',
      () => CallScript.bridged({ returnToBot: false }).hangsUp('caller'),
      'SUCCESS',
      true,
      'ending',
    ],
    ['busy, return', () => CallScript.ringing().refuses('agent-1', 486), 'FAIL', false, 'withBot'],
    ['no answer, return', () => CallScript.ringing().fires('ring'), 'FAIL', false, 'withBot'],
    ['rejected, return', () => CallScript.ringing().refuses('agent-1', 603), 'FAIL', false, 'withBot'],
    [
      'busy, no return',
      () => CallScript.ringing({ returnToBot: false, otherwise: 'end' }).refuses('agent-1', 486),
      'FAIL',
      false,
      'ending',
    ],
    ['customer hung up while ringing', () => CallScript.ringing().hangsUp('caller'), 'FAIL', true, 'ending'],
  ] as const)('%s', (_what, run, status, hangup, phase) => {
    const s = run();
    expect(s.call.lastStatus).toEqual({ status, hangup, number: 'a' });
    expect(s.phase).toBe(phase);
    const verdict = s.all.findLast((e) => e.type === 'tell' && 'transferStatus' in e.event.data);
    expect(verdict).toMatchObject({ event: { data: { transferStatus: s.call.lastStatus } } });
  });
});

describe('before the bot has answered', () => {
  it('its progress and its refusal reach the caller', () => {
    const s = new CallScript().rings('bot');
    expect(s.did).toEqual(['ring caller']);
    expect(s.refuses('bot', 486).did).toContain('reject caller 486');
  });

  it('no answer in time is 480, and the bot is cancelled', () => {
    expect(new CallScript().fires('setup').did).toEqual([
      'reject caller 480',
      'cancel bot',
      'tell call.ended',
    ]);
  });

  it('a caller that gives up takes the bot with it', () => {
    expect(new CallScript().hangsUp('caller', null).did).toEqual([
      'stop setup',
      'cancel bot',
      'tell call.ended',
    ]);
  });
});
