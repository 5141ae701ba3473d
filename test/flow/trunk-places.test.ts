import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Trunk, TrunkLimits } from '../../src/domain/settings.js';
import { describeServers } from '../support/contract-bench.js';
import { startEngineBench, trunkTo, type EngineBench } from '../support/engine-bench.js';
import { accept, byed, cancelled, hangsUp, talking, type Talking } from '../support/engine-flow.js';
import { sdp, SipPhone, type PhoneCall } from '../support/sip-phone/index.js';

const NONE: TrunkLimits = { concurrent: null, perMinute: null, perTargetPerMinute: null };
const NUMBER = { phoneNumber: '+16125550111' };

describeServers('places on a trunk', (server) => {
  let bench: EngineBench;
  let one: SipPhone;
  let two: SipPhone;

  beforeEach(async () => {
    one = await SipPhone.open({ user: 'one' });
    two = await SipPhone.open({ user: 'two' });
  });

  afterEach(async () => {
    await bench.close();
    await Promise.all([one.close(), two.close()]);
  });

  const proxyOf = (phone: SipPhone): string => phone.uri.replace(`${phone.user}@`, '');

  /** Two trunks: `carrier` to the first phone and, when that fails, `spare` to the second. */
  async function start(main: Partial<Trunk>, spare: Partial<Trunk> = {}): Promise<void> {
    const second = trunkTo(two, { name: 'spare', allow: ['127.0.0.77/32'], ...spare });
    const trunk = { proxy: proxyOf(one), failover: ['spare'], ...main };
    bench = await startEngineBench(server.backend, { trunk, trunks: [second] });
  }

  async function refusal(phone: SipPhone, status: number): Promise<void> {
    const invite = await phone.expect('INVITE');
    const party = phone.answering(invite);
    party.respond(invite, status);
    await party.expect('ACK');
  }

  async function connected(phone: SipPhone, call: Talking): Promise<PhoneCall> {
    const invite = await phone.expect('INVITE');
    const party = phone.answering(invite);
    party.accept(invite, { body: sdp({ port: 61000, user: phone.user }) });
    await party.expect('ACK');
    await accept(call.caller, 40000);
    await byed(call.bot);
    return party;
  }

  async function over(party: PhoneCall, call: Talking): Promise<void> {
    await hangsUp(party);
    await byed(call.caller);
  }

  const inUse = (trunk: string): string | undefined =>
    bench.metrics.told.findLast((told) => told.startsWith(`trunkInUse(${trunk}, `));
  const attempts = (call: Talking): string[] =>
    bench.events.of(call.callId).flatMap(({ data }, i, all) => {
      if (all[i]?.type !== 'transfer.attempt.ended' || !('attempt' in data) || !('outcome' in data))
        return [];
      return [`${data.attempt.trunk} ${data.outcome} by ${data.evidence.decidedBy}`];
    });

  it('a failover takes its place when it is tried, and a full one is passed over without any SIP', async () => {
    await start({}, { limits: { ...NONE, concurrent: 1 } });
    const first = await talking(bench);
    await bench.transfer(first.callId, { targets: [NUMBER] });
    await refusal(one, 503);
    const agent = await connected(two, first);
    expect([inUse('carrier'), inUse('spare')]).toEqual(['trunkInUse(carrier, 0)', 'trunkInUse(spare, 1)']);

    const second = await talking(bench);
    await bench.transfer(second.callId, { targets: [NUMBER, { sipUri: bench.target.uri }] });
    await refusal(one, 503);
    // Nothing for `two`: on to the next target of the command.
    const invite = await bench.target.expect('INVITE');
    expect(attempts(second)).toEqual(['carrier congestion by far_end', 'spare congestion by policy']);
    const party = bench.target.answering(invite);
    party.respond(invite, 486);
    await party.expect('ACK');
    await bench.events.next('transfer.returned');
    expect(new Set(two.received.map(({ callId }) => callId)).size).toBe(1);

    await over(agent, first);
    await hangsUp(second.caller);
    await byed(second.bot);
    await bench.settled();
    expect(inUse('spare')).toBe('trunkInUse(spare, 0)');
  });

  it('a full trunk with a failover does not refuse the command', async () => {
    await start({ limits: { ...NONE, perMinute: 1 } });
    const first = await talking(bench);
    await bench.transfer(first.callId, { targets: [NUMBER] });
    await over(await connected(one, first), first);
    const second = await talking(bench);
    await bench.transfer(second.callId, { targets: [NUMBER] });
    await over(await connected(two, second), second);
    expect(attempts(second)).toEqual(['carrier congestion by policy']);
    await bench.settled();
  });

  it('the second call with the business number counts for the rate', async () => {
    const callerId = { policy: 'caller' as const, number: '+18005550100', allowForeign: false, recipe: {} };
    await start({ callerId, failover: [], limits: { ...NONE, perMinute: 1 } });
    const call = await talking(bench);
    await bench.transfer(call.callId, { targets: [NUMBER] });
    await refusal(one, 403);
    const failed = await bench.events.next('transfer.failed');
    expect(failed.data).toMatchObject({
      outcome: 'congestion',
      evidence: { sipCode: null, phase: 'policy', decidedBy: 'policy', attempt: 2 },
    });
    await hangsUp(call.caller);
    await byed(call.bot);
    await bench.settled();
  });

  it('a target that is cancelled does not stand in the way of the next one', async () => {
    await start({ failover: [], limits: { ...NONE, concurrent: 1 } });
    const call = await talking(bench);
    const targets = [NUMBER, { phoneNumber: '+16125550112' }] as const;
    await bench.transfer(call.callId, { targets, ringTimeoutMs: 500 });
    const first = await one.expect('INVITE');
    const silent = one.answering(first);
    silent.respond(first, 180);
    silent.respond(await silent.expect('CANCEL'), 200);
    // It has not even said goodbye when the next one is called.
    const agent = await connected(one, call);
    silent.respond(first, 487);
    await silent.expect('ACK');
    expect(inUse('carrier')).toBe('trunkInUse(carrier, 1)');
    await over(agent, call);
    await bench.settled();
    expect(inUse('carrier')).toBe('trunkInUse(carrier, 0)');
  });

  it('a REFER holds a place until its verdict, the INVITE in its stead one of its own', async () => {
    const transfer = { refer: 'yes', referTo: 'sip', headersIn: 'message', dtmfInfo: false } as const;
    await start({ failover: [], transfer, limits: { ...NONE, concurrent: 1 } });
    const call = await talking(bench);
    await bench.transfer(call.callId, { targets: [NUMBER] });
    const refer = await call.caller.expect('REFER');
    expect(inUse('carrier')).toBe('trunkInUse(carrier, 1)');
    const other = await talking(bench);
    await expect(bench.transfer(other.callId, { targets: [NUMBER] })).rejects.toMatchObject({
      code: 'rate_limited',
    });
    call.caller.respond(refer, 405);
    const agent = await connected(one, call);
    expect(inUse('carrier')).toBe('trunkInUse(carrier, 1)');
    await over(agent, call);
    await hangsUp(other.caller);
    await byed(other.bot);
    await bench.settled();
    expect(inUse('carrier')).toBe('trunkInUse(carrier, 0)');
  });

  it('a caller who leaves gives the place of a ringing target back', async () => {
    await start({ failover: [] });
    const call = await talking(bench);
    await bench.transfer(call.callId, { targets: [NUMBER] });
    const invite = await one.expect('INVITE');
    const ringing = one.answering(invite);
    ringing.respond(invite, 180);
    await bench.events.next('transfer.attempt.ringing');
    expect(inUse('carrier')).toBe('trunkInUse(carrier, 1)');
    await hangsUp(call.caller);
    await cancelled(ringing, invite);
    await byed(call.bot);
    await bench.settled();
    expect(inUse('carrier')).toBe('trunkInUse(carrier, 0)');
  });
});
