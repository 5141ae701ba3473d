import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEmbedded, type Backend } from '../support/drachtio-backend.js';
import { startEngineBench, type EngineBench } from '../support/engine-bench.js';
import {
  accept,
  BOT_PORT,
  bridged,
  byed,
  cancelled,
  hangsUp,
  ringing,
  talking,
  TARGET_PORT,
  verdict,
} from '../support/engine-flow.js';
import { sdp } from '../support/sip-phone/index.js';

describe('somebody hangs up, in each phase', () => {
  let backend: Backend;
  let bench: EngineBench;

  beforeEach(async () => {
    backend = await startEmbedded();
    bench = await startEngineBench(backend, { transfer: { callerSilenceMs: 400 } });
  });

  afterEach(async () => {
    await bench.close();
    await backend.close();
  });

  const ended = async (by: string): Promise<void> => {
    const event = await bench.events.next('call.ended');
    expect(event.data).toMatchObject({ by });
    await bench.settled();
  };

  describe('the caller', () => {
    it('before the bot answers: the bot gets CANCEL', async () => {
      const caller = bench.caller.call(backend.sip(), { to: '18005550100' });
      caller.invite();
      const invite = await bench.bot.expect('INVITE');
      const bot = bench.bot.answering(invite);
      bot.respond(invite, 180);
      await caller.expect(180);
      caller.cancel();
      caller.ack(await caller.expect(487));
      await cancelled(bot, invite);
      await ended('caller');
    });

    it('while talking to the bot', async () => {
      const { caller, bot } = await talking(bench);
      await hangsUp(caller);
      await byed(bot);
      await ended('caller');
    });

    it('while the target rings: CANCEL to the target, FAIL hangup:true to the bot', async () => {
      const call = await ringing(bench);
      await hangsUp(call.caller);
      await cancelled(call.target, call.invite);
      await byed(call.bot);
      expect(await verdict(bench, 'transfer.failed')).toEqual({
        outcome: 'caller_hangup',
        status: 'FAIL',
        hangup: true,
        next: 'none',
        by: 'caller',
      });
      await ended('caller');
    });

    it('while its media is being moved', async () => {
      const call = await ringing(bench);
      call.target.accept(call.invite, { body: sdp({ port: TARGET_PORT }) });
      await call.target.expect('ACK');
      await call.caller.expect('INVITE');
      await hangsUp(call.caller);
      await byed(call.target);
      await byed(call.bot);
      expect(await verdict(bench, 'transfer.failed')).toMatchObject({
        outcome: 'caller_hangup',
        hangup: true,
      });
      await ended('caller');
    });

    it('while talking to the target: SUCCESS hangup:true', async () => {
      const call = await bridged(bench, true);
      await hangsUp(call.caller);
      await byed(call.target);
      await byed(call.bot);
      expect(await verdict(bench, 'transfer.completed')).toEqual({
        outcome: 'answered',
        status: 'SUCCESS',
        hangup: true,
        next: 'none',
        by: 'caller',
      });
      await ended('caller');
    });

    it('on the way back to the bot', async () => {
      const call = await bridged(bench, true);
      await hangsUp(call.target);
      await call.bot.expect('INVITE');
      await hangsUp(call.caller);
      await byed(call.bot);
      expect(await verdict(bench, 'transfer.completed')).toMatchObject({ status: 'SUCCESS', hangup: false });
      await ended('caller');
    });
  });

  describe('the bot', () => {
    it('refuses the call: the caller hears why', async () => {
      const caller = bench.caller.call(backend.sip(), { to: '18005550100' });
      caller.invite();
      const invite = await bench.bot.expect('INVITE');
      bench.bot.answering(invite).respond(invite, 486);
      caller.ack(await caller.expect(486));
      await ended('bot');
    });

    it('while talking', async () => {
      const { caller, bot } = await talking(bench);
      await hangsUp(bot);
      await byed(caller);
      await ended('bot');
    });

    it('while the target rings: the target still gets the caller', async () => {
      const call = await ringing(bench);
      await hangsUp(call.bot);
      call.target.accept(call.invite, { body: sdp({ port: TARGET_PORT }) });
      await call.target.expect('ACK');
      await accept(call.caller, 40000);
      await bench.events.next('transfer.bridged');
      await hangsUp(call.target);
      await byed(call.caller);
      expect(await verdict(bench, 'transfer.completed')).toMatchObject({
        status: 'SUCCESS',
        hangup: false,
        next: 'end',
      });
      await ended('agent');
    });

    it('while the target rings and rings: the caller is not left in silence', async () => {
      const call = await ringing(bench);
      await hangsUp(call.bot);
      await cancelled(call.target, call.invite);
      await byed(call.caller);
      expect(await verdict(bench, 'transfer.failed')).toMatchObject({
        outcome: 'timeout',
        hangup: false,
        next: 'end',
        by: 'engine',
      });
      await ended('policy');
    });

    it('while the target rings, and the target is busy: the call ends', async () => {
      const call = await ringing(bench);
      await hangsUp(call.bot);
      call.target.respond(call.invite, 486);
      await call.target.expect('ACK');
      await byed(call.caller);
      expect(await verdict(bench, 'transfer.failed')).toMatchObject({ outcome: 'busy', next: 'end' });
      await ended('policy');
    });

    it('while parked: the agent leaves and the call ends', async () => {
      const call = await bridged(bench, true);
      await hangsUp(call.bot);
      await hangsUp(call.target);
      await byed(call.caller);
      expect(await verdict(bench, 'transfer.completed')).toMatchObject({
        status: 'SUCCESS',
        hangup: false,
        next: 'end',
      });
      await ended('agent');
    });

    it('on the way back', async () => {
      const call = await bridged(bench, true);
      await hangsUp(call.target);
      await call.bot.expect('INVITE');
      await hangsUp(call.bot);
      await byed(call.caller);
      await ended('bot');
    });
  });

  describe('the target', () => {
    it('after the bridge, without return: the caller is hung up on', async () => {
      const call = await bridged(bench, false);
      await hangsUp(call.target);
      await byed(call.caller);
      expect(await verdict(bench, 'transfer.completed')).toEqual({
        outcome: 'answered',
        status: 'SUCCESS',
        hangup: false,
        next: 'end',
        by: 'far_end',
      });
      await ended('agent');
    });

    it('after the bridge, while the bot is still being parked: the caller comes back all the same', async () => {
      const call = await ringing(bench, { returnToBot: true });
      call.target.accept(call.invite, { body: sdp({ port: TARGET_PORT }) });
      await call.target.expect('ACK');
      await accept(call.caller, 40000);
      const park = await call.bot.expect('INVITE');
      await hangsUp(call.target);
      call.bot.accept(park, { body: sdp({ port: BOT_PORT, direction: 'inactive', version: 2 }) });
      await call.bot.expect('ACK');
      expect((await accept(call.bot, BOT_PORT)).body).toContain('a=sendrecv');
      expect((await accept(call.caller, 40000)).body).toContain(`m=audio ${BOT_PORT}`);
      await bench.events.next('transfer.returned');
      await hangsUp(call.caller);
      await byed(call.bot);
      await ended('caller');
    });
  });

  it('an operator hangs up while the target rings', async () => {
    const call = await ringing(bench);
    await bench.engine.control.hangup(call.callId);
    await cancelled(call.target, call.invite);
    await byed(call.caller);
    await byed(call.bot);
    expect(await verdict(bench, 'transfer.cancelled')).toMatchObject({
      outcome: 'cancelled',
      hangup: false,
      next: 'end',
    });
    await ended('api');
  });

  it('all at once: BYEs cross', async () => {
    const call = await bridged(bench, true);
    call.caller.bye();
    call.target.bye();
    call.bot.bye();
    await bench.events.next('call.ended');
    for (const party of [call.caller, call.target, call.bot]) {
      const bye = party.take('BYE');
      if (bye !== undefined) party.respond(bye, 481);
    }
    expect(bench.events.types(call.callId).filter((t) => t === 'transfer.completed')).toHaveLength(1);
    await bench.settled();
  });
});
