import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRedisPlaces } from '../../src/adapters/redis/places/redis-places.js';
import { systemClock } from '../../src/engine/system-clock.js';
import { silentLog } from '../../src/ports/log.js';
import type { Places } from '../../src/ports/places.js';
import { RedisServer } from '../contract/store/redis-server.js';
import { describeServers } from '../support/contract-bench.js';
import { startEngineBench, type EngineBench } from '../support/engine-bench.js';
import {
  accept,
  byed,
  hangsUp,
  ringing,
  talking,
  TARGET_PORT,
  type Ringing,
} from '../support/engine-flow.js';
import { eventually } from '../support/eventually.js';
import { noMetrics } from '../support/fake-metrics.js';
import { sdp } from '../support/sip-phone/index.js';

const NUMBER = { phoneNumber: '+16125550111' };
/** A Redis that says nothing is given up soon, or the test would wait for it. */
const IMPATIENT = { renewMs: 100, writeMs: 500, pulseMs: 100, slowMs: 100, connectMs: 300 };

describeServers('limits in a Redis that freezes', (server) => {
  let redis: RedisServer;
  let places: Places;
  let bench: EngineBench;

  beforeEach(async () => {
    redis = await RedisServer.start();
    bench = await startEngineBench(server.backend, {
      trunk: { limits: { concurrent: 2, perMinute: null, perTargetPerMinute: null } },
      places: (_own, { trunks, targets }) => {
        const parts = { clock: systemClock, log: silentLog, metrics: noMetrics, deadlines: IMPATIENT };
        const connection = redis.connection();
        return (places = createRedisPlaces({
          ...{ ...parts, connection, engine: randomUUID(), trunks, queues: targets.queues },
        }));
      },
    });
    await places.start();
  });
  afterEach(async () => {
    redis.thaw();
    await bench.close();
    await places.stop();
    await redis.stop();
  });

  const inRedis = (): Promise<number> =>
    redis.look((client) => client.zcard('switchhook:{trunk:carrier}:places'));
  const limits = (): unknown => bench.engine.control.readiness().dependencies['limits'];

  async function answers(call: Ringing): Promise<void> {
    call.target.accept(call.invite, { body: sdp({ port: TARGET_PORT, user: 'target' }) });
    await call.target.expect('ACK');
    await accept(call.caller, 40000);
    await byed(call.bot);
  }

  async function over(call: Ringing): Promise<void> {
    await hangsUp(call.caller);
    await byed(call.target);
  }

  it('amid a transfer: it goes on, the next one is hardly late, and the limit holds', async () => {
    const first = await ringing(bench, { targets: [NUMBER] });
    expect(await inRedis()).toBe(1);
    redis.freeze();
    await answers(first);
    // Asked at once, before anybody has noticed.
    const asked = performance.now();
    const second = await ringing(bench, { targets: [NUMBER] });
    expect(performance.now() - asked).toBeLessThan(2500);
    expect(limits()).toBe('degraded');
    expect(bench.engine.control.readiness().details?.['limits']).toContain('carrier');
    await answers(second);
    const third = await talking(bench);
    await expect(bench.transfer(third.callId, { targets: [NUMBER] })).rejects.toMatchObject({
      code: 'rate_limited',
    });
    redis.thaw();
    await eventually(limits).toBe('up');
    await eventually(inRedis).toBe(2);
    await Promise.all([over(first), over(second)]);
    await hangsUp(third.caller);
    await byed(third.bot);
    await bench.settled();
    await eventually(inRedis).toBe(0);
  });
});
