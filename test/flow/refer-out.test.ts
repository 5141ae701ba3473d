import { afterEach, expect, it } from 'vitest';
import { describeServers } from '../support/contract-bench.js';
import { startEngineBench, type EngineBench, type EngineBenchOptions } from '../support/engine-bench.js';
import { byed, hangsUp, talking, verdict, type Talking } from '../support/engine-flow.js';
import type { SipMessage } from '../support/sip-phone/index.js';

const QUICK = { responseMs: 400, firstNotifyMs: 400, totalMs: 3000, departMs: 200 };

describeServers('transfer by REFER towards the caller', (server) => {
  let bench: EngineBench;

  const start = async (options: EngineBenchOptions = {}): Promise<void> => {
    bench = await startEngineBench(server.backend, {
      ...options,
      transfer: { refer: QUICK, ...options.transfer },
    });
  };

  afterEach(async () => {
    await bench.close();
  });

  /** The command is out: what the caller's network was asked. */
  async function referred(call: Talking, headers: readonly [string, string][] = []): Promise<SipMessage> {
    await bench.transfer(call.callId, { method: 'refer', headers });
    return call.caller.expect('REFER');
  }

  /** ... and it said yes, and how far it is. */
  async function underWay(call: Talking, status = 202): Promise<SipMessage> {
    const refer = await referred(call);
    call.caller.respond(refer, status);
    await notified(call, 'SIP/2.0 100 Trying');
    return refer;
  }

  async function notified({ caller }: Talking, line: string, state = 'active;expires=60'): Promise<void> {
    caller.notify(line, state);
    await caller.expect(200);
  }

  /** The caller is still the bot's: a second transfer, by INVITE, works as if nothing had been. */
  async function stillThere(call: Talking): Promise<void> {
    await hangsUp(call.caller);
    await byed(call.bot);
    await bench.settled();
  }

  for (const status of [202, 200]) {
    it(`REFER answered ${status}, NOTIFY 180 and 200: transferred, and the caller's network hangs up`, async () => {
      await start();
      const call = await talking(bench);
      const refer = await referred(call, [['callReason', 'support']]);
      expect(refer.need('refer-to')).toContain(bench.target.uri);
      expect(refer.need('callReason')).toBe('support');
      call.caller.respond(refer, status);
      await notified(call, 'SIP/2.0 100 Trying');
      await notified(call, 'SIP/2.0 180 Ringing');
      await bench.events.next('transfer.attempt.ringing');
      await notified(call, 'SIP/2.0 200 OK', 'terminated;reason=noresource');
      expect(await verdict(bench, 'transfer.completed')).toMatchObject({
        outcome: 'answered',
        status: 'SUCCESS',
        hangup: false,
      });
      await byed(call.bot);
      await hangsUp(call.caller);
      await bench.settled();
    });
  }

  it('the caller that never hangs up is hung up on', async () => {
    await start();
    const call = await talking(bench);
    await underWay(call);
    await notified(call, 'SIP/2.0 200 OK', 'terminated;reason=noresource');
    await bench.events.next('transfer.completed');
    await byed(call.bot);
    await byed(call.caller);
    await bench.settled();
  });

  const finals: readonly (readonly [string, string])[] = [
    ['486 Busy Here', 'busy'],
    ['603 Decline', 'declined'],
    ['404 Not Found', 'invalid_number'],
    ['480 Temporarily Unavailable', 'no_answer'],
    ['500 Server Internal Error', 'server_error'],
    ['503 Service Unavailable', 'congestion'],
  ];
  for (const [status, outcome] of finals) {
    it(`final NOTIFY ${status}: ${outcome}, and the caller is still with the bot`, async () => {
      await start();
      const call = await talking(bench);
      await underWay(call);
      await notified(call, `SIP/2.0 ${status}`, 'terminated;reason=noresource');
      expect(await verdict(bench, 'transfer.failed')).toMatchObject({ outcome, hangup: false, next: 'stay' });
      await bench.events.next('transfer.returned');
      await stillThere(call);
    });
  }

  it('no NOTIFY ever: unknown', async () => {
    await start();
    const call = await talking(bench);
    call.caller.respond(await referred(call), 202);
    expect(await verdict(bench, 'transfer.failed')).toMatchObject({ outcome: 'unknown', by: 'refer_timer' });
    await stillThere(call);
  });

  it('a subscription that ends on 100: unknown', async () => {
    await start();
    const call = await talking(bench);
    await underWay(call);
    await notified(call, 'SIP/2.0 100 Trying', 'terminated;reason=noresource');
    expect(await verdict(bench, 'transfer.failed')).toMatchObject({ outcome: 'unknown', by: 'far_end' });
    await stillThere(call);
  });

  it('no response to REFER: timeout', async () => {
    await start();
    const call = await talking(bench);
    await referred(call);
    expect(await verdict(bench, 'transfer.failed')).toMatchObject({ outcome: 'timeout', by: 'refer_timer' });
    await hangsUp(call.caller);
    await byed(call.bot);
  });

  it('NOTIFY before the 202 counts', async () => {
    await start();
    const call = await talking(bench);
    const refer = await referred(call);
    await notified(call, 'SIP/2.0 180 Ringing');
    call.caller.respond(refer, 202);
    await notified(call, 'SIP/2.0 200 OK', 'terminated;reason=noresource');
    expect(await verdict(bench, 'transfer.completed')).toMatchObject({ outcome: 'answered' });
    await byed(call.bot);
    await hangsUp(call.caller);
    await bench.settled();
  });

  it('two final NOTIFYs: one outcome', async () => {
    await start();
    const call = await talking(bench);
    await underWay(call);
    await notified(call, 'SIP/2.0 486 Busy Here', 'terminated;reason=noresource');
    await bench.events.next('transfer.returned');
    call.caller.notify('SIP/2.0 200 OK', 'terminated;reason=noresource');
    await call.caller.expect((m) => m.cseqMethod === 'NOTIFY' && m.status >= 200);
    const verdicts = bench.events.types().filter((t) => /^transfer\.(completed|failed|cancelled)$/.test(t));
    expect(verdicts).toEqual(['transfer.failed']);
    await stillThere(call);
  });

  it('a REFER that failed is followed by one that works, on the same dialog', async () => {
    await start();
    const call = await talking(bench);
    await underWay(call);
    await notified(call, 'SIP/2.0 486 Busy Here', 'terminated;reason=noresource');
    await bench.events.next('transfer.returned');
    const second = await referred(call);
    call.caller.respond(second, 202);
    const event = [['Event', `refer;id=${second.cseq}`]] as const;
    call.caller.send('NOTIFY', {
      body: 'SIP/2.0 200 OK\r\n',
      type: 'message/sipfrag;version=2.0',
      headers: [...event, ['Subscription-State', 'terminated;reason=noresource']],
    });
    await call.caller.expect(200);
    await bench.events.next('transfer.completed');
    await byed(call.bot);
    await hangsUp(call.caller);
    await bench.settled();
  });

  it('refused for good, the method: the same target by INVITE, and said so', async () => {
    await start({
      trunk: { transfer: { refer: 'yes', referTo: 'sip', headersIn: 'message', dtmfInfo: false } },
    });
    const call = await talking(bench);
    await bench.transfer(call.callId, { method: 'auto' });
    call.caller.respond(await call.caller.expect('REFER'), 405);
    const degraded = await bench.events.next('transfer.degraded');
    expect(degraded.data).toMatchObject({ from: 'refer', to: 'invite', evidence: { sipCode: 405 } });
    const invite = await bench.target.expect('INVITE');
    const target = bench.target.answering(invite);
    target.respond(invite, 486);
    await target.expect('ACK');
    expect(await verdict(bench, 'transfer.failed')).toMatchObject({ outcome: 'busy' });
    await stillThere(call);
  });

  it('the caller hangs up before the final NOTIFY, which comes right behind: its word counts', async () => {
    await start();
    const call = await talking(bench);
    await underWay(call);
    call.caller.bye();
    call.caller.notify('SIP/2.0 200 OK', 'terminated;reason=noresource');
    expect(await verdict(bench, 'transfer.completed')).toMatchObject({ outcome: 'answered' });
    await byed(call.bot);
    await bench.settled();
  });

  it('the caller hangs up and nobody says how it ended: unknown', async () => {
    await start();
    const call = await talking(bench);
    await underWay(call);
    await hangsUp(call.caller);
    expect(await verdict(bench, 'transfer.failed')).toMatchObject({ outcome: 'unknown', hangup: true });
    await byed(call.bot);
    await bench.settled();
  });

  it('by BYE: its headers say where to, its 200 that it was taken', async () => {
    await start();
    const call = await talking(bench);
    const command = { method: 'bye', reason: 'user_request', headers: [['kore-reason', 'Agent']] } as const;
    await bench.transfer(call.callId, command);
    const bye = await call.caller.expect('BYE');
    expect(bye.need('x-transfer-to')).toContain(bench.target.uri);
    expect(bye.need('x-transfer-reason')).toBe('user_request');
    expect(bye.need('x-transfer-session')).toMatch(/^agent_transfer:/);
    expect(bye.need('kore-reason')).toBe('Agent');
    call.caller.respond(bye, 200);
    expect(await verdict(bench, 'transfer.completed')).toMatchObject({ outcome: 'answered', hangup: false });
    await byed(call.bot);
    await bench.settled();
  });
});
