import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Queue, Trunk } from '../../src/domain/settings.js';
import { describeServers } from '../support/contract-bench.js';
import {
  startEngineBench,
  trunkTo,
  type EngineBench,
  type EngineBenchOptions,
} from '../support/engine-bench.js';
import { accept, byed, hangsUp, talking, verdict, type Talking } from '../support/engine-flow.js';
import { sdp, SipPhone, type PhoneCall, type SipMessage } from '../support/sip-phone/index.js';

describeServers('hunting for somebody who answers', (server) => {
  let bench: EngineBench;
  let one: SipPhone;
  let two: SipPhone;

  const queue = (strategy: Queue['strategy'], overflow: Queue['overflow'] = null): EngineBenchOptions => ({
    targets: {
      queues: new Map([
        [
          'support',
          {
            name: 'support',
            members: [one.uri, two.uri],
            strategy,
            maxWaitMs: 60_000,
            music: null,
            overflow,
          },
        ],
      ]),
      extensions: new Map([['7001', { queue: 'support' }]]),
    },
  });
  const start = async (options: EngineBenchOptions): Promise<Talking> => {
    bench = await startEngineBench(server.backend, options);
    return talking(bench);
  };

  beforeEach(async () => {
    one = await SipPhone.open({ user: 'one' });
    two = await SipPhone.open({ user: 'two' });
  });

  afterEach(async () => {
    await bench.close();
    await Promise.all([one.close(), two.close()]);
  });

  async function rung(phone: SipPhone): Promise<{ party: PhoneCall; invite: SipMessage }> {
    const invite = await phone.expect('INVITE');
    return { party: phone.answering(invite), invite };
  }

  async function refused(phone: SipPhone, status: number): Promise<SipMessage> {
    const { party, invite } = await rung(phone);
    party.respond(invite, status);
    await party.expect('ACK');
    return invite;
  }

  async function answered(phone: SipPhone, call: Talking): Promise<void> {
    const { party, invite } = await rung(phone);
    party.accept(invite, { body: sdp({ port: 61000, user: phone.user }) });
    await party.expect('ACK');
    await accept(call.caller, 40000);
    await byed(call.bot);
    await hangsUp(party);
    await byed(call.caller);
    await bench.settled();
  }

  it('ringAll: all ring, the first to answer has the caller, the others are cancelled', async () => {
    const call = await start(queue('ringAll'));
    await bench.transfer(call.callId, { targets: [{ extension: '7001' }] });
    const [first, second] = [await rung(one), await rung(two)];
    first.party.respond(first.invite, 180);
    second.party.respond(second.invite, 180);
    await bench.events.next('transfer.attempt.ringing');
    second.party.accept(second.invite, { body: sdp({ port: 61000, user: 'two' }) });
    await second.party.expect('ACK');
    const cancel = await first.party.expect('CANCEL');
    expect(cancel.need('reason')).toContain('Call completed elsewhere');
    first.party.respond(cancel, 200);
    first.party.respond(first.invite, 487);
    await first.party.expect('ACK');
    const answer = await bench.events.next('transfer.attempt.answered');
    expect(answer.data).toMatchObject({ attempt: { target: '7001' }, answeredBy: two.uri });
    await accept(call.caller, 40000);
    await byed(call.bot);
    await hangsUp(second.party);
    await byed(call.caller);
    expect(await verdict(bench, 'transfer.completed')).toMatchObject({ outcome: 'answered' });
    await bench.settled();
  });

  it('ringAll: both answer at once, one is hung up on at once', async () => {
    const call = await start(queue('ringAll'));
    await bench.transfer(call.callId, { targets: [{ queue: 'support' }] });
    const [first, second] = [await rung(one), await rung(two)];
    for (const { party, invite } of [first, second]) party.accept(invite, { body: sdp({ port: 61000 }) });
    await Promise.all([first.party.expect('ACK'), second.party.expect('ACK')]);
    await accept(call.caller, 40000);
    const loser = await Promise.race([
      first.party.expect('BYE').then((bye) => ({ ...first, bye })),
      second.party.expect('BYE').then((bye) => ({ ...second, bye })),
    ]);
    loser.party.respond(loser.bye, 200);
    const winner = loser.party === first.party ? second.party : first.party;
    await byed(call.bot);
    await hangsUp(winner);
    await byed(call.caller);
    await bench.settled();
  });

  it('ringAll: nobody takes it: the weightiest refusal is the outcome', async () => {
    const call = await start(queue('ringAll', { node: 'Apology' }));
    await bench.transfer(call.callId, { targets: [{ queue: 'support' }] });
    await refused(one, 486);
    await refused(two, 404);
    const failed = await bench.events.next('transfer.failed');
    expect(failed.data).toMatchObject({ outcome: 'busy', next: { action: 'goto', node: 'Apology' } });
    await hangsUp(call.caller);
    await byed(call.bot);
    await bench.settled();
  });

  it('sequential: from the top, one after the other', async () => {
    const call = await start(queue('sequential'));
    await bench.transfer(call.callId, { targets: [{ queue: 'support' }] });
    await refused(one, 486);
    await answered(two, call);
    expect(bench.events.types().filter((t) => t === 'transfer.attempt.started')).toHaveLength(2);
  });

  it('roundRobin: the next call begins with the next member', async () => {
    const call = await start(queue('roundRobin'));
    await bench.transfer(call.callId, { targets: [{ queue: 'support' }] });
    await answered(one, call);
    const again = await talking(bench);
    await bench.transfer(again.callId, { targets: [{ queue: 'support' }] });
    await answered(two, again);
  });

  const trunks = (main: Partial<Trunk>): EngineBenchOptions => {
    const proxy = (phone: SipPhone): string => phone.uri.replace(`${phone.user}@`, '');
    const spare = trunkTo(two, { name: 'spare', allow: ['127.0.0.77/32'] });
    return { trunk: { proxy: proxy(one), failover: ['spare'], ...main }, trunks: [spare] };
  };

  for (const status of [500, 503]) {
    it(`${status} on the trunk: the next trunk carries the call`, async () => {
      const call = await start(trunks({}));
      await bench.transfer(call.callId, { targets: [{ phoneNumber: '+16125550111' }] });
      await refused(one, status);
      await answered(two, call);
      const second = bench.events.all.filter((e) => e.type === 'transfer.attempt.started')[1];
      expect(second?.data).toMatchObject({ attempt: { n: 2, trunk: 'spare', because: 'trunk_failed' } });
    });
  }

  it('486 is the target, not the trunk: no other trunk is tried', async () => {
    const call = await start(trunks({}));
    await bench.transfer(call.callId, { targets: [{ phoneNumber: '+16125550111' }] });
    await refused(one, 486);
    expect(await verdict(bench, 'transfer.failed')).toMatchObject({ outcome: 'busy' });
    await hangsUp(call.caller);
    await byed(call.bot);
    await bench.settled();
  });

  it('403 to the caller’s own number: once more with the business number, and told', async () => {
    const callerId = { policy: 'caller' as const, number: '+18005550100', allowForeign: false, recipe: {} };
    const call = await start(trunks({ callerId, failover: [] }));
    await bench.transfer(call.callId, { targets: [{ phoneNumber: '+16125550111' }] });
    expect((await refused(one, 403)).need('from')).toContain('sip:caller@');
    expect((await refused(one, 403)).need('from')).toContain('sip:+18005550100@');
    expect(await verdict(bench, 'transfer.failed')).toMatchObject({ outcome: 'forbidden' });
    const second = bench.events.all.filter((e) => e.type === 'transfer.attempt.started')[1];
    expect(second?.data).toMatchObject({ attempt: { because: 'caller_id_refused' } });
    await hangsUp(call.caller);
    await byed(call.bot);
    await bench.settled();
  });

  it('a trunk that is full refuses before any SIP, and the bot is told', async () => {
    const limits = { concurrent: null, perMinute: 1, perTargetPerMinute: null };
    const call = await start(trunks({ limits, failover: [] }));
    const command = { targets: [{ phoneNumber: '+16125550111' }] as const };
    await bench.transfer(call.callId, command);
    await refused(one, 486);
    await bench.events.next('transfer.returned');
    await expect(bench.transfer(call.callId, command)).rejects.toMatchObject({ code: 'rate_limited' });
    const limited = await bench.events.next('transfer.failed');
    expect(limited.data).toMatchObject({ outcome: 'congestion', evidence: { decidedBy: 'policy' } });
    await hangsUp(call.caller);
    await byed(call.bot);
    await bench.settled();
  });

  it('digits behind the number are pressed once the caller is through', async () => {
    const transfer = { refer: 'auto', referTo: 'sip', headersIn: 'message', dtmfInfo: true } as const;
    const call = await start(trunks({ transfer, failover: [] }));
    await bench.transfer(call.callId, { targets: [{ phoneNumber: '+16125550111', postDial: 'w4#' }] });
    const { party, invite } = await rung(one);
    party.accept(invite, { body: sdp({ port: 61000 }) });
    await party.expect('ACK');
    await accept(call.caller, 40000);
    for (const key of ['4', '#']) {
      const info = await party.expect('INFO');
      expect(info.body).toContain(`Signal=${key}`);
      party.respond(info, 200);
    }
    await byed(call.bot);
    await hangsUp(party);
    await byed(call.caller);
    await bench.settled();
  });
});
