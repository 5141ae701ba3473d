import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeServers } from '../support/contract-bench.js';
import { startEngineBench, type EngineBench } from '../support/engine-bench.js';
import { accept, BOT_PORT, byed, hangsUp, TARGET_PORT } from '../support/engine-flow.js';
import { picksUp, rings } from '../support/refer-flow.js';
import { sdp, type PhoneCall, type SipMessage } from '../support/sip-phone/index.js';

interface Unacknowledged {
  readonly caller: PhoneCall;
  readonly bot: PhoneCall;
  /** The 200 the caller has, and has not acknowledged. */
  readonly answer: SipMessage;
}

describeServers('requests ahead of the ACK (RFC 5407 3.1.4 to 3.1.6)', (server) => {
  let bench: EngineBench;

  beforeEach(async () => {
    bench = await startEngineBench(server.backend);
  });

  afterEach(async () => {
    await bench.close();
  });

  async function answered(offer?: ''): Promise<Unacknowledged> {
    const caller = bench.caller.call(bench.backend.sip(), { to: '18005550100' });
    caller.invite(offer === undefined ? {} : { body: offer });
    const invite = await bench.bot.expect('INVITE');
    const bot = bench.bot.answering(invite);
    bot.accept(invite, { body: sdp({ port: BOT_PORT, user: 'bot' }) });
    const answer = await caller.expect(200);
    caller.learn(answer);
    return { caller, bot, answer };
  }

  const finalTo = (party: PhoneCall, request: SipMessage): Promise<SipMessage> =>
    party.expect((m) => m.status >= 200 && m.cseq === request.cseq && m.cseqMethod === request.method);

  async function over({ caller, bot }: Unacknowledged): Promise<void> {
    await hangsUp(caller);
    await byed(bot);
    await bench.settled();
  }

  it('re-INVITE: the dialog is there and its session agreed, so it is answered like any other', async () => {
    const call = await answered();
    await call.bot.expect('ACK');
    const second = call.caller.invite({ body: sdp({ port: 41000, version: 2 }) });
    expect((await accept(call.bot, BOT_PORT)).body).toContain('m=audio 41000');
    const agreed = await finalTo(call.caller, second);
    expect([agreed.status, agreed.body.includes(`m=audio ${BOT_PORT}`)]).toEqual([200, true]);
    call.caller.ack(call.answer);
    call.caller.ack(agreed);
    await over(call);
  });

  it('re-INVITE while the ACK still owes the answer: 491, and the answer is heard when it comes', async () => {
    const call = await answered('');
    const second = call.caller.invite({ body: sdp({ port: 41000, version: 2 }) });
    const refused = await finalTo(call.caller, second);
    expect(refused.status).toBe(491);
    call.caller.ack(refused);
    call.caller.ack(call.answer, { body: sdp({ port: 42000 }) });
    expect((await call.bot.expect('ACK')).body).toContain('m=audio 42000');
    await over(call);
  });

  for (const [what, offer] of [
    ['BYE', undefined],
    ['BYE while the ACK still owes the answer', ''],
  ] as const) {
    it(`${what}: 200, the bot is hung up on, and the ACK behind it harms nobody`, async () => {
      const call = await answered(offer);
      if (offer === undefined) await call.bot.expect('ACK');
      const bye = call.caller.bye();
      expect((await finalTo(call.caller, bye)).status).toBe(200);
      call.caller.ack(call.answer);
      await byed(call.bot);
      expect((await bench.events.next('call.ended')).data).toMatchObject({ by: 'caller' });
      await bench.settled();
      expect(bench.caller.count('BYE')).toBe(0);
    });
  }

  it('the bot hangs up: the caller gets its BYE once it has acknowledged, and not before', async () => {
    const call = await answered();
    await call.bot.expect('ACK');
    await hangsUp(call.bot);
    await bench.events.next('call.ended');
    // One round trip through server and engine: a BYE sent by now would have come before its answer.
    await finalTo(call.caller, call.caller.send('OPTIONS'));
    expect(call.caller.take('BYE')).toBeUndefined();
    call.caller.ack(call.answer);
    await byed(call.caller);
    await bench.settled();
  });

  for (const method of ['INVITE', 'UPDATE'] as const) {
    it(`${method} of its own ahead of the ACK does not keep the caller from being moved to its target`, async () => {
      const call = await answered();
      await call.bot.expect('ACK');
      const { callId } = await bench.events.next('call.started');
      await bench.transfer(callId);
      const rung = await rings(bench);
      await picksUp(rung);
      const own = call.caller.send(method, { body: sdp({ port: 41000, version: 2 }) });
      const refused = await finalTo(call.caller, own);
      expect(refused.status).toBe(491);
      if (method === 'INVITE') call.caller.ack(refused);
      call.caller.send('ACK', { cseq: call.answer.cseq });
      expect((await accept(call.caller, 40000)).body).toContain(`m=audio ${TARGET_PORT}`);
      await bench.events.next('transfer.bridged');
      await byed(call.bot);
      await hangsUp(call.caller);
      await byed(rung.target);
      await bench.settled();
    });

    it(`${method} of its own ahead of the ACK, answered with the bot's: the REFER that waits still goes out`, async () => {
      const call = await answered();
      await call.bot.expect('ACK');
      const { callId } = await bench.events.next('call.started');
      await bench.transfer(callId, { method: 'refer' });
      const own = call.caller.send(method, { body: sdp({ port: 41000, version: 2 }) });
      expect((await accept(call.bot, BOT_PORT)).body).toContain('m=audio 41000');
      const agreed = await finalTo(call.caller, own);
      expect(agreed.status).toBe(200);
      for (const { cseq } of method === 'INVITE' ? [call.answer, agreed] : [call.answer])
        call.caller.send('ACK', { cseq });
      call.caller.respond(await call.caller.expect('REFER'), 603);
      expect((await bench.events.next('transfer.failed')).data).toMatchObject({ outcome: 'declined' });
      await over(call);
    });
  }
});
