import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallDetailRecord } from '../../src/ports/cdr.js';
import type { TransferRecord } from '../../src/ports/transfer-record.js';
import { startEmbedded, type Backend } from '../support/drachtio-backend.js';
import { startEngineBench, type EngineBench } from '../support/engine-bench.js';
import { accept, BOT_PORT, byed, hangsUp, ringing, talking, TARGET_PORT } from '../support/engine-flow.js';
import { sdp } from '../support/sip-phone/index.js';

describe('what is written about calls, on real SIP', () => {
  let backend: Backend;
  let bench: EngineBench;
  let cdrs: CallDetailRecord[];

  beforeEach(async () => {
    backend = await startEmbedded();
    cdrs = [];
    bench = await startEngineBench(backend, {
      trunk: { provider: { name: 'genesys', sessionHeader: 'X-Genesys-Id' } },
      cdr: { write: (record) => cdrs.push(record), close: () => Promise.resolve() },
    });
  });

  afterEach(async () => {
    await bench.close();
    await backend.close();
  });

  const session = async (id: string): Promise<TransferRecord | undefined> =>
    bench.store.getTransfer(id as TransferRecord['transferId']);

  it('a caller that is brought back from the agent: pending, active, post_agent, ended', async () => {
    const { caller, bot, callId } = await talking(bench);
    const target = { phoneNumber: '16125550142' };
    const { transferId } = await bench.transfer(callId, { targets: [target], returnToBot: true });
    const invite = await bench.target.expect('INVITE');
    const agent = bench.target.answering(invite);
    expect(await session(transferId)).toMatchObject({ status: 'pending', provider: 'genesys' });
    agent.accept(invite, {
      body: sdp({ port: TARGET_PORT, user: 'target' }),
      headers: [['X-Genesys-Id', 'g-77']],
    });
    await agent.expect('ACK');
    await accept(caller, 40000);
    await bench.events.next('transfer.bridged');
    await accept(bot, BOT_PORT, 'inactive');
    expect(await session(transferId)).toMatchObject({ status: 'active', providerSessionId: 'g-77' });

    await bench.engine.control.bringBack(callId, transferId);
    await byed(agent);
    await accept(bot, BOT_PORT);
    await accept(caller, 40000);
    await bench.events.next('transfer.returned');
    expect(await session(transferId)).toMatchObject({
      status: 'post_agent',
      state: 'completed',
      endedAt: null,
    });
    await expect(bench.engine.control.bringBack(callId, transferId)).rejects.toMatchObject({
      code: 'return_not_possible',
    });

    await hangsUp(caller);
    await byed(bot);
    await bench.settled();
    expect(await session(transferId)).toMatchObject({
      status: 'ended',
      endReason: 'completed',
      followUp: null,
    });
    expect((await bench.store.getLadder(callId))?.map(({ text }) => text)).toContain('BYE');
    expect(cdrs).toMatchObject([
      {
        ...{ callId, channel: 'line', trunk: 'carrier', containment: 'transferred', endedBy: 'caller' },
        legs: [{ leg: 'caller', trunk: 'carrier' }, { leg: 'bot' }, { leg: 'agent-1', trunk: 'carrier' }],
        transfers: [
          {
            ...{ transferId, provider: 'genesys', providerSessionId: 'g-77', attempts: 1, method: 'invite' },
            ...{ state: 'completed', outcome: 'answered', decidedBy: 'api' },
          },
        ],
      },
    ]);
    expect(cdrs[0]?.answeredMs).toBeGreaterThan(0);
    expect(bench.metrics.told).toContain('callContained(line, transferred)');
  });

  it('a call that only the bot was needed for is contained', async () => {
    const { caller, bot } = await talking(bench);
    await hangsUp(caller);
    await byed(bot);
    await bench.settled();
    expect(cdrs).toMatchObject([{ containment: 'contained', transfers: [], endedBy: 'caller' }]);
    expect(await bench.store.getLadder(cdrs[0]!.callId)).toBeUndefined();
  });

  it('a caller that leaves while waiting is abandoned, and somebody has to look after it', async () => {
    const { caller, bot, target, invite, callId } = await ringing(bench);
    caller.bye();
    target.respond(await target.expect('CANCEL'), 200);
    target.respond(invite, 487);
    await caller.expect(200);
    await byed(bot);
    await bench.settled();
    expect(cdrs).toMatchObject([{ containment: 'abandoned', transfers: [{ outcome: 'caller_hangup' }] }]);
    const { items } = await bench.store.listTransfers({ limit: 9, followUp: 'open' });
    expect(items).toMatchObject([{ callId, endReason: 'abandoned' }]);
  });

  it('a retry that reaches somebody settles what failed before', async () => {
    const { caller, bot, target, invite, callId } = await ringing(bench, { returnToBot: true });
    target.respond(invite, 486);
    await target.expect('ACK');
    await bench.events.next('transfer.failed');
    const [failed] = (await bench.store.listTransfers({ limit: 1, callId })).items;
    expect(failed).toMatchObject({ state: 'failed', followUp: { state: 'open' }, endReason: 'failed' });

    await bench.engine.control.transfer(callId, failed!.command!);
    const again = await bench.target.expect('INVITE');
    const agent = bench.target.answering(again);
    agent.accept(again, { body: sdp({ port: TARGET_PORT, user: 'target' }) });
    await agent.expect('ACK');
    await accept(caller, 40000);
    await bench.events.next('transfer.bridged');
    await accept(bot, BOT_PORT, 'inactive');
    expect((await session(failed!.transferId))?.followUp).toMatchObject({
      state: 'done',
      by: 'later_transfer',
    });
    expect((await bench.store.listTransfers({ limit: 9, followUp: 'open' })).items).toEqual([]);

    await hangsUp(caller);
    await Promise.all([byed(bot), byed(agent)]);
    await bench.settled();
    expect(cdrs[0]?.transfers.map(({ state }) => state)).toEqual(['failed', 'completed']);
  });
});
