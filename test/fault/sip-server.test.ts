import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../support/eventually.js';
import { sleep } from '../support/poll.js';
import type { SipdProcess } from '../support/sipd-process.js';
import { FaultWorld, measured, msUntil, type FaultEngine, type Talk } from './fault-world.js';

const SILENT = { does: 'silent' } as const;

async function again(server: SipdProcess): Promise<void> {
  const next = await server.again();
  onTestFinished(() => next.kill());
}

const signallingOf = async (engine: FaultEngine): Promise<string | undefined> =>
  (await engine.readiness()).dependencies['signalling'];

/** Calls of a lost SIP server: with its bot, amid a transfer, with an agent. */
async function threeCalls(world: FaultWorld, engine: FaultEngine) {
  const [withBot, ringing, withAgent] = [await world.talk(), await world.talk(), await world.talk()];
  const asked = await world.transfer(engine, ringing, SILENT);
  const answered = await world.bridged(engine, withAgent, 60_000);
  await eventually(() => world.agent.open).toHaveLength(2);
  return { calls: [withBot, ringing, withAgent], asked: asked.id, answered };
}

function expectLost(world: FaultWorld, calls: readonly Talk[], asked: string, answered: string): void {
  for (const { callId } of calls) expect(world.end(callId)).toBeDefined();
  expect(world.verdicts(asked)).toMatchObject([
    { type: 'transfer.failed', data: { evidence: { decidedBy: 'signalling_lost' } } },
  ]);
  expect(world.verdicts(answered)).toMatchObject([
    { type: 'transfer.completed', data: { outcome: 'answered' } },
  ]);
}

describe('a SIP server of its own fails under calls', { timeout: 90_000 }, () => {
  it('killed, and started again: calls end with their verdicts, and the next one works', async () => {
    const world = await FaultWorld.open();
    const engine = await world.engine();
    const { calls, asked, answered } = await threeCalls(world, engine);
    await world.servers[0]!.kill();
    const told = await msUntil(() => calls.every(({ callId }) => world.end(callId) !== undefined));
    expectLost(world, calls, asked, answered);
    await eventually(() => signallingOf(engine)).toBe('down');
    expect((await engine.readiness()).status).toBe(503);
    expect(await engine.owners()).toEqual([]);
    await again(world.servers[0]!);
    const back = await msUntil(async () => (await signallingOf(engine)) === 'up');
    measured('killed', { told, back });
    expect(told).toBeLessThan(2000);
    // Nobody has told the far ends: what they say next is answered 481.
    expect(world.callers.hungUpOn.size).toBe(0);
    await world.callers.hangUp(calls[0]!.call);
    await world.callers.hangUp((await world.talk()).call);
  });

  it('frozen for three seconds: nobody notices; for longer: given up, and hung up when it thaws', async () => {
    const world = await FaultWorld.open();
    const engine = await world.engine();
    const [server] = world.servers;
    onTestFinished(() => server!.thaw());
    const { calls, asked, answered } = await threeCalls(world, engine);
    server!.freeze();
    await sleep(3000);
    server!.thaw();
    const survivor = await world.talk();
    await world.callers.hangUp(survivor.call);
    await eventually(() => world.end(survivor.callId)).toBeDefined();
    expect(await signallingOf(engine)).toBe('up');
    expect(await engine.owners()).toHaveLength(3);

    server!.freeze();
    const told = await msUntil(() => calls.every(({ callId }) => world.end(callId) !== undefined));
    expectLost(world, calls, asked, answered);
    expect(await signallingOf(engine)).toBe('down');
    server!.thaw();
    const since = performance.now();
    await msUntil(() => world.callers.hungUpOn.size === 3 && world.bot.open.length === 0);
    const hungUp = Math.round(performance.now() - since);
    measured('frozen', { told, hungUp });
    expect(told).toBeLessThan(17_000);
    await eventually(() => world.agent.open).toEqual([]);
    await eventually(() => signallingOf(engine)).toBe('up');
    await world.callers.hangUp((await world.talk()).call);
  });

  it('one of two is killed: its calls end, those of the other go on, and can be transferred', async () => {
    const world = await FaultWorld.open({ servers: 2 });
    const engine = await world.engine();
    const lost = await world.talk(0);
    const asked = await world.transfer(engine, lost, SILENT);
    const kept = await world.talk(1);
    const before = await world.bridged(engine, kept, 1500);
    await world.servers[0]!.kill();
    const told = await msUntil(() => world.end(lost.callId) !== undefined);
    measured('one of two killed', { told });
    expect(told).toBeLessThan(2000);
    expect(world.verdicts(asked.id)).toMatchObject([
      { data: { outcome: 'server_error', evidence: { decidedBy: 'signalling_lost' } } },
    ]);
    expect(await engine.readiness()).toMatchObject({ status: 200, dependencies: { signalling: 'degraded' } });
    await msUntil(() => world.verdicts(before).length > 0);
    await eventually(() =>
      world.told.some(({ type, callId }) => type === 'transfer.returned' && callId === kept.callId),
    ).toBe(true);
    const { id } = await world.transfer(engine, kept, { does: 'busy', afterMs: 20 });
    await eventually(() => world.verdicts(id)).toMatchObject([{ data: { outcome: 'busy' } }]);
    await again(world.servers[0]!);
    const back = await msUntil(async () => (await signallingOf(engine)) === 'up');
    measured('one of two is back', { back });
    for (const { call } of [kept, await world.talk(0)]) await world.callers.hangUp(call);
    expect(world.callers.hungUpOn.size).toBe(0);
  });
});
