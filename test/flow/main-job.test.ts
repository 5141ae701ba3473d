import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEmbedded, type Backend } from '../support/drachtio-backend.js';
import { startEngineBench, type EngineBench } from '../support/engine-bench.js';
import { talking } from '../support/engine-flow.js';
import { respondTo, sdp } from '../support/sip-phone/index.js';

describe('the main job, on real SIP', () => {
  let backend: Backend;
  let bench: EngineBench;

  beforeEach(async () => {
    backend = await startEmbedded();
    bench = await startEngineBench(backend);
  });

  afterEach(async () => {
    await bench.close();
    await backend.close();
  });

  it('success with return: the caller goes to the target and comes back', async () => {
    const { caller, bot, callId } = await talking(bench);
    await bench.transfer(callId, { returnToBot: true });

    const invite = await bench.target.expect('INVITE');
    const target = bench.target.answering(invite);
    target.respond(invite, 180);
    await bench.events.next('transfer.attempt.ringing');
    target.accept(invite, { body: sdp({ port: 60000, user: 'target' }) });
    await target.expect('ACK');

    const moved = await caller.expect('INVITE');
    expect(moved.body).toContain('m=audio 60000');
    caller.accept(moved);
    await caller.expect('ACK');
    await bench.events.next('transfer.bridged');

    const parked = await bot.expect('INVITE');
    expect(parked.body).toContain('a=inactive');
    bot.accept(parked, { body: sdp({ port: 50000, user: 'bot', direction: 'inactive', version: 2 }) });
    await bot.expect('ACK');

    target.bye();
    await target.expect(200);
    const verdict = await bench.events.next('transfer.completed');
    expect(verdict.data).toMatchObject({
      outcome: 'answered',
      transferStatus: { status: 'SUCCESS', hangup: false, number: bench.target.uri },
    });

    const unparked = await bot.expect('INVITE');
    expect(unparked.body).toContain('a=sendrecv');
    bot.accept(unparked, { body: sdp({ port: 50000, user: 'bot', version: 3 }) });
    await bot.expect('ACK');
    const back = await caller.expect('INVITE');
    expect(back.body).toContain('m=audio 50000');
    caller.accept(back);
    await caller.expect('ACK');
    await bench.events.next('transfer.returned');

    bench.bot.script(respondTo('BYE', 200));
    caller.bye();
    await caller.expect(200);
    await bench.events.next('call.ended');
    await bench.settled();
  });
});
