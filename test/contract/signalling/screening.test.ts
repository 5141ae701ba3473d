import { expect, it } from 'vitest';
import { describeServers } from '../../support/contract-bench.js';
import { until } from '../../support/poll.js';
import { OUR_SDP, Rig, phoneHangsUp } from './rig.js';

describeServers('signalling: what is not a call', (bench) => {
  it('a call that is refused, and one that gets no answer', async () => {
    const rig = await Rig.start(bench);
    const phone = await bench.phone();
    const refused = phone.call(bench.sip());
    rig.policy = () => ({ refuse: { code: 403, reason: 'Not here', headers: [['X-Why', 'policy']] } });
    refused.invite();
    const response = await refused.expect(403);
    expect(response.reason).toBe('Not here');
    expect(response.get('x-why')).toBe('policy');
    refused.ack(response);
    rig.policy = () => ({
      refuse: { code: 302, reason: 'Moved Temporarily', headers: [['Contact', '<sip:x@127.0.0.1:9>']] },
    });
    const moved = phone.call(bench.sip());
    moved.invite();
    const redirection = await moved.expect(302);
    expect(redirection.get('contact')).toBe('<sip:x@127.0.0.1:9>');
    moved.ack(redirection);
    rig.policy = () => 'ignore';
    rig.offers.length = 0;
    const ignored = phone.call(bench.sip());
    ignored.invite();
    const { told } = await rig.offered();
    await told.silent(50);
    expect(ignored.take((m) => m.status > 100)).toBeUndefined();
    ignored.cancel();
    ignored.ack(await ignored.expect(487));
    await told.silent(50);
  });

  it('an engine that throws: 500', async () => {
    const rig = await Rig.start(bench, {}, { log: { info: noop, warn: noop, error: noop } });
    rig.policy = () => {
      throw new Error('broken');
    };
    const call = (await bench.phone()).call(bench.sip());
    call.invite();
    call.ack(await call.expect(500));
  });

  it('a refusal with a code srf has no word for goes out as the general one of its class', async () => {
    const rig = await Rig.start(bench);
    rig.policy = () => ({ refuse: { code: 607, reason: 'Unwanted' } });
    const call = (await bench.phone()).call(bench.sip());
    call.invite();
    call.ack(await call.expect(600));
  });

  it('INVITE without Contact: 400', async () => {
    const rig = await Rig.start(bench);
    const call = (await bench.phone()).call(bench.sip());
    call.invite({ contact: false });
    call.ack(await call.expect(400));
    expect(rig.offers).toEqual([]);
  });

  it('an option we do not know: 420 with Unsupported; a body we do not read: 415 with Accept', async () => {
    const rig = await Rig.start(bench);
    const phone = await bench.phone();
    const one = phone.call(bench.sip());
    one.invite({
      headers: [
        ['Require', '100rel, precondition'],
        ['Require', 'foo'],
      ],
    });
    const extension = await one.expect(420);
    expect(extension.get('unsupported')?.replace(/\s/g, '')).toBe('precondition,foo');
    one.ack(extension);
    const two = phone.call(bench.sip());
    two.invite({ body: 'hello', type: 'text/plain' });
    const media = await two.expect(415);
    expect(media.get('accept')).toBe('application/sdp');
    two.ack(media);
    expect(rig.offers).toEqual([]);
  });

  it('a broken session description is the engine’s to judge, as it came', async () => {
    const rig = await Rig.start(bench);
    const calling = await rig.calling({ body: 'v=0\r\nnonsense', type: 'application/SDP; charset=utf-8' });
    expect(calling.offer.sdp).toBe('v=0\r\nnonsense');
    calling.leg.reject(488, 'Not Acceptable Here', []);
    calling.call.ack(await calling.call.expect(488));
    await calling.told.next('closed');
  });

  it('the same INVITE on another path: 482, and the call stays', async () => {
    const rig = await Rig.start(bench);
    const { call, leg, told, invite } = await rig.calling();
    leg.ring(180, 'Ringing', null);
    await call.expect(180);
    call.send('INVITE', { cseq: invite.cseq, to: invite.need('to'), body: invite.body });
    // The real server takes it for a request in the early dialog and never answers it; nobody else is told.
    if (!bench.real) call.ack(await call.expect(482));
    await told.silent(50);
    expect(rig.offers).toEqual([]);
    call.lastInvite = invite;
    leg.answer(OUR_SDP);
    call.ack(await call.expect(200));
    await phoneHangsUp({ call, told });
  });

  it('OPTIONS outside a call: 200 with Allow; other requests: 405 with Allow', async () => {
    await Rig.start(bench);
    const phone = await bench.phone();
    const ping = phone.call(bench.sip());
    ping.send('OPTIONS');
    const pong = await ping.expect(200);
    expect(pong.get('allow')).toContain('INVITE');
    for (const method of ['MESSAGE', 'REGISTER', 'SUBSCRIBE', 'PUBLISH', 'NOTIFY', 'INFO']) {
      const call = phone.call(bench.sip());
      call.send(method, {
        headers: [
          ['Event', 'presence'],
          ['Expires', '60'],
        ],
      });
      const response = await call.expect(405);
      expect(response.get('allow')).toContain('INVITE');
    }
  });

  it('requests inside a call that change nothing', async () => {
    const rig = await Rig.start(bench);
    const called = await rig.answered();
    const { call, told } = called;
    const answers: Record<string, number> = {
      INFO: 200,
      OPTIONS: 200,
      MESSAGE: 405,
      PUBLISH: 405,
      NOTIFY: 481,
    };
    for (const [method, status] of Object.entries(answers)) {
      const headers = [
        ['Event', 'presence'],
        ['Subscription-State', 'active'],
      ] as const;
      const request = call.send(method, { headers });
      const response = await call.expect((m) => m.status >= 200 && m.cseq === request.cseq);
      expect([method, response.status]).toEqual([method, status]);
    }
    await told.silent(50);
    await phoneHangsUp(called);
  });

  it('INFO, and UPDATE with and without an offer, before the answer', async () => {
    const rig = await Rig.start(bench);
    const { call, leg, told } = await rig.calling();
    leg.ring(183, 'Session Progress', OUR_SDP);
    await call.expect(100);
    call.learn(await call.expect(183));
    const invite = call.lastInvite;
    call.send('INFO');
    const info = await call.expect((m) => m.status >= 200);
    // The real server has no application for it yet.
    expect(info.status).toBe(bench.real ? 500 : 200);
    call.send('UPDATE');
    expect((await call.expect((m) => m.status >= 200)).status).toBe(200);
    call.send('UPDATE', { body: OUR_SDP });
    expect((await call.expect((m) => m.status >= 200)).status).toBe(500);
    leg.answer(OUR_SDP);
    call.lastInvite = invite;
    call.ack(await call.expect(200));
    await phoneHangsUp({ call, told });
  });

  it('Require: 100rel makes provisional responses reliable, and the 200 wait for the PRACK', async () => {
    const rig = await Rig.start(bench);
    const { call, leg, told } = await rig.calling({
      headers: [
        ['Require', '100rel'],
        ['Supported', '100rel'],
      ],
    });
    leg.ring(183, 'Session Progress', OUR_SDP);
    leg.ring(180, 'Ringing', null);
    leg.answer(OUR_SDP);
    const progress = await call.expect(183);
    expect(progress.get('require')).toBe('100rel');
    expect(progress.get('rseq')).toBeDefined();
    await told.silent(20);
    expect(call.take((m) => m.status === 200)).toBeUndefined();
    const invite = call.lastInvite;
    call.prack(progress);
    await call.expect((m) => m.status === 200 && m.need('cseq').endsWith('PRACK'));
    call.lastInvite = invite;
    const ok = await call.expect((m) => m.status === 200 && m.need('cseq').endsWith('INVITE'));
    call.ack(ok, { cseq: invite?.cseq ?? 0 });
    await until(() => told.ladder.includes('< PRACK'), 'the PRACK in the ladder');
    await phoneHangsUp({ call, told });
  });

  it('Require: 100rel without Supported is not a reason to wait for ever', async () => {
    const rig = await Rig.start(bench, { ack: 300 });
    const { call, leg, told } = await rig.calling({ headers: [['Require', '100rel']] });
    leg.ring(180, 'Ringing', null);
    leg.answer(OUR_SDP);
    const first = await call.expect((m) => m.status >= 180);
    const invite = call.lastInvite;
    if (first.get('rseq') !== undefined) {
      call.prack(first);
      await call.expect((m) => m.status === 200 && m.need('cseq').endsWith('PRACK'));
    }
    call.lastInvite = invite;
    const ok = first.status === 200 ? first : await call.expect((m) => m.status === 200);
    call.ack(ok, { cseq: invite?.cseq ?? 0 });
    await phoneHangsUp({ call, told });
  });

  it('a reliable provisional response of the far end is PRACKed', async () => {
    const rig = await Rig.start(bench);
    const { call, invite, told } = await rig.called();
    call.respond(invite, 183, {
      headers: [
        ['Require', '100rel'],
        ['RSeq', '7'],
      ],
      body: OUR_SDP,
    });
    const prack = await call.expect('PRACK');
    expect(prack.get('rack')).toBe(`7 ${invite.need('cseq')}`);
    call.respond(prack, 200);
    expect((await told.next('progress')).sdp).toBe(OUR_SDP);
    call.accept(invite);
    await call.expect('ACK');
    await told.next('answered');
    await phoneHangsUp({ call, told });
  });
});

const noop = (): void => undefined;
