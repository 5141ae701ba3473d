import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../support/eventually.js';
import { MediaProcess } from '../support/media-process.js';
import { FaultWorld, measured, msUntil, type FaultEngine } from './fault-world.js';

describe('an engine under calls', { timeout: 60_000 }, () => {
  it('stands still: another one has them, each once; when it thaws it lets go without a word', async () => {
    const world = await FaultWorld.open();
    const frozen = await world.engine();
    const [withBot, ringing, withAgent] = [await world.talk(), await world.talk(), await world.talk()];
    const asked = await world.transfer(frozen, ringing, { does: 'silent' });
    const bridged = await world.bridged(frozen, withAgent, 60_000);
    const heir = await world.engine();
    const [before] = await frozen.owners();
    const isTaken = async (engine: FaultEngine): Promise<boolean> => {
      const owners = await engine.owners();
      return owners.length === 3 && !owners.includes(before!);
    };
    onTestFinished(() => frozen.process.kill('SIGCONT'));
    frozen.process.kill('SIGSTOP');
    const decided = await msUntil(() => world.verdicts(asked.id).length > 0);
    const taken = decided + (await msUntil(() => isTaken(heir)));
    measured('engine frozen', { decided, taken });
    expect(decided).toBeLessThan(8000);
    frozen.process.kill('SIGCONT');
    const letGo = await msUntil(() => isTaken(frozen));
    measured('engine thawed', { letGo });

    // Nobody was hung up on by either, and the heir still has the calls.
    expect(world.callers.hungUpOn.size).toBe(0);
    expect(await isTaken(heir)).toBe(true);
    const { id } = await world.transfer(heir, withBot, { does: 'busy', afterMs: 20 });
    await eventually(() => world.verdicts(id)).toMatchObject([{ data: { outcome: 'busy' } }]);
    for (const { call } of [withBot, ringing, withAgent]) await world.callers.hangUp(call);
    await eventually(() => [...world.bot.open, ...world.agent.open]).toEqual([]);
    for (const { callId } of [withBot, ringing, withAgent])
      await eventually(() => world.end(callId)).toBeDefined();
    expect(world.verdicts(asked.id)).toMatchObject([
      { data: { outcome: 'unknown', evidence: { decidedBy: 'interrupted' } } },
    ]);
    expect(world.verdicts(bridged)).toMatchObject([{ data: { outcome: 'answered' } }]);
  });

  it('is killed under anchored calls: another one ends them, and nothing is left at the media server', async () => {
    const media = await MediaProcess.start();
    onTestFinished(() => media.kill());
    const world = await FaultWorld.open({ media });
    const killed = await world.engine();
    const [withBot, ringing, withAgent] = [await world.talk(), await world.talk(), await world.talk()];
    const asked = await world.transfer(killed, ringing, { does: 'silent' });
    const bridged = await world.bridged(killed, withAgent, 60_000);
    await world.engine();
    killed.process.kill('SIGKILL');
    const hungUp = await msUntil(() => world.callers.hungUpOn.size === 3);
    measured('engine killed, anchored', { hungUp });
    expect(hungUp).toBeLessThan(8000);
    await media.isEmpty();
    for (const { callId } of [withBot, ringing, withAgent])
      await eventually(() => world.end(callId)).toBeDefined();
    expect(world.verdicts(asked.id)).toMatchObject([
      { data: { outcome: 'unknown', evidence: { decidedBy: 'interrupted' } } },
    ]);
    expect(world.verdicts(bridged)).toMatchObject([{ type: 'transfer.completed' }]);
    await eventually(() => [...world.bot.open, ...world.agent.open]).toEqual([]);
    await world.callers.hangUp((await world.talk()).call);
  });
});
