import { afterEach, expect, it } from 'vitest';
import type { Channel } from '../../src/domain/settings.js';
import { describeServers } from '../support/contract-bench.js';
import {
  channelOf,
  startEngineBench,
  trunkTo,
  type EngineBench,
  type EngineBenchOptions,
} from '../support/engine-bench.js';
import { accept, byed, cancelled, hangsUp, verdict } from '../support/engine-flow.js';
import { sdp, SipPhone, type PhoneCall, type SipMessage } from '../support/sip-phone/index.js';

const ROUTE: Channel = {
  ...channelOf('handoff'),
  match: { trunk: 'carrier', did: ['support', '7*'] },
  answer: { by: 'route', to: 'requestUri' },
};

const proxyOf = (phone: SipPhone): string => phone.uri.replace(`${phone.user}@`, '');

describeServers('a call routed without a bot', (server) => {
  let bench: EngineBench;
  const start = async (options: EngineBenchOptions = {}): Promise<void> => {
    bench = await startEngineBench(server.backend, { channels: [ROUTE], ...options });
  };

  afterEach(async () => {
    await bench.close();
  });

  interface Routed {
    readonly ivr: PhoneCall;
    readonly target: PhoneCall;
    readonly invite: SipMessage;
  }

  /** The IVR calls `to`, and its call has reached the target. */
  async function routed(to = '7001', headers: readonly [string, string][] = []): Promise<Routed> {
    const ivr = bench.caller.call(bench.backend.sip(), { to });
    ivr.invite({ headers });
    const invite = await bench.target.expect('INVITE');
    return { ivr, target: bench.target.answering(invite), invite };
  }

  async function talkingTo(to?: string): Promise<Routed> {
    const call = await routed(to);
    call.target.accept(call.invite, { body: sdp({ port: 60000, user: 'target' }) });
    await call.target.expect('ACK');
    const answer = await call.ivr.expect(200);
    expect(answer.body).toContain('m=audio 60000');
    call.ivr.ack(answer);
    await bench.events.next('transfer.bridged');
    return call;
  }

  it('is answered with the target, its headers and early media passed on', async () => {
    await start();
    const call = await routed('7001', [
      ['X-Ticket', '4711'],
      ['X-Switchhook-Call', 'forged'],
    ]);
    expect(call.invite.need('x-ticket')).toBe('4711');
    expect(call.invite.get('x-switchhook-call')).toBeUndefined();
    expect(call.invite.uri).toContain('7001@');
    call.target.respond(call.invite, 180);
    await call.ivr.expect(180);
    call.target.respond(call.invite, 183, { body: sdp({ port: 60000, user: 'target' }) });
    expect((await call.ivr.expect(183)).body).toContain('m=audio 60000');
    call.target.accept(call.invite, { body: sdp({ port: 60000, user: 'target' }) });
    await call.target.expect('ACK');
    call.ivr.ack(await call.ivr.expect(200));
    await hangsUp(call.target);
    await byed(call.ivr);
    expect(await verdict(bench, 'transfer.completed')).toMatchObject({ outcome: 'answered' });
    await bench.settled();
  });

  it('has heard one target and the next one answers: the 200 repeats the answer, a re-INVITE brings the news', async () => {
    const early = sdp({ port: 60000, user: 'first' });
    const second = await SipPhone.open({ user: 'second' });
    try {
      const spare = trunkTo(second, { name: 'spare', allow: ['127.0.0.77/32'], proxy: proxyOf(second) });
      await start({ trunk: { failover: ['spare'] }, trunks: [spare] });
      const { ivr, target, invite } = await routed();
      target.respond(invite, 183, { body: early });
      const heard = (await ivr.expect(183)).body;
      expect(heard).toContain('m=audio 60000');
      target.respond(invite, 503);
      await target.expect('ACK');

      const next = await second.expect('INVITE');
      const agent = second.answering(next);
      agent.respond(next, 183, { body: sdp({ port: 61000, user: 'second' }) });
      expect((await ivr.expect(183)).body).toBe('');
      agent.accept(next, { body: sdp({ port: 61000, user: 'second' }) });
      await agent.expect('ACK');
      const answer = await ivr.expect(200);
      expect(answer.body).toBe(heard);
      ivr.ack(answer);
      expect((await accept(ivr, 40000)).body).toContain('m=audio 61000');
      await bench.events.next('transfer.bridged');
      await hangsUp(agent);
      await byed(ivr);
      await bench.settled();
    } finally {
      await second.close();
    }
  });

  it('that finds nobody gets the last failure, as its trunk wants it', async () => {
    await start({ trunk: { statusMap: { 603: 486 } } });
    const call = await routed();
    call.target.respond(call.invite, 603);
    await call.target.expect('ACK');
    call.ivr.ack(await call.ivr.expect(486));
    expect(await verdict(bench, 'transfer.failed')).toMatchObject({ outcome: 'declined', next: 'end' });
    await bench.settled();
  });

  it('gives up: the target is cancelled, the outcome is the caller leaving', async () => {
    await start();
    const call = await routed();
    call.target.respond(call.invite, 180);
    await call.ivr.expect(180);
    call.ivr.cancel();
    await call.ivr.expect(200);
    call.ivr.ack(await call.ivr.expect(487));
    await cancelled(call.target, call.invite);
    expect(await verdict(bench, 'transfer.failed')).toMatchObject({ outcome: 'caller_hangup' });
    await bench.settled();
  });

  it('to something that is nothing: 404, and told', async () => {
    await start();
    const ivr = bench.caller.call(bench.backend.sip(), { to: '7-what' });
    ivr.invite();
    ivr.ack(await ivr.expect(404));
    const failed = await bench.events.next('transfer.failed');
    expect(failed.data).toMatchObject({ outcome: 'invalid_number', evidence: { decidedBy: 'policy' } });
    await bench.settled();
  });

  it('the IVR sends its other party elsewhere by REFER, like any bot', async () => {
    await start();
    const call = await talkingTo();
    call.ivr.refer('<tel:7002>');
    await call.ivr.expect(202);
    const invite = await bench.target.expect('INVITE');
    expect(invite.uri).toContain('7002@');
    const second = bench.target.answering(invite);
    second.accept(invite, { body: sdp({ port: 61000, user: 'second' }) });
    await second.expect('ACK');
    const moved = await accept(call.target, 60000);
    expect(moved.body).toContain('m=audio 61000');
    await bench.events.next('transfer.completed');
    await hangsUp(call.ivr);
    await hangsUp(second);
    await byed(call.target);
    await bench.settled();
    expect(bench.events.types().filter((t) => t === 'transfer.completed')).toHaveLength(2);
  });

  it('the IVR does so with its BYE', async () => {
    await start();
    const call = await talkingTo();
    call.ivr.bye({ headers: [['X-Transfer-To', '7002']] });
    await call.ivr.expect(200);
    const invite = await bench.target.expect('INVITE');
    const second = bench.target.answering(invite);
    second.accept(invite, { body: sdp({ port: 61000, user: 'second' }) });
    await second.expect('ACK');
    expect((await accept(call.target, 60000)).body).toContain('m=audio 61000');
    await bench.events.next('transfer.bridged');
    await hangsUp(second);
    await byed(call.target);
    await bench.settled();
  });

  it('DTMF by INFO goes through, both ways', async () => {
    await start();
    const call = await talkingTo();
    const press = { body: 'Signal=5\r\nDuration=160\r\n', type: 'application/dtmf-relay' };
    for (const [from, to] of [
      [call.ivr, call.target],
      [call.target, call.ivr],
    ] as const) {
      from.send('INFO', press);
      await from.expect(200);
      const info = await to.expect('INFO');
      expect([info.body, info.need('content-type')]).toEqual([press.body, press.type]);
      to.respond(info, 200);
    }
    await hangsUp(call.ivr);
    await byed(call.target);
    await bench.settled();
  });

  it('a channel may redirect, or refuse, before anybody answers', async () => {
    const turned = (id: string, did: string, answer: Channel['answer']): Channel => ({
      ...channelOf(id),
      match: { trunk: 'carrier', did: [did] },
      answer,
    });
    await start({
      channels: [
        turned('moved', '81', { by: 'redirect', to: { sipUri: 'sip:desk@127.0.0.1:5999' } }),
        turned('closed', '82', { by: 'refuse', code: 480, reason: 'Closed' }),
      ],
    });
    const moved = bench.caller.call(bench.backend.sip(), { to: '81' });
    moved.invite();
    const redirect = await moved.expect(302);
    expect(redirect.need('contact')).toBe('<sip:desk@127.0.0.1:5999>');
    moved.ack(redirect);
    const closed = bench.caller.call(bench.backend.sip(), { to: '82' });
    closed.invite();
    closed.ack(await closed.expect(480));
    await bench.settled();
  });

  it('is one hop further: 483 at the last, Max-Forwards one less', async () => {
    await start();
    const call = await routed();
    expect(Number(call.invite.need('max-forwards'))).toBe(69);
    const looped = bench.caller.call(bench.backend.sip(), { to: '7001' });
    const spent = looped.build('INVITE', { body: sdp({}) });
    const raw = Buffer.from(spent.raw.toString().replace('Max-Forwards: 70', 'Max-Forwards: 0'));
    bench.caller.send(raw, bench.backend.sip());
    await looped.expect(483);
    call.target.respond(call.invite, 486);
    await call.target.expect('ACK');
    call.ivr.ack(await call.ivr.expect(486));
    await bench.settled();
  });
});
