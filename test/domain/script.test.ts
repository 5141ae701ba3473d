import { describe, expect, it } from 'vitest';
import type { RefusedPlan } from '../../src/domain/plan.js';
import { byInvite, CallScript, plan, reached, say, sounds, SWITCH } from '../support/call-script.js';

const start = (change = {}): CallScript => CallScript.scripted(change);

/** The caller is with an agent the bot has handed it to. */
function handedOver(change: Parameters<typeof plan>[0] = {}): CallScript {
  const s = start().replies([SWITCH, say('Welcome back.')]);
  return s.commands({ ...sounds({ waiting: 'ringback' }), ...change });
}

describe('a bot that speaks by replies', () => {
  it('has its caller answered at once, and is asked what to say', () => {
    const s = start();
    expect(s.did).toEqual(['start decision', 'tell call.started', 'answer caller']);
    expect([s.phase, s.question]).toEqual(['withBot', 1]);
  });

  it('has its replies done in order, each when the one before is over', () => {
    const s = start().replies([say('One.'), say('Two.'), SWITCH]);
    expect(s.did).toEqual(['stop decision', 'play caller One.']);
    expect(s.ends('caller').did).toEqual(['play caller Two.']);
    expect(s.ends('caller').did).toEqual(['command', 'hush caller']);
    expect(s.commands(sounds({ waiting: 'ringback' })).did).toContain('dial agent-1');
  });

  it('says what must be said about recording before all else, whatever is pressed meanwhile', () => {
    const s = start({ consent: { text: 'Recorded.' } });
    expect(s.heardNow).toEqual(['play caller Recorded.']);
    expect(s.replies([say('Hello.')]).presses('caller', '1').heardNow).toEqual([]);
    expect([s.ends('caller').heardNow, s.call.consent]).toEqual([['play caller Hello.'], 'heard']);
  });

  it('goes on with the next reply, and a warning, when one cannot be played', () => {
    const s = start()
      .replies([say('One.'), say('Two.')])
      .ends('caller', false);
    expect(s.did).toEqual(['tell call.warning', 'play caller Two.']);
  });

  it('says what it was saying again at another endpoint', () => {
    expect(
      start()
        .replies([say('One.')])
        .resets('caller').heardNow,
    ).toEqual(['play caller One.']);
  });

  it('ends the call, once it has said goodbye', () => {
    const s = start().replies([say('Bye.'), { kind: 'hangup' }]);
    expect(s.phase).toBe('withBot');
    expect(s.ends('caller').heard('call.ended')).toMatchObject({ by: 'bot' });
  });

  it('may say something unasked, and its answer still counts', () => {
    const s = start()
      .replies([say('News.')], null)
      .replies([say('Hello.')], 1);
    expect(s.ends('caller').heardNow).toEqual(['play caller Hello.']);
  });
});

describe('what the caller answers', () => {
  it('keys are one input: after a pause', () => {
    const s = start()
      .replies([say('Your number?'), say('Please.')])
      .presses('caller', '4');
    expect(s.did).toEqual(['start digits', 'hush caller']);
    s.presses('caller', '2').fires('digits');
    expect(s.heard('call.input')).toEqual({ input: 'dtmf', digits: '42', from: 'caller' });
    expect([s.question, s.did]).toEqual([2, ['start decision', 'tell call.input']]);
  });

  it.each([
    ['#', '42#', '42'],
    ['as many as there may be', '1234', '1234'],
  ])('keys are one input: up to %s', (_what, keys, digits) => {
    expect(start().replies([]).presses('caller', keys).heard('call.input')).toMatchObject({ digits });
  });

  it('nothing, three times, is what the fallback is for', () => {
    const s = start().replies([]);
    expect(s.did).toEqual(['stop decision', 'start noInput']);
    for (const question of [2, 3]) {
      s.fires('noInput');
      expect(s.heard('call.input')).toMatchObject({ input: 'none', digits: '' });
      expect(s.question).toBe(question);
      s.replies([]);
    }
    expect(s.fires('noInput').heardNow).toEqual(['play caller One moment, please.']);
    expect(s.ends('caller').did).toContain('command');
  });
});

describe('a bot that does not decide', () => {
  it.each<[string, (s: CallScript) => CallScript]>([
    ['is silent', (s) => s.fires('decision')],
    ['answers nonsense', (s) => s.garbles()],
  ])('and %s has its fallback done in its place', (_what, happens) => {
    const s = happens(start());
    expect(s.did).toEqual(expect.arrayContaining(['tell call.warning', 'play caller One moment, please.']));
    expect(s.ends('caller').did).toContain('command');
    expect(s.commands(sounds()).phase).toBe('dialling');
  });

  it('is too late afterwards', () => {
    const s = start()
      .fires('decision')
      .replies([say('Sorry, I am late.')], 1);
    expect(s.did).toEqual([]);
  });

  it('answers an old question, and nobody listens', () => {
    const s = start().replies([]).presses('caller', '1#');
    expect([s.question, s.replies([say('Old.')], 1).did]).toEqual([2, []]);
    expect(s.replies([say('New.')], 2).heardNow).toEqual(['play caller New.']);
  });

  it('a second time loses its caller', () => {
    const s = start()
      .fires('decision')
      .ends('caller')
      .commands(sounds({ waiting: 'ringback' }));
    s.refuses('agent-1', 486).fires('decision');
    expect(s.heard('call.ended')).toMatchObject({ by: 'bot' });
  });
});

describe('a caller its bot hands over', () => {
  it('hears ringback, is bridged, and comes back to the rest of the replies and a new question', () => {
    const s = handedOver();
    expect(s.heardNow).toEqual(['play caller ringback']);
    expect(s.answers('agent-1').makes().phase).toBe('withTarget');
    s.hangsUp('agent-1');
    expect(s.heard('transfer.completed')).toMatchObject({ next: { action: 'return' } });
    expect([s.phase, s.question, s.heardNow]).toEqual(['withBot', 3, ['play caller Welcome back.']]);
    expect(s.call.timers.has('decision')).toBe(true);
  });

  it('whose target is busy is with its bot, which is asked what now', () => {
    const s = handedOver().refuses('agent-1', 486);
    const verdict = s.last.find((e) => e.type === 'tell' && e.event.type === 'transfer.failed');
    expect(verdict).toMatchObject({ question: 3, event: { data: { outcome: 'busy' } } });
  });

  it.each<[string, (s: CallScript) => CallScript]>([
    ['hangs up', (s) => s.hangsUp('caller')],
    ['is let go by the rules', (s) => s.refuses('agent-1', 486)],
  ])('and that %s is no question', (_what, happens) => {
    const s = happens(handedOver({ otherwise: 'end', to: [reached('a', byInvite('a'))] }));
    const verdict = s.last.find((e) => e.type === 'tell' && e.event.type === 'transfer.failed');
    expect(verdict).toMatchObject({ question: null });
    expect(s.phase).toBe('ending');
  });

  it('by API while the bot is deciding: what it was asked is over', () => {
    const s = start().commands(sounds({ waiting: 'ringback' }));
    expect(s.did[0]).toBe('stop decision');
    expect(s.replies([say('Too late.')], 1).did).toEqual([]);
    expect(s.refuses('agent-1', 486).call.timers.has('decision')).toBe(true);
  });

  it('against the policy: the bot is asked, and does not hang', () => {
    const s = start().replies([SWITCH]);
    const { id, sessionId } = plan();
    const refused: RefusedPlan = {
      ...{ id, sessionId, reason: null, metadata: {}, targets: ['a'], why: 'not allowed' },
      ...{ method: 'auto', outcome: 'forbidden' },
    };
    s.on({ type: 'transferRefused', leaving: false, refused });
    expect(s.heard('transfer.failed')).toMatchObject({ outcome: 'forbidden' });
    expect([s.question, s.replies([say('No.')]).heardNow]).toEqual([2, ['play caller No.']]);
  });
});
