import { describe, expect, it } from 'vitest';
import { createMemoryPlaces } from '../../src/adapters/memory/places.js';
import type { CommandTarget } from '../../src/domain/command.js';
import { callId } from '../../src/domain/ids.js';
import { Planner, type Planned } from '../../src/engine/planner.js';
import { FakeClock } from '../support/fake-clock.js';
import { noMetrics } from '../support/fake-metrics.js';
import { CALLER, channelOf, commandOf, settingsOf } from '../support/routing-bench.js';

/** Two trunks; whoever is at 10.0.0.2 is reached by `other`. */
function bench(limits: { carrier?: string; other?: string }, failover: readonly string[]) {
  const settings = settingsOf(`
trunks:
  carrier:
    { allow: [ "::1" ], proxy: "sip:10.0.0.1", limits: { ${limits.carrier ?? ''} }, failover: [ ${failover.join()} ] }
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
  const clock = new FakeClock();
  const places = createMemoryPlaces({ trunks: settings.trunks, clock, metrics: noMetrics });
  const planner = new Planner({ settings, clock, random, places }, () => true);
  const hold = (trunk: string): (() => void) => places.retake(trunk);
  const channel = channelOf(settings);
  const asking = { callId: callId('c'), channel, caller: CALLER, trunk: 'carrier' };
  const plan = (...targets: [CommandTarget, ...CommandTarget[]]): Planned =>
    planner.plan(asking, commandOf({ targets }));
  return { plan, hold };
}

const ONE = { phoneNumber: '+16125550101' };
const TWO = { phoneNumber: '+16125550102' };
const EVERYBODY = { queue: 'everybody' };

const whyNot = (planned: Planned): string | null => (planned.ok ? null : planned.problem.detail);

describe('the limits of trunks', () => {
  it('a plan takes no place: its requests do, when they go out', () => {
    const { plan, hold } = bench({ carrier: 'concurrent: 1' }, []);
    expect([whyNot(plan(ONE)), whyNot(plan(ONE))]).toEqual([null, null]);
    const release = hold('carrier');
    expect(whyNot(plan(ONE))).toContain('trunks.carrier.limits.concurrent');
    release();
    expect(whyNot(plan(ONE))).toBeNull();
  });

  it('a plan of which nothing could go out is refused, and told as congestion', () => {
    const { plan, hold } = bench({ carrier: 'concurrent: 1', other: 'concurrent: 1' }, ['other']);
    hold('carrier');
    expect(whyNot(plan(ONE))).toBeNull();
    hold('other');
    expect(plan(ONE)).toMatchObject({
      ok: false,
      problem: { code: 'rate_limited', refused: { outcome: 'congestion', targets: ['+16125550101'] } },
    });
  });

  it('a later target, or one member of a queue, is enough', () => {
    const { plan, hold } = bench({ carrier: 'concurrent: 1' }, []);
    hold('carrier');
    expect(whyNot(plan(ONE, TWO))).toContain('trunks.carrier.limits.concurrent');
    expect(whyNot(plan(ONE, { queue: 'others' }))).toBeNull();
    expect(whyNot(plan(EVERYBODY))).toBeNull();
  });
});

describe('what callers hear', () => {
  const settings = settingsOf(`
media: { server: embedded }
sounds: { speech: { kind: http, url: "http://127.0.0.1:1/speak" } }
trunks: { carrier: { allow: [ "::1" ], proxy: "sip:10.0.0.1" } }
channels:
  line:
    match: { trunk: carrier }
    trunk: carrier
    media: anchored
    bot: { kind: sip, uri: "sip:10.0.0.9" }
    transfer:
      announce: [ { text: "one" }, { text: "two" } ]
      whisper: { text: "a caller" }
      returnKey: "*"
`);
  const asking = { callId: callId('c'), channel: channelOf(settings), caller: CALLER, trunk: 'carrier' };
  const plannerWith = (next: number): Planner => {
    const clock = new FakeClock();
    const places = createMemoryPlaces({ trunks: settings.trunks, clock, metrics: noMetrics });
    return new Planner(
      { settings, clock, random: { uuid: () => 't', next: () => next }, places },
      () => true,
    );
  };

  it.each([
    [0, 'one'],
    [0.49, 'one'],
    [0.5, 'two'],
    [0.99, 'two'],
  ])('of several announcements one, by chance: %d is %s', (next, text) => {
    const planned = plannerWith(next).plan(asking, commandOf({ targets: [ONE] }));
    expect(planned).toMatchObject({ ok: true, plan: { sounds: { announce: [{ text }] } } });
  });

  it('an agent who was consulted needs no whisper, but keeps its key', () => {
    const plan = plannerWith(0).attended(asking, commandOf({ targets: [ONE] }));
    expect(plan.sounds).toMatchObject({ announce: [], whisper: null, confirm: null, warm: null });
    expect(plan.sounds?.returnKey).toBe('*');
  });
});
