import { afterEach, expect, it } from 'vitest';
import { describeServers } from '../support/contract-bench.js';
import { FLAVOURS, challenge, expectSigned } from '../support/digest.js';
import { startEngineBench, type EngineBench } from '../support/engine-bench.js';
import { byed, hangsUp, talking, verdict } from '../support/engine-flow.js';

const AUTH = { username: 'trunk', password: 'secret' };

describeServers('what we send into the call of a caller', (server) => {
  let bench: EngineBench;

  afterEach(async () => {
    await bench.close();
  });

  it('answers the challenges of its trunk', async () => {
    bench = await startEngineBench(server.backend, { trunk: { auth: AUTH } });
    const { caller, bot } = await talking(bench);
    await hangsUp(bot);
    const [, , flavour] = FLAVOURS;
    if (flavour === undefined) throw new Error('no such flavour');
    const bye = await caller.fresh('BYE');
    challenge(caller, bye, flavour);
    const again = await caller.fresh('BYE');
    expectSigned(again, flavour, AUTH);
    caller.respond(again, 200);
    await bench.settled();
  });

  it('a REFER that came to nothing does not hold back the hang-up of its caller', async () => {
    bench = await startEngineBench(server.backend, {
      transfer: { refer: { responseMs: 3000, firstNotifyMs: 100, totalMs: 6000, departMs: 2000 } },
      deadlines: { finalNotify: 60_000 },
    });
    const { caller, bot, callId } = await talking(bench);
    await bench.transfer(callId, { method: 'refer' });
    caller.respond(await caller.expect('REFER'), 202);
    expect(await verdict(bench, 'transfer.failed')).toMatchObject({ outcome: 'unknown', hangup: false });
    await hangsUp(caller);
    await byed(bot);
    expect((await bench.events.next('call.ended')).data).toMatchObject({ by: 'caller' });
    await bench.settled();
  });
});
