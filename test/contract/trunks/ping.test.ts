import { expect, it } from 'vitest';
import { describeServers } from '../../support/contract-bench.js';
import { sleep, until } from '../../support/poll.js';
import { openRegistrar, WatchRig } from './watch-rig.js';

describeServers('trunks: OPTIONS ping', (bench) => {
  it.each([200, 404, 503])('an answer of %d means that somebody is there', async (status) => {
    const far = await openRegistrar();
    far.pingStatus = status;
    const rig = await WatchRig.start(bench);
    rig.follow({ proxy: far.proxy, pingMs: 60_000 });
    await rig.becomes({ reachable: true, missed: null, registration: 'none' });
    expect(rig.state()?.rttMs).toBeLessThan(1000);
    expect(far.pings[0]?.uri).toBe(far.proxy);
    expect(rig.told.map((state) => state.reachable)).toEqual([null, true]);
  });

  it('three in a row unanswered: down; one answer: up; never two at a time', async () => {
    const far = await openRegistrar();
    const rig = await WatchRig.start(bench);
    rig.follow({ proxy: far.proxy, pingMs: 300 });
    await rig.becomes({ reachable: true });
    far.silent = true;
    const answered = far.pings.length;
    await rig.becomes({ reachable: false, missed: 'no answer to OPTIONS' }, 5000);
    const unanswered = far.pings.slice(answered);
    expect(unanswered.length).toBeGreaterThanOrEqual(3);
    for (const [i, ping] of unanswered.slice(1).entries()) {
      // The wait for an answer, then the interval.
      expect(ping.at - unanswered[i]!.at).toBeGreaterThan(500);
    }
    far.silent = false;
    await rig.becomes({ reachable: true, missed: null });
    const transitions = rig.told.map((state) => state.reachable).filter((r, i, all) => r !== all[i - 1]);
    expect(transitions).toEqual([null, true, false, true]);
  });

  it('nobody at the address: down', async () => {
    const rig = await WatchRig.start(bench);
    rig.follow({ proxy: 'sip:127.0.0.1:9;transport=tcp', pingMs: 100 });
    await rig.becomes({ reachable: false });
    expect(rig.state()?.missed).toMatch(/cannot be reached|no answer/);
  });

  it('a far end that is back is registered with at once', async () => {
    const far = await openRegistrar({ users: {} });
    far.refusal = { status: 500, headers: [['Retry-After', '600']] };
    const rig = await WatchRig.start(bench);
    rig.follow({ proxy: far.proxy, register: true, pingMs: 200 });
    await rig.becomes({ registration: 'failed', reachable: true });
    far.silent = true;
    await rig.becomes({ reachable: false }, 5000);
    const before = far.registers.length;
    far.refusal = null;
    far.silent = false;
    await until(() => far.registers.length > before, 'a REGISTER');
  });

  it('stops when told to', async () => {
    const far = await openRegistrar();
    const rig = await WatchRig.start(bench);
    rig.follow({ proxy: far.proxy, pingMs: 100 });
    await rig.becomes({ reachable: true });
    await rig.watch.stop();
    const told = rig.told.length;
    const before = far.pings.length;
    await sleep(400);
    expect(far.pings.length).toBeLessThanOrEqual(before + 1);
    expect(rig.told).toHaveLength(told);
  });
});
