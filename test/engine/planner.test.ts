import { describe, expect, it } from 'vitest';
import type { CommandTarget } from '../../src/domain/command.js';
import { callId } from '../../src/domain/ids.js';
import { Planner, type Planned } from '../../src/engine/planner.js';
import { FakeClock } from '../support/fake-clock.js';
import { CALLER, channelOf, commandOf, settingsOf } from '../support/routing-bench.js';

/** Two trunks; whoever is at 10.0.0.2 is reached by `other`. */
function bench(limits: { carrier?: string; other?: string }) {
  const settings = settingsOf(`
trunks:
  carrier:
    { allow: [ "::1" ], proxy: "sip:10.0.0.1", limits: { ${limits.carrier ?? ''} }, failover: [ other ] }
  other: { allow: [ "::2" ], proxy: "sip:10.0.0.2", limits: { ${limits.other ?? ''} } }
targets:
  queues:
    everybody: { members: [ "sip:ann@10.0.0.1", "sip:bob@10.0.0.2" ], strategy: ringAll }
    others: { members: [ "sip:bob@10.0.0.2", "sip:eve@10.0.0.2" ], strategy: ringAll }
channels:
  line: { match: { trunk: carrier }, trunk: carrier, bot: { kind: sip, uri: "sip:10.0.0.9" } }
`);
  let made = 0;
  const random = { uuid: () => `t${made++}`, next: () => 0 };
  const planner = new Planner({ settings, clock: new FakeClock(), random }, () => true);
  const channel = channelOf(settings);
  const asking = { callId: callId('c'), channel, caller: CALLER, trunk: 'carrier' };
  const plan = (...targets: [CommandTarget, ...CommandTarget[]]): Planned =>
    planner.plan(asking, commandOf({ targets }));
  return { plan, planner };
}

const ONE = { phoneNumber: '+16125550101' };
const TWO = { phoneNumber: '+16125550102' };
const THREE = { phoneNumber: '+16125550103' };
const EVERYBODY = { queue: 'everybody' };

const transfer = (planned: Planned) => {
  if (!planned.ok) throw new Error(planned.problem.detail);
  return planned.plan;
};
const whyNot = (planned: Planned): string | null => (planned.ok ? null : planned.problem.detail);

describe('the limits of trunks', () => {
  it('every target counts, not only the last on its trunk', () => {
    const { plan } = bench({ carrier: 'perTargetPerMinute: 1' });
    transfer(plan(ONE, TWO));
    expect(whyNot(plan(ONE))).toContain('trunks.carrier.limits.perTargetPerMinute');
    expect(whyNot(plan(TWO))).toContain('trunks.carrier.limits.perTargetPerMinute');
    expect(whyNot(plan(THREE))).toBeNull();
  });

  it('one transfer holds one place on a trunk, however many targets it has there', () => {
    const { plan, planner } = bench({ carrier: 'concurrent: 2' });
    const first = transfer(plan(ONE, TWO, THREE));
    transfer(plan(ONE, TWO));
    expect(whyNot(plan(ONE))).toContain('trunks.carrier.limits.concurrent');
    planner.release(first.id);
    planner.release(first.id);
    transfer(plan(ONE));
    expect(whyNot(plan(ONE))).toContain('trunks.carrier.limits.concurrent');
  });

  it('counts once a minute for a transfer, and a target named twice once', () => {
    const { plan } = bench({ carrier: 'perMinute: 2, perTargetPerMinute: 2' });
    transfer(plan(ONE, TWO, ONE));
    transfer(plan(ONE, TWO));
    expect(whyNot(plan(THREE))).toContain('trunks.carrier.limits.perMinute');
  });

  it('a queue that rings over two trunks holds a place on both', () => {
    const { plan, planner } = bench({ carrier: 'concurrent: 1', other: 'concurrent: 1' });
    const ringing = transfer(plan(EVERYBODY));
    expect(whyNot(plan(ONE))).toContain('trunks.carrier.limits.concurrent');
    expect(whyNot(plan({ queue: 'others' }))).toContain('trunks.other.limits.concurrent');
    planner.release(ringing.id);
    expect([whyNot(plan(ONE)), whyNot(plan({ queue: 'others' }))]).toEqual([null, null]);
  });

  it('refused on one trunk counts on none', () => {
    const { plan } = bench({ carrier: 'concurrent: 1, perMinute: 1', other: 'concurrent: 1' });
    transfer(plan({ queue: 'others' }));
    expect(plan(EVERYBODY)).toMatchObject({
      ok: false,
      problem: { code: 'rate_limited', refused: { outcome: 'congestion', targets: ['everybody'] } },
    });
    expect(whyNot(plan(ONE))).toBeNull();
  });

  it('a failover holds no place of its own', () => {
    const { plan } = bench({ other: 'concurrent: 1' });
    expect(transfer(plan(ONE)).targets[0].ways.map(({ trunk }) => trunk)).toContain('other');
    transfer(plan(ONE));
    expect(whyNot(plan({ queue: 'others' }))).toBeNull();
  });
});
