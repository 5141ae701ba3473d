import { describe, expect, it } from 'vitest';
import { SlowProxy } from '../contract/store/slow-proxy.js';
import { eventually } from '../support/eventually.js';
import { FaultWorld, measured, msUntil } from './fault-world.js';

interface Fault {
  readonly begin: (world: FaultWorld) => unknown;
  readonly end: (world: FaultWorld) => unknown;
  /** What was written before is there afterwards. */
  readonly remembers: boolean;
}

const setMemory =
  (bytes: number) =>
  ({ redis }: FaultWorld) =>
    redis.look((client) => client.config('SET', 'maxmemory', bytes));

const FAULTS: Readonly<Record<string, Fault>> = {
  'killed, and back empty': {
    begin: ({ redis }) => redis.kill(),
    end: ({ redis }) => redis.restart(),
    remembers: false,
  },
  frozen: {
    begin: ({ redis }) => {
      redis.freeze();
    },
    end: ({ redis }) => {
      redis.thaw();
    },
    remembers: true,
  },
  full: { begin: setMemory(1), end: setMemory(0), remembers: true },
};

/** Three quarters of a second on an idle machine: what is told waits 250 ms to be written, twice in a row here. */
const IN_TIME_MS = 3000;

const BUSY = { does: 'busy', afterMs: 20 } as const;

describe('Redis fails under calls', { timeout: 60_000 }, () => {
  it.each(Object.keys(FAULTS))('%s: calls, transfers and bots go on', async (name) => {
    const { begin, end, remembers } = FAULTS[name]!;
    const world = await FaultWorld.open();
    const engine = await world.engine();
    const [withAgent, withBot] = [await world.talk(), await world.talk()];
    const before = await world.bridged(engine, withAgent, 3000);
    await eventually(() => engine.log()).toContain(world.told.at(-1)?.id);

    await begin(world);
    const asked = await world.transfer(engine, withBot, BUSY);
    expect(asked.status).toBe(202);
    const verdict = await msUntil(() => world.verdicts(asked.id).length > 0);
    const later = await world.talk();
    const next = await world.transfer(engine, later, BUSY);
    expect(next.status).toBe(202);
    await msUntil(() => world.verdicts(next.id).length > 0);
    const known = await msUntil(async () => (await engine.readiness()).dependencies['store'] === 'degraded');
    expect((await engine.readiness()).status).toBe(200);
    // The agent of the first call hangs up.
    await msUntil(() => world.verdicts(before).length > 0);

    await end(world);
    const since = performance.now();
    await msUntil(async () => (await engine.readiness()).dependencies['store'] === 'up');
    const well = Math.round(performance.now() - since);
    measured(name, { accepted: asked.ms, verdict, answered: later.ms, next: next.ms, known, well });
    for (const { call } of [withAgent, withBot, later]) await world.callers.hangUp(call);
    for (const { callId } of [withAgent, withBot, later])
      await eventually(() => world.end(callId)).toBeDefined();

    expect(Math.max(asked.ms, verdict, later.ms, next.ms)).toBeLessThan(IN_TIME_MS);
    expect(world.callers.hungUpOn.size).toBe(0);
    for (const id of [before, asked.id, next.id]) {
      expect(world.verdicts(id)).toHaveLength(1);
      const ended = { state: expect.stringMatching(/^(completed|failed)$/) as string };
      await eventually(async () => (await engine.ask('GET', `/v1/transfers/${id}`)).json).toMatchObject(
        ended,
      );
    }
    // What the bot was told is in the log, once; of a Redis that forgot, what was told since.
    const forgotten = remembers ? 0 : world.told.findIndex(({ data }) => data['transferId'] === asked.id);
    const expected = world.told.slice(forgotten).map(({ id }) => id);
    await eventually(async () => [...(await engine.log())].sort()).toEqual([...expected].sort());
  });

  it('answers after two seconds: nobody waits for it but whoever asks what it knows', async () => {
    const world = await FaultWorld.open();
    const proxy = await SlowProxy.to(world.redis.port);
    const engine = await world.engine(proxy.port);
    const talk = await world.talk();
    proxy.delayMs = 2000;
    const asked = await world.transfer(engine, talk, BUSY);
    const verdict = await msUntil(() => world.verdicts(asked.id).length > 0);
    const later = await world.talk();
    measured('slow', { accepted: asked.ms, verdict, answered: later.ms });
    expect(asked.status).toBe(202);
    expect(Math.max(asked.ms, verdict, later.ms)).toBeLessThan(IN_TIME_MS);
    const refused = await engine.ask('GET', `/v1/transfers/${asked.id}`);
    expect([refused.status, refused.json['code']]).toEqual([503, 'store_unavailable']);
    await eventually(async () => (await engine.readiness()).dependencies['store']).toBe('degraded');
    proxy.delayMs = 0;
    await eventually(async () => (await engine.readiness()).dependencies['store']).toBe('up');
    expect(world.callers.hungUpOn.size).toBe(0);
    await proxy.stop();
  });
});
