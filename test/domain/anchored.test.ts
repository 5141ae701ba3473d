import { describe, expect, it } from 'vitest';
import { byInvite, CallScript, reached, sdp, sounds } from '../support/call-script.js';
import type { Refusal } from '../../src/domain/outcome.js';
import type { LegId } from '../../src/domain/ids.js';

const NO: Refusal = { code: 503, reason: 'Media server', q850: null, retryAfterMs: null, by: 'local' };
const MUSIC = sounds({ waiting: { music: 'moh.wav' } });
const BOTH_RING = { to: [reached('queue', byInvite('one', 'two'))] };
const ANNOUNCED = sounds({ announce: [{ text: 'One moment.' }] });
const SORRY = {
  onFailure: [{ match: ['*'], action: { kind: 'goto', node: 'Sorry', message: { text: 'Sorry.' } } }],
} as const;

const ringing = (change: Parameters<CallScript['commands']>[0] = {}): CallScript =>
  CallScript.anchored().commands({ ...sounds(), ...change });
const talking = (change: Parameters<CallScript['commands']>[0] = {}): CallScript =>
  ringing(change).answers('agent-1').makes();

describe('an anchored call with a SIP bot', () => {
  it('is answered with an endpoint of ours, and bridged', () => {
    const s = CallScript.anchored();
    const answer = s.all.find(({ type }) => type === 'answer');
    expect(answer).toMatchObject({ leg: 'caller', sdp: '' });
    expect(s.all.filter(({ type }) => type === 'bridge')).toMatchObject([{ leg: 'caller', with: 'bot' }]);
    expect(s.phase).toBe('withBot');
  });

  it('waits for the answer in the ACK where the offer was ours', () => {
    const s = CallScript.anchored({}, null);
    expect(s.all.some(({ type }) => type === 'bridge')).toBe(false);
    expect(s.acks('caller').heardNow).toEqual(['bridge caller bot']);
    expect(CallScript.anchored({}, null).fires('ack:caller').heard('call.ended')).toMatchObject({
      by: 'engine',
    });
  });

  it('hears about the recording first, once more when a transfer cut that short', () => {
    const consent = { text: 'This call is recorded.' };
    const s = CallScript.anchored({ consent });
    expect(s.all.some(({ type }) => type === 'bridge')).toBe(false);
    expect(s.ends('caller').did).toEqual(['bridge caller bot']);
    expect(s.call.consent).toBe('heard');
    const cut = CallScript.anchored({ consent }).commands(sounds()).makes().refuses('agent-1', 486);
    expect([cut.call.consent, cut.heardNow]).toEqual(['due', ['play caller This call is recorded.']]);
  });

  it('whose parties cannot be bridged ends', () => {
    const s = CallScript.anchored().resets('bot').makes(NO);
    expect(s.heard('call.ended')).toMatchObject({ by: 'engine', sipCode: 503 });
  });
});

describe('what a caller hears while a target is sought', () => {
  it.each([
    ['bot', []],
    ['ringback', ['play caller ringback']],
    ['early', ['play caller ringback']],
    [{ music: 'moh.wav' }, ['play caller moh.wav']],
  ] as const)('%o', (waiting, heard) => {
    expect(ringing(sounds({ waiting })).heardNow).toEqual(heard);
  });

  it('the music of its queue goes before everything else, and goes on at the next member', () => {
    const member = (label: string) => ({
      ...reached(label, byInvite(label)),
      music: 'queue.wav',
      huntsOn: true as const,
    });
    const s = ringing({ to: [member('a'), member('b')] });
    expect(s.heardNow).toEqual(['play caller queue.wav']);
    expect(s.refuses('agent-1', 486).heardNow).toEqual([]);
  });

  it("the target's own early media as soon as there is some, and ringback again when that target gives up", () => {
    const s = ringing({ ...sounds({ waiting: 'early' }), ...BOTH_RING });
    expect(s.rings('agent-1', 183, sdp(7000)).heardNow).toEqual(['bridge caller agent-1']);
    expect(s.makes().refuses('agent-1', 486).heardNow).toEqual(['play caller ringback']);
  });

  it('early media that cannot be bridged is ringback', () => {
    const s = ringing(sounds({ waiting: 'early' })).rings('agent-1', 183, sdp(7000));
    expect(s.makes(NO).heardNow).toEqual(['play caller ringback']);
  });

  it('music that cannot be played is ringback, and without that silence has its limit', () => {
    const s = ringing(MUSIC);
    expect(s.ends('caller', false).did).toEqual(['tell call.warning', 'play caller ringback']);
    expect(s.ends('caller', false).did).toEqual(['tell call.warning', 'start alone', 'hush caller']);
    expect(s.fires('alone').heard('transfer.failed')).toMatchObject({ outcome: 'timeout' });
  });

  it('ringback when its bot leaves', () => {
    expect(ringing().hangsUp('bot').did).toEqual(['play caller ringback']);
  });

  it('its bot again when the transfer has failed', () => {
    const s = ringing(MUSIC).refuses('agent-1', 486);
    expect(s.did.slice(-1)).toEqual(['bridge caller bot']);
    expect([s.phase, s.makes().phase, s.told.at(-1)]).toEqual(['returning', 'withBot', 'transfer.returned']);
  });

  it('the agent once that has answered, and the bot is parked', () => {
    const s = ringing(MUSIC).answers('agent-1');
    expect(s.heardNow).toEqual(['bridge caller agent-1']);
    s.makes();
    expect([s.phase, s.did]).toEqual(['withTarget', ['tell transfer.bridged']]);
  });
});

describe('messages around a transfer', () => {
  it('an announcement is heard before the first attempt is made', () => {
    const s = ringing(ANNOUNCED);
    expect(s.did).toEqual(['tell transfer.requested', 'start speak', 'play caller One moment.']);
    expect(s.ends('caller').did).toContain('dial agent-1');
  });

  it.each<[string, (s: CallScript) => CallScript]>([
    ['cannot be played', (s) => s.ends('caller', false)],
    ['never ends', (s) => s.fires('speak')],
  ])('an announcement that %s keeps nobody waiting', (_what, happens) => {
    expect(happens(ringing(ANNOUNCED)).did).toContain('dial agent-1');
  });

  it('an announcement goes on at another endpoint, and when the agent that asked leaves', () => {
    expect(ringing(ANNOUNCED).resets('caller').heardNow).toEqual(['play caller One moment.']);
    const passed = talking()
      .refers('agent-1', { ...ANNOUNCED, to: ['b'] })
      .hangsUp('agent-1');
    expect([passed.phase, passed.heardNow]).toEqual(['speaking', []]);
  });

  it.each(['goto', 'play', 'end'] as const)(
    'what is said before %s is not left for the bot to say',
    (kind) => {
      const message = { text: 'Sorry.' };
      const action = kind === 'goto' ? { kind, node: 'Sorry', message } : { kind, message };
      const s = ringing({ onFailure: [{ match: ['*'], action }] }).refuses('agent-1', 486);
      expect([s.phase, s.heardNow, s.told.includes('transfer.failed')]).toEqual([
        'speaking',
        ['play caller Sorry.'],
        false,
      ]);
      s.ends('caller');
      expect(s.heard('transfer.failed')).toMatchObject({
        outcome: 'busy',
        next: { action: kind, message: null },
      });
      expect(s.makes().phase).toBe(kind === 'end' ? 'ending' : 'withBot');
    },
  );

  it.each<[string, (s: CallScript) => CallScript, unknown]>([
    [
      'hangs up',
      (s) => s.hangsUp('caller'),
      { outcome: 'caller_hangup', evidence: { attempt: 0, phase: 'prompt' } },
    ],
    [
      'loses its endpoint',
      (s) => s.losesMedia('caller'),
      { outcome: 'server_error', evidence: { attempt: 0 } },
    ],
  ])('a caller that %s during the announcement', (_what, happens, verdict) => {
    const s = happens(ringing(ANNOUNCED));
    expect([s.heard('transfer.failed'), s.phase]).toEqual([expect.objectContaining({}), 'ending']);
    expect(s.heard('transfer.failed')).toMatchObject(verdict as object);
  });

  it.each<[string, (s: CallScript) => CallScript, boolean]>([
    ['the caller hangs up', (s) => s.hangsUp('caller'), true],
    ['the caller loses its endpoint', (s) => s.losesMedia('caller'), false],
    ['the call is hung up by order', (s) => s.ordered(), false],
  ])(
    'a transfer that had failed has failed for its own reason, although %s during the apology',
    (_what, happens, hangup) => {
      const s = happens(ringing(SORRY).refuses('agent-1', 486));
      expect(s.heard('transfer.failed')).toMatchObject({ outcome: 'busy', transferStatus: { hangup } });
      expect(s.phase).toBe('ending');
    },
  );
});

describe('an agent that is told first whom it gets', () => {
  const confirm = { key: '1', message: { text: 'Press one.' }, timeoutMs: 8000 };
  const asked = (change = {}): CallScript =>
    ringing({ ...sounds({ waiting: 'ringback', confirm }), ...change }).answers('agent-1');

  it('hears a whisper while the caller waits, and then has it', () => {
    const s = ringing(sounds({ whisper: { text: 'A customer.' } })).answers('agent-1');
    expect([s.phase, s.heardNow]).toEqual(['dialling', ['play agent-1 A customer.']]);
    expect(s.ends('agent-1').heardNow).toEqual(['bridge caller agent-1']);
    expect(s.told).toContain('transfer.attempt.answered');
  });

  it('accepts with its key', () => {
    const s = asked();
    expect(s.ends('agent-1').heardNow).toEqual(['play agent-1 Press one.']);
    expect(s.told).not.toContain('transfer.attempt.answered');
    expect(s.presses('agent-1', '1').makes().phase).toBe('withTarget');
  });

  it.each<[string, (s: CallScript) => CallScript, string]>([
    ['presses another key', (s) => s.presses('agent-1', '5'), 'declined'],
    ['does nothing', (s) => s.fires('brief:agent-1'), 'no_answer'],
    ['loses its endpoint', (s) => s.losesMedia('agent-1'), 'server_error'],
  ])('that %s is let go, and the next target is rung', (_what, happens, outcome) => {
    const s = happens(asked({ to: ['a', 'b'] }));
    expect(s.did).toEqual(expect.arrayContaining(['bye agent-1', 'dial agent-2']));
    expect(s.heard('transfer.attempt.ended')).toMatchObject({ outcome });
  });

  it('may take its time while others ring, and after they have stopped', () => {
    const s = asked(BOTH_RING);
    expect(s.did).not.toContain('cancel agent-2');
    expect(s.fires('ring').did).toEqual(['cancel agent-2']);
    expect(s.presses('agent-1', '1').makes().phase).toBe('withTarget');
  });

  it('a question that cannot be played is not asked for ever', () => {
    expect(asked().ends('agent-1', false).heardNow).toEqual(['hush agent-1']);
  });
});

describe('a warm transfer', () => {
  const warm = { introduction: { text: 'Meet.' }, key: '#', maxMs: 20_000 };
  const met = (introduction: typeof warm.introduction | null = null): CallScript =>
    ringing(sounds({ warm: { ...warm, introduction } })).answers('agent-1');

  it('introduces both, then has three in a conference', () => {
    const s = met(warm.introduction);
    expect(s.heardNow).toEqual(['play caller Meet.', 'play agent-1 Meet.']);
    expect(s.ends('caller').heardNow).toEqual(['hush caller']);
    expect(s.ends('agent-1').heardNow).toEqual(['join caller', 'join bot', 'join agent-1']);
  });

  it.each<[string, (s: CallScript) => CallScript]>([
    ['the bot leaves', (s) => s.hangsUp('bot')],
    ['the agent presses its key', (s) => s.presses('agent-1', '#')],
    ['its time is over', (s) => s.fires('warm')],
    ['the media server has no conference', (s) => s.resets('caller').makes(NO)],
  ])('ends when %s', (_what, happens) => {
    const s = happens(met().makes());
    expect(s.phase).toBe('moving');
    expect(s.makes().phase).toBe('withTarget');
  });

  it('whose agent leaves is an attempt that failed', () => {
    const s = met().makes().hangsUp('agent-1');
    expect(s.heard('transfer.attempt.ended')).toMatchObject({ outcome: 'declined' });
    expect(s.makes().phase).toBe('withBot');
  });
});

describe('the conversation with an agent', () => {
  it("ends with the agent's key, and the caller is the bot's again", () => {
    const s = talking(sounds({ returnKey: '*' }));
    s.presses('caller', '*').presses('agent-1', '1');
    expect(s.heard('call.input')).toMatchObject({ digits: '1', from: 'agent' });
    expect(s.phase).toBe('withTarget');
    s.presses('agent-1', '*');
    expect(s.did).toEqual(
      expect.arrayContaining(['bye agent-1', 'tell transfer.completed', 'bridge caller bot']),
    );
    expect(s.makes().phase).toBe('withBot');
  });

  it('that the media server cannot make is a failed attempt', () => {
    const s = ringing().answers('agent-1').makes(NO);
    expect(s.heard('transfer.attempt.ended')).toMatchObject({ outcome: 'media_incompatible' });
    expect(s.did).toContain('bye agent-1');
  });

  it.each<LegId>(['caller', 'agent-1'])('is bridged again when %s has another endpoint', (leg) => {
    expect(talking().resets(leg).heardNow).toEqual(['bridge caller agent-1']);
  });

  it('is bridged again when its bridge was lost, or asked of an endpoint that has died since', () => {
    expect(talking().resets('caller').makes('lost').heardNow).toEqual(['bridge caller agent-1']);
    const s = ringing().answers('agent-1').resets('agent-1');
    expect([s.heardNow, s.makes().phase]).toEqual([[], 'withTarget']);
    expect(s.all.filter((e) => e.type === 'bridge' && e.with === 'agent-1')).toHaveLength(2);
  });

  it.each<[LegId, string]>([
    ['caller', 'ending'],
    ['agent-1', 'returning'],
    ['bot', 'withTarget'],
  ])('without the endpoint of %s: %s', (leg, phase) => {
    expect(talking().losesMedia(leg).phase).toBe(phase);
  });

  it('goes on with another phone of the agent', () => {
    const s = talking().replaces('agent-1', 'agent-2');
    expect(s.did).toEqual(['swap agent-1 agent-2', 'bye agent-2', 'answer agent-1', 'bridge caller agent-1']);
  });
});

describe('an endpoint that is lost while a target is sought', () => {
  it.each<[string, () => CallScript]>([
    ['dialling', () => ringing()],
    ['moving', () => ringing().answers('agent-1')],
    ['speaking', () => ringing(ANNOUNCED)],
    [
      'introducing',
      () => ringing(sounds({ warm: { introduction: null, key: '#', maxMs: 1000 } })).answers('agent-1'),
    ],
  ])("%s: the caller's is the end of the call", (phase, run) => {
    const s = run();
    expect(s.phase).toBe(phase);
    s.losesMedia('caller');
    expect(s.heard('transfer.failed')).toMatchObject({
      outcome: 'server_error',
      evidence: { decidedBy: 'engine' },
    });
    expect(s.phase).toBe('ending');
  });

  it("the bot's leaves the caller waiting without it", () => {
    expect(ringing().losesMedia('bot').did).toEqual(['bye bot', 'play caller ringback']);
  });

  it("the agent's, also while it keeps its caller by passing it on, is its own affair", () => {
    const s = talking().refers('agent-1', { ...sounds(), to: ['b'] });
    expect(s.losesMedia('agent-1').phase).toBe('dialling');
    expect(s.heard('transfer.completed')).toMatchObject({ outcome: 'answered' });
    const lost = talking().refers('agent-1', { ...sounds(), to: ['b'] });
    expect(lost.losesMedia('caller').phase).toBe('ending');
  });
});

describe('an anchored call routed without a bot', () => {
  it('hears early media before it is answered, and no other session than its endpoint', () => {
    const s = CallScript.anchoredRouted().rings('agent-1', 183, sdp(7000));
    expect(s.last).toContainEqual({ type: 'ring', leg: 'caller', code: 183, reason: 'Ringing', sdp: '' });
    expect(s.heardNow).toEqual(['bridge caller agent-1']);
    expect(s.makes().answers('agent-1').told).toContain('transfer.bridged');
  });

  it('is shown no early session it would hear nothing in', () => {
    const s = CallScript.anchoredRouted(MUSIC).rings('agent-1', 183, sdp(7000));
    expect(s.last).toContainEqual({ type: 'ring', leg: 'caller', code: 183, reason: 'Ringing', sdp: null });
  });
});
