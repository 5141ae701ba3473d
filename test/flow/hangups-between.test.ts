import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FallbackRule } from '../../src/domain/plan.js';
import { describeServers } from '../support/contract-bench.js';
import { startEngineBench, type EngineBench } from '../support/engine-bench.js';
import {
  accept,
  byed,
  hangsUp,
  ringing,
  TARGET_PORT,
  verdict,
  type Ringing,
} from '../support/engine-flow.js';
import { picksUp, rings, turnsDown } from '../support/refer-flow.js';

const RETRY_MS = 500;
/** How long the caller may hear nobody: long enough for one more try, not for a target that only rings. */
const SILENCE_MS = 1500;

describeServers('somebody hangs up between two attempts, or while media moves', (server) => {
  let bench: EngineBench;

  beforeEach(async () => {
    bench = await startEngineBench(server.backend, { transfer: { callerSilenceMs: SILENCE_MS } });
  });

  afterEach(async () => {
    await bench.close();
  });

  /** The target was busy, and is called again after a while. */
  async function waitingToRetry(): Promise<Ringing> {
    const retry: FallbackRule = {
      match: ['busy'],
      action: { kind: 'retry', afterMs: RETRY_MS, times: 1 },
    };
    const call = await ringing(bench, { onFailure: [retry] });
    await turnsDown(call, 486);
    await bench.events.next('transfer.attempt.ended');
    return call;
  }

  it('the caller, between two attempts: the second is never made', async () => {
    const call = await waitingToRetry();
    await hangsUp(call.caller);
    await byed(call.bot);
    expect(await verdict(bench, 'transfer.failed')).toMatchObject({ outcome: 'caller_hangup', hangup: true });
    await bench.settled();
    await expect(rings(bench, 2 * RETRY_MS)).rejects.toThrow('no match');
  });

  it('the bot, between two attempts, and the second succeeds: the caller has its target', async () => {
    const call = await waitingToRetry();
    await hangsUp(call.bot);
    const second = await rings(bench);
    await picksUp(second);
    expect((await accept(call.caller, 40000)).body).toContain(`m=audio ${TARGET_PORT}`);
    await bench.events.next('transfer.bridged');
    await hangsUp(call.caller);
    await byed(second.target);
    expect(await verdict(bench, 'transfer.completed')).toMatchObject({ outcome: 'answered' });
    await bench.settled();
  });

  it('the bot, between two attempts, and the second only rings: the caller is not left in silence', async () => {
    const call = await waitingToRetry();
    await hangsUp(call.bot);
    const { target, invite } = await rings(bench);
    target.respond(await target.expect('CANCEL'), 200);
    target.respond(invite, 487);
    await target.expect('ACK');
    await byed(call.caller);
    expect(await verdict(bench, 'transfer.failed')).toMatchObject({
      hangup: false,
      next: 'end',
      by: 'engine',
    });
    await bench.settled();
  });

  it('the bot, while the caller is moved to the target: it gets there all the same', async () => {
    const call = await ringing(bench, { returnToBot: true });
    await picksUp(call);
    const moved = await call.caller.expect('INVITE');
    await hangsUp(call.bot);
    call.caller.accept(moved);
    await call.caller.expect('ACK');
    await bench.events.next('transfer.bridged');
    await hangsUp(call.target);
    await byed(call.caller);
    expect(await verdict(bench, 'transfer.completed')).toMatchObject({ outcome: 'answered', next: 'end' });
    await bench.settled();
  });

  it('bot and target, while the caller is moved: nobody is left for it, and it is hung up on', async () => {
    const call = await ringing(bench);
    await picksUp(call);
    const moved = await call.caller.expect('INVITE');
    await hangsUp(call.bot);
    await hangsUp(call.target);
    call.caller.accept(moved);
    // A drachtio-server shows nobody the answer to a re-INVITE of a dialog we have sent BYE in.
    if (!server.real) await call.caller.expect('ACK');
    await byed(call.caller);
    expect(await verdict(bench, 'transfer.failed')).toMatchObject({ outcome: 'declined', hangup: false });
    await bench.settled();
  });
});
