import { expect, it } from 'vitest';
import { describeServers } from '../../support/contract-bench.js';
import { until } from '../../support/poll.js';
import type { SipMessage } from '../../support/sip-phone/index.js';
import { NEXT_SDP, OUR_SDP, Rig, phoneHangsUp } from './rig.js';

const DTMF = { contentType: 'application/dtmf-relay', body: 'Signal=5\r\nDuration=160\r\n' };

describeServers('signalling: what a dialog is called, and whose it is', (bench) => {
  it('a caller’s dialog has its name with our first provisional response', async () => {
    const rig = await Rig.start(bench);
    const { call, leg, told } = await rig.calling();
    expect(leg.dialog).toBeNull();
    leg.ring(180, 'Ringing', null);
    const ringing = await call.expect(180);
    const ids = { callId: call.callId, localTag: ringing.toTag, remoteTag: call.localTag };
    await until(() => leg.dialog !== null, 'the dialog');
    expect(leg.dialog).toEqual(ids);
    leg.answer(OUR_SDP);
    call.ack(await call.expect(200));
    await until(() => told.ladder.includes('< ACK'), 'the ACK');
    expect(leg.dialog).toEqual(ids);
    await phoneHangsUp({ call, told });
  });

  it('one that did not ring has it with the answer', async () => {
    const rig = await Rig.start(bench);
    const { call, leg, told, ok } = await rig.answered();
    expect(leg.dialog).toEqual({ callId: call.callId, localTag: ok.toTag, remoteTag: call.localTag });
    await phoneHangsUp({ call, told });
  });

  it('a dialled one with the first To-tag; the answer’s is the one that stays', async () => {
    const rig = await Rig.start(bench);
    const { call, invite, leg, told } = await rig.called();
    expect(leg.dialog).toBeNull();
    const ids = { callId: invite.callId, localTag: invite.fromTag };
    call.respond(invite, 180);
    await told.next('progress');
    expect(leg.dialog).toEqual({ ...ids, remoteTag: call.localTag });
    call.respond(invite, 180, { tag: 'another-fork' });
    await told.next('progress');
    expect(leg.dialog).toEqual({ ...ids, remoteTag: call.localTag });
    call.localTag = 'another-fork';
    call.accept(invite);
    await call.expect('ACK');
    await told.next('answered');
    expect(leg.dialog).toEqual({ ...ids, remoteTag: 'another-fork' });
    await phoneHangsUp({ call, told });
  });

  it('without an offer it is known with the 200', async () => {
    const rig = await Rig.start(bench);
    const { call, invite, leg, told } = await rig.called({}, null);
    call.accept(invite);
    await told.next('answered');
    expect(leg.dialog).toMatchObject({ localTag: invite.fromTag, remoteTag: call.localTag });
    leg.ack(OUR_SDP);
    await call.expect('ACK');
    await phoneHangsUp({ call, told });
  });

  it('is told to another listener and ladder after it has moved', async () => {
    const rig = await Rig.start(bench);
    const { call, leg, told } = await rig.talking();
    const heir = rig.told();
    leg.rebind(heir.listener, heir.tap);
    leg.reoffer(NEXT_SDP);
    call.accept(await call.expect('INVITE'));
    await heir.next('reofferAccepted');
    expect(heir.ladder).toContain('> INVITE +sdp');
    await phoneHangsUp({ call, told: heir });
    leg.rebind(told.listener, told.tap);
    await told.silent(20);
  });

  it('an INVITE that asks to replace a dialog is the engine’s to judge; what we support is said', async () => {
    const rig = await Rig.start(bench);
    const replaces = ['Replaces', 'a@b;to-tag=1;from-tag=2'] as const;
    const { call, leg, told, offer } = await rig.calling({ headers: [replaces, ['Require', 'replaces']] });
    expect(offer.header('replaces')).toBe('a@b;to-tag=1;from-tag=2');
    leg.answer(OUR_SDP);
    const ok = await call.expect(200);
    expect(tagsOf(ok)).toEqual(expect.arrayContaining(['replaces', 'norefersub']));
    call.ack(ok);
    await phoneHangsUp({ call, told });
    const called = await rig.called();
    expect(tagsOf(called.invite)).toEqual(expect.arrayContaining(['replaces', 'norefersub']));
    expect(tagsOf(called.invite)).not.toContain('100rel');
    called.call.respond(called.invite, 486);
    await called.told.next('refused');
  });

  it.each([
    [200, 200],
    [481, 481],
    [503, 503],
  ])('our BYE answered %i', async (status, code) => {
    const rig = await Rig.start(bench);
    const { call, leg, told } = await rig.talking();
    leg.bye([]);
    call.respond(await call.expect('BYE'), status);
    expect(await told.next('closed')).toEqual({ type: 'closed', code });
  });

  it('our BYE not answered, and a rejection: no code', async () => {
    const rig = await Rig.start(bench, { bye: 100 });
    const silent = await rig.talking();
    silent.leg.bye([]);
    const bye = await silent.call.expect('BYE');
    expect((await silent.told.next('closed')).code).toBeNull();
    silent.call.respond(bye, 200);
    const { call, leg, told } = await rig.calling();
    leg.reject(486, 'Busy Here', []);
    call.ack(await call.expect(486));
    expect((await told.next('closed')).code).toBeNull();
  });
});

describeServers('signalling: INFO', (bench) => {
  it('with a body is answered and told, without one only answered', async () => {
    const rig = await Rig.start(bench);
    for (const party of [await rig.talking(), await rig.answered()]) {
      const { call, told } = party;
      call.send('INFO');
      await call.expect('200 INFO');
      call.send('INFO', { body: DTMF.body, headers: [], type: DTMF.contentType });
      await call.expect('200 INFO');
      expect((await told.next('info')).info).toEqual(DTMF);
      call.send('INFO', { body: '<media_control/>', type: 'application/media_control+xml; charset=utf-8' });
      expect((await told.next('info')).info.contentType).toBe('application/media_control+xml; charset=utf-8');
      await call.expect('200 INFO');
      await phoneHangsUp(party);
    }
  });

  it('of ours goes into the dialog as it is, whatever the answer', async () => {
    const rig = await Rig.start(bench);
    const { call, leg, told } = await rig.talking();
    for (const status of [200, 415]) {
      leg.info(DTMF);
      const info = await call.fresh('INFO');
      expect(info.get('content-type')).toBe('application/dtmf-relay');
      expect(info.body).toBe(DTMF.body);
      call.respond(info, status);
    }
    leg.info({ contentType: 'text/plain\r\nX-Evil: 1', body: 'x' });
    await told.silent(50);
    expect(call.take('INFO')).toBeUndefined();
    await phoneHangsUp({ call, told });
    leg.info(DTMF);
  });
});

const tagsOf = (message: SipMessage): string[] => message.need('supported').split(/\s*,\s*/);
