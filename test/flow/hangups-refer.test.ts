import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeServers } from '../support/contract-bench.js';
import { startEngineBench, type EngineBench } from '../support/engine-bench.js';
import { byed, hangsUp, talking, verdict, type Talking } from '../support/engine-flow.js';
import type { SipMessage } from '../support/sip-phone/index.js';

const TIMES = { responseMs: 3000, firstNotifyMs: 3000, totalMs: 6000, departMs: 2000 };
const ENDED = 'terminated;reason=noresource';

/** How far the caller's network has come with our REFER. */
type Stage = 'asked' | 'accepted' | 'ringing' | 'departing';

describeServers('somebody hangs up while REFER or BYE is out', (server) => {
  let bench: EngineBench;

  beforeEach(async () => {
    bench = await startEngineBench(server.backend, {
      transfer: { refer: TIMES, callerSilenceMs: 400 },
      deadlines: { finalNotify: 300 },
    });
  });

  afterEach(async () => {
    await bench.close();
  });

  async function notified({ caller }: Talking, line: string, state = 'active;expires=60'): Promise<void> {
    caller.notify(line, state);
    await caller.expect('200 NOTIFY');
  }

  async function referredTo(stage: Stage): Promise<Talking & { readonly refer: SipMessage }> {
    const call = await talking(bench);
    await bench.transfer(call.callId, { method: 'refer' });
    const refer = await call.caller.expect('REFER');
    if (stage === 'asked') return { ...call, refer };
    call.caller.respond(refer, 202);
    await notified(call, 'SIP/2.0 100 Trying');
    if (stage === 'accepted') return { ...call, refer };
    await notified(call, 'SIP/2.0 180 Ringing');
    await bench.events.next('transfer.attempt.ringing');
    if (stage === 'departing') await notified(call, 'SIP/2.0 200 OK', ENDED);
    return { ...call, refer };
  }

  it('the caller, asked: its call is over, and so is the transfer', async () => {
    const call = await referredTo('asked');
    await hangsUp(call.caller);
    call.caller.respond(call.refer, 202);
    await byed(call.bot);
    expect(await verdict(bench, 'transfer.failed')).toMatchObject({
      status: 'FAIL',
      hangup: true,
      next: 'none',
    });
    await bench.settled();
  });

  for (const stage of ['accepted', 'ringing'] as const) {
    it(`the caller, ${stage}: nobody said how it ended, so unknown`, async () => {
      const call = await referredTo(stage);
      await hangsUp(call.caller);
      expect(await verdict(bench, 'transfer.failed')).toMatchObject({ outcome: 'unknown', hangup: true });
      await byed(call.bot);
      await bench.settled();
    });
  }

  it('the caller, departing: as it should, the transfer has been a success', async () => {
    const call = await referredTo('departing');
    await byed(call.bot);
    await hangsUp(call.caller);
    expect(await verdict(bench, 'transfer.completed')).toMatchObject({ outcome: 'answered', hangup: false });
    expect((await bench.events.next('call.ended')).data).toMatchObject({ by: 'transfer' });
    await bench.settled();
  });

  for (const stage of ['asked', 'accepted', 'ringing'] as const) {
    it(`the bot, ${stage}, and the target answers: transferred`, async () => {
      const call = await referredTo(stage);
      await hangsUp(call.bot);
      if (stage === 'asked') call.caller.respond(call.refer, 202);
      await notified(call, 'SIP/2.0 200 OK', ENDED);
      expect(await verdict(bench, 'transfer.completed')).toMatchObject({
        outcome: 'answered',
        hangup: false,
      });
      await hangsUp(call.caller);
      await bench.settled();
    });

    it(`the bot, ${stage}, and the target does not: nobody is left, the caller is hung up on`, async () => {
      const call = await referredTo(stage);
      await hangsUp(call.bot);
      if (stage === 'asked') call.caller.respond(call.refer, 202);
      await notified(call, 'SIP/2.0 486 Busy Here', ENDED);
      expect(await verdict(bench, 'transfer.failed')).toMatchObject({ outcome: 'busy', next: 'end' });
      await byed(call.caller);
      await bench.settled();
    });

    it(`the bot, ${stage}, and not a word more: the caller is not left in silence`, async () => {
      const call = await referredTo(stage);
      await hangsUp(call.bot);
      await byed(call.caller);
      expect(await verdict(bench, 'transfer.failed')).toMatchObject({
        hangup: false,
        next: 'end',
        by: 'engine',
      });
      if (stage === 'asked') call.caller.respond(call.refer, 481);
      await bench.settled();
    });
  }

  it('the bot and the caller at once, ringing: one verdict, nobody left', async () => {
    const call = await referredTo('ringing');
    call.caller.bye();
    call.bot.bye();
    await call.caller.expect('200 BYE');
    await call.bot.expect((m) => m.cseqMethod === 'BYE' && m.status >= 200);
    const ours = call.bot.take('BYE');
    if (ours !== undefined) call.bot.respond(ours, 200);
    expect(await verdict(bench, 'transfer.failed')).toMatchObject({ outcome: 'unknown', hangup: true });
    await bench.settled();
  });

  async function handedBack(): Promise<Talking & { readonly bye: SipMessage }> {
    const call = await talking(bench);
    await bench.transfer(call.callId, { method: 'bye' });
    return { ...call, bye: await call.caller.expect('BYE') };
  }

  it('the bot, while the BYE is out: the caller is taken all the same', async () => {
    const call = await handedBack();
    await hangsUp(call.bot);
    call.caller.respond(call.bye, 200);
    expect(await verdict(bench, 'transfer.completed')).toMatchObject({ outcome: 'answered', hangup: false });
    await bench.settled();
  });

  it('the caller, its BYE crosses ours: nobody took the transfer, unknown', async () => {
    const call = await handedBack();
    const own = call.caller.bye();
    await call.caller.expect((m) => m.cseqMethod === 'BYE' && m.cseq === own.cseq && m.status >= 200);
    call.caller.respond(call.bye, 481);
    expect(await verdict(bench, 'transfer.failed')).toMatchObject({ outcome: 'unknown', hangup: true });
    await byed(call.bot);
    await bench.settled();
  });

  for (const code of [481, 500]) {
    it(`the BYE is answered ${code}: unknown, and nobody is left`, async () => {
      const call = await handedBack();
      call.caller.respond(call.bye, code);
      expect(await verdict(bench, 'transfer.failed')).toMatchObject({ outcome: 'unknown', status: 'FAIL' });
      await byed(call.bot);
      await bench.settled();
    });
  }

  it('the BYE is never answered: unknown, once the server has given it up', async () => {
    const call = await handedBack();
    expect(await verdict(bench, 'transfer.failed')).toMatchObject({ outcome: 'unknown', status: 'FAIL' });
    await byed(call.bot);
    await bench.settled();
  });
});
