import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRedisSiblings } from '../../../src/adapters/redis/siblings/redis-siblings.js';
import type { RedisSiblingsOptions } from '../../../src/adapters/redis/siblings/options.js';
import { systemClock, systemRandom } from '../../../src/engine/system-clock.js';
import { silentLog } from '../../../src/ports/log.js';
import type { Answerer, Siblings } from '../../../src/ports/siblings.js';
import { eventually } from '../../support/eventually.js';
import { RedisCluster } from '../store/redis-cluster.js';
import { RedisServer } from '../store/redis-server.js';
import { engineId, siblingsConformance } from './siblings-conformance.js';

const A = engineId('eng_a');
const B = engineId('eng_b');

let server: RedisServer;
let cluster: RedisCluster;
beforeAll(async () => {
  [server, cluster] = await Promise.all([RedisServer.start(), RedisCluster.start()]);
});
afterAll(() => Promise.all([server.stop(), cluster.stop()]));

const made = (engine: string, over: Partial<RedisSiblingsOptions> = {}): Siblings =>
  createRedisSiblings({
    ...{ engine: engineId(engine), connection: server.connection() },
    ...{ clock: systemClock, random: systemRandom, log: silentLog },
    ...over,
  });

siblingsConformance('redis', (engine) => made(engine));
siblingsConformance('redis cluster', (engine) => {
  // Nobody there is known there only by silence: a node counts its own listeners.
  return made(engine, { connection: cluster.connection(), deadlines: { answerMs: 500 } });
});

describe('siblings over redis', () => {
  const open: Siblings[] = [];
  beforeEach(() => async () => {
    for (const one of open.splice(0)) await one.stop();
  });
  const start = async (siblings: Siblings, answer: Answerer = () => Promise.resolve(null)) => {
    open.push(siblings);
    await siblings.start(answer);
    return siblings;
  };
  const thrownBy = (promise: Promise<unknown>): Promise<unknown> =>
    promise.catch((thrown: unknown) => thrown);

  it('an engine nobody has ever seen is refused at once, not after the deadline', async () => {
    const a = await start(made(A));
    const since = performance.now();
    expect(await thrownBy(a.ask(engineId('eng_dead'), {}))).toMatchObject({ code: 'engine_unreachable' });
    expect(performance.now() - since).toBeLessThan(500);
  });

  it('an answer that does not come is refused after the deadline, and is then the concern of nobody', async () => {
    const a = await start(made(A, { deadlines: { answerMs: 150 } }));
    let release = (_value: string): void => undefined;
    await start(made(B), () => new Promise((resolve) => (release = resolve)));
    expect(await thrownBy(a.ask(B, {}))).toMatchObject({
      code: 'engine_unreachable',
      detail: expect.stringContaining('150 ms') as unknown,
    });
    release('late');
    expect(await thrownBy(a.ask(A, {}))).toBeNull();
  });

  it('too many questions at once are refused, on either side', async () => {
    const a = await start(made(A, { limits: { open: 3 } }));
    let release: (() => void)[] = [];
    await start(
      made(B, { limits: { open: 2 } }),
      () => new Promise((resolve) => release.push(() => resolve('ok'))),
    );
    const asked = [1, 2, 3, 4].map((n) => thrownBy(a.ask(B, { n })));
    expect(await asked[3]).toMatchObject({ detail: expect.stringContaining('too many') as unknown });
    expect(await asked[2]).toMatchObject({ detail: expect.stringContaining('too much') as unknown });
    await eventually(() => release.length).toBe(2);
    for (const go of release) go();
    expect(await Promise.all(asked.slice(0, 2))).toEqual(['ok', 'ok']);
    release = [];
    const again = a.ask(B, {});
    await eventually(() => release.length).toBe(1);
    release[0]?.();
    expect(await again).toBe('ok');
  });

  it('an answer beyond the bound is refused with words', async () => {
    const a = await start(made(A));
    await start(made(B, { limits: { bytes: 1000 } }), () => Promise.resolve('x'.repeat(2000)));
    expect(await thrownBy(a.ask(B, {}))).toMatchObject({ code: 'internal' });
  });

  it('garbage on the channel is passed over', async () => {
    const a = await start(made(A));
    await start(made(B), () => Promise.resolve('well'));
    for (const text of ['', '{', 'null', '[]', '{"kind":"answer"}', '{"kind":"question","id":"1"}'])
      await server.look((redis) => redis.publish('switchhook:engine:eng_b', text));
    expect(await a.ask(B, {})).toBe('well');
  });

  it('hears again when redis is back, though nobody asked anything meanwhile', async () => {
    const own = await RedisServer.start();
    try {
      const over = { connection: own.connection(), deadlines: { selfTestMs: 100, answerMs: 500 } };
      const a = await start(made(A, over));
      await start(made(B, over), () => Promise.resolve('here'));
      await own.kill();
      expect(await thrownBy(a.ask(B, {}))).toMatchObject({ code: 'engine_unreachable' });
      await own.restart();
      await eventually(() => thrownBy(a.ask(B, {}))).toBe('here');
    } finally {
      await own.stop();
    }
  });

  it('whose connection was cut subscribes anew', async () => {
    const a = await start(made(A));
    await start(made(B), () => Promise.resolve('here'));
    await server.look(async (redis) => {
      const clients = String(await redis.client('LIST'));
      const ears = clients.split('\n').filter((line) => line.includes(' sub=1 '));
      expect(ears).toHaveLength(2);
      for (const line of ears) await redis.client('KILL', 'ID', /^id=(\d+)/.exec(line)?.[1] ?? '');
    });
    await eventually(() => thrownBy(a.ask(B, {}))).toBe('here');
  });
});
