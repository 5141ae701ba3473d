import { describe, expect, it } from 'vitest';
import { CallScript, PORT, sdp } from '../support/call-script.js';

const startOf = (s: CallScript): unknown => s.last.find((e) => e.type === 'startTimer');

describe("a party's own re-INVITE", () => {
  it('is carried to the partner and answered with what the partner says', () => {
    const s = CallScript.withBot().offers('caller', sdp(1002));
    expect(s.did).toEqual(['reoffer bot']);
    expect(s.shown('bot')).toBe('1002 sendrecv');
    s.accepts('bot', sdp(2002));
    expect(s.did).toEqual(['acceptOffer caller']);
    expect(s.shown('caller')).toBe('2002 sendrecv');
  });

  it('that changes nothing is answered from here', () => {
    expect(CallScript.withBot().offers('caller', sdp(PORT.caller)).did).toEqual(['acceptOffer caller']);
  });

  it.each([
    [488, 488],
    [415, 415],
    [606, 606],
    [491, 491],
    [500, 480],
    [403, 480],
  ])('refused by the partner with %i is refused with %i, and the session stays', (code, told) => {
    const s = CallScript.withBot().offers('caller', sdp(1002)).rejects('bot', code);
    expect(s.did).toEqual([`refuseOffer caller ${told}`]);
    expect(s.phase).toBe('withBot');
  });

  it('with a body nobody can read is refused', () => {
    expect(CallScript.withBot().offers('caller', 'hello').did).toEqual(['refuseOffer caller 488']);
  });

  it('is refused while another exchange is open on either side', () => {
    const s = CallScript.withBot().offers('caller', sdp(1002), 1);
    expect(s.offers('bot', sdp(2002), 2).did).toEqual(['refuseOffer bot 491']);
    expect(s.offers('caller', sdp(1004), 3).did).toEqual(['refuseOffer caller 491']);
  });

  it('is still answered when the partner leaves in the middle of it', () => {
    const s = CallScript.bridged().accepts('bot').offers('caller', sdp(1002)).hangsUp('agent-1');
    expect(s.did).toContain('refuseOffer caller 480');
    expect(s.phase).toBe('returning');
  });

  it('is answered before our BYE (RFC 3261 15.1.2)', () => {
    const s = CallScript.withBot().offers('caller', sdp(1002)).ordered();
    const [refuse, bye] = [s.did.indexOf('refuseOffer caller 487'), s.did.indexOf('bye caller')];
    expect(refuse).toBeGreaterThanOrEqual(0);
    expect(refuse).toBeLessThan(bye);
  });

  it('without an offer is given what the party is shown, and its ACK brings the answer', () => {
    const s = CallScript.withBot().offers('caller', null);
    expect(s.did).toEqual(['start ack:caller', 'acceptOffer caller']);
    expect(s.shown('caller')).toBe('2000 sendrecv');
    expect(s.acks('caller', sdp(1002)).did).toEqual(['stop ack:caller', 'reoffer bot']);
    expect(s.shown('bot')).toBe('1002 sendrecv');
  });

  it('without an offer and without an answer leaves the dialog as it was', () => {
    const s = CallScript.withBot().offers('caller', null).fires('ack:caller');
    expect([s.phase, s.did]).toEqual(['withBot', []]);
  });
});

describe('hold', () => {
  it('of one party is shown to the other, and so is its end', () => {
    const s = CallScript.withBot().offers('caller', sdp(1000, 'inactive'));
    expect(s.shown('bot')).toBe('1000 inactive');
    s.accepts('bot', sdp(2000, 'inactive'));
    expect(s.shown('caller')).toBe('2000 inactive');
    s.offers('caller', sdp(1000), 2).accepts('bot');
    expect([s.shown('bot'), s.shown('caller')]).toEqual(['1000 sendrecv', '2000 sendrecv']);
  });

  it('by an agent who then leaves does not follow the caller back to the bot', () => {
    const s = CallScript.bridged().accepts('bot', sdp(2000, 'inactive'));
    s.offers('agent-1', sdp(3001, 'inactive')).accepts('caller', sdp(1000, 'inactive')).hangsUp('agent-1');
    expect(s.shown('bot')).toBe('1000 sendrecv');
    s.accepts('bot');
    expect(s.shown('caller')).toBe('2000 sendrecv');
    expect(s.accepts('caller').phase).toBe('withBot');
  });

  it('ended while a target rang is told to the target when it answers', () => {
    const s = CallScript.withBot()
      .offers('caller', sdp(1000, 'inactive'))
      .accepts('bot', sdp(2000, 'inactive'));
    s.commands();
    expect(s.shown('agent-1')).toBe('1000 inactive');
    s.offers('caller', sdp(1000), 2)
      .accepts('bot')
      .answers('agent-1', sdp(3001, 'inactive'))
      .accepts('caller');
    expect(s.shown('agent-1')).toBe('1000 sendrecv');
    expect(s.accepts('agent-1').phase).toBe('withTarget');
  });

  it('parks the bot, which is taken off it before the caller is sent back', () => {
    const s = CallScript.bridged();
    expect(s.shown('bot')).toBe('1000 inactive');
    s.accepts('bot', sdp(2000, 'inactive')).hangsUp('agent-1');
    expect(s.did).toContain('reoffer bot');
    expect(s.did).not.toContain('reoffer caller');
    s.accepts('bot', sdp(2002));
    expect([s.shown('bot'), s.shown('caller')]).toEqual(['1000 sendrecv', '2002 sendrecv']);
  });

  it("is answered by the parked bot's own re-INVITEs staying parked", () => {
    const s = CallScript.bridged().accepts('bot', sdp(2000, 'inactive')).offers('bot', sdp(2002));
    expect(s.did).toEqual(['acceptOffer bot']);
    expect(s.shown('bot')).toBe('1000 inactive');
  });
});

describe('glare (RFC 3261 14.1)', () => {
  it("on the caller's dialog is tried again after 0-2 s: the caller made its Call-ID", () => {
    const s = CallScript.ringing().answers('agent-1').rejects('caller', 491);
    expect(startOf(s)).toMatchObject({ timer: 'glare:caller', ms: { from: 0, to: 2000 } });
    expect(s.fires('glare:caller').did).toEqual(['reoffer caller']);
  });

  it('on a dialog of ours is tried again after 2.1-4 s', () => {
    const s = CallScript.bridged().rejects('bot', 491);
    expect(startOf(s)).toMatchObject({ timer: 'glare:bot', ms: { from: 2100, to: 4000 } });
    expect(s.fires('glare:bot').did).toEqual(['reoffer bot']);
  });

  it('is given up after five tries, and the caller keeps its bot', () => {
    const s = CallScript.ringing().answers('agent-1');
    for (let i = 0; i < 5; i += 1) s.rejects('caller', 491).fires('glare:caller');
    s.rejects('caller', 491);
    expect(s.heard('transfer.failed')).toMatchObject({
      outcome: 'media_incompatible',
      evidence: { sipCode: 491 },
    });
    expect(s.phase).toBe('withBot');
  });

  it('their offer is taken while ours waits for its next try', () => {
    const s = CallScript.ringing().answers('agent-1').rejects('caller', 491).offers('caller', sdp(1002));
    expect(s.did).toEqual(['acceptOffer caller']);
    s.fires('glare:caller').accepts('caller', sdp(1002));
    expect(s.shown('agent-1')).toBe('1002 sendrecv');
  });
});

describe('a party that will not follow', () => {
  it('488 from the caller: media_incompatible, and the caller is untouched', () => {
    const s = CallScript.ringing().answers('agent-1').rejects('caller', 488);
    expect(s.did).toContain('bye agent-1');
    expect(s.did).not.toContain('reoffer caller');
    expect(s.heard('transfer.failed')).toMatchObject({
      outcome: 'media_incompatible',
      evidence: { sipCode: 488, phase: 'media', decidedBy: 'far_end' },
    });
    expect(s.phase).toBe('withBot');
  });

  it('a refusal of what is wanted no more is no reason to end the call', () => {
    const s = CallScript.ringing().answers('agent-1').hangsUp('agent-1').rejects('caller', 488);
    expect([s.phase, s.told.at(-1)]).toEqual(['withBot', 'transfer.returned']);
  });

  it.each([481, 408])('%i: the dialog is dead, and so is the call', (code) => {
    const s = CallScript.ringing().answers('agent-1').rejects('caller', code);
    expect(s.heard('transfer.failed')).toMatchObject({
      outcome: 'caller_hangup',
      transferStatus: { hangup: true },
    });
    expect(s.did).toContain('bye caller');
  });

  it("an agent that does not follow the caller's move is let go, and the caller returns", () => {
    const s = CallScript.bridged().accepts('bot', sdp(2000, 'inactive'));
    s.offers('caller', null).acks('caller', sdp(1002)).rejects('agent-1', 488);
    expect(s.did).toContain('bye agent-1');
    expect(s.heard('transfer.completed')).toMatchObject({ outcome: 'answered', next: { action: 'return' } });
    expect(s.phase).toBe('returning');
  });

  it("a bot that does not follow the caller's move ends the call: nobody is left to hear", () => {
    const s = CallScript.withBot().offers('caller', null).acks('caller', sdp(1002)).rejects('bot', 488);
    expect(s.heard('call.ended')).toMatchObject({ by: 'engine' });
  });
});

describe('late offer (RFC 3261 13.2.1)', () => {
  it("of the caller: the bot's offer goes to the caller, the caller's answer to the bot", () => {
    const s = new CallScript(null);
    expect(s.did).toContain('dial bot');
    expect(s.answers('bot').did).toEqual(['stop setup', 'start ack:caller', 'answer caller']);
    expect(s.shown('caller')).toBe('2000 sendrecv');
    expect(s.acks('caller').did).toEqual(['stop ack:caller', 'ack bot']);
    expect(s.shown('bot')).toBe('1000 sendrecv');
  });

  it('without an answer in the ACK the call ends', () => {
    expect(new CallScript(null).answers('bot').fires('ack:caller').heard('call.ended')).toMatchObject({
      by: 'engine',
      sipCode: 408,
    });
  });
});
