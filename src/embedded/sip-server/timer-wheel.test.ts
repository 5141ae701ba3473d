import { describe, expect, it } from 'vitest';
import { Timer, TimerWheel } from './timer-wheel.js';

class Probe extends Timer {
  fired: number[] = [];
  constructor(
    private readonly now: () => number,
    private readonly then: () => void = () => undefined,
  ) {
    super();
  }
  onTimer(): void {
    this.fired.push(this.now());
    this.then();
  }
}

function rig() {
  let time = 5000;
  const wheel = new TimerWheel(() => time, false);
  const now = (): number => time;
  const pass = (ms: number): void => {
    for (let i = 0; i < ms; i += 10) {
      time += 10;
      wheel.advance();
    }
  };
  return { wheel, now, pass, jump: (ms: number) => (time += ms) };
}

describe('timer wheel', () => {
  it('fires once, not early, and forgets', () => {
    const { wheel, now, pass } = rig();
    const p = new Probe(now);
    wheel.arm(p, 495);
    pass(490);
    expect(p.fired).toEqual([]);
    pass(20);
    expect(p.fired).toEqual([5500]);
    pass(100_000);
    expect(p.fired).toHaveLength(1);
    expect(wheel.count).toBe(0);
  });

  it('cancels in the middle of a slot and re-arms', () => {
    const { wheel, now, pass } = rig();
    const [a, b, c] = [new Probe(now), new Probe(now), new Probe(now)];
    for (const p of [a, b, c]) wheel.arm(p, 100);
    wheel.cancel(b);
    wheel.cancel(b);
    wheel.arm(c, 200);
    pass(110);
    expect([a.fired.length, b.fired.length, c.fired.length]).toEqual([1, 0, 0]);
    pass(100);
    expect(c.fired).toHaveLength(1);
    expect(wheel.count).toBe(0);
  });

  it('keeps delays longer than one turn (timer C)', () => {
    const { wheel, now, pass } = rig();
    const p = new Probe(now);
    wheel.arm(p, 185_000);
    pass(184_980);
    expect(p.fired).toEqual([]);
    pass(30);
    expect(p.fired).toEqual([190_000]);
  });

  it('a timer may cancel or arm others of its own slot, and itself', () => {
    const { wheel, now, pass } = rig();
    const victim = new Probe(now);
    const killer: Probe = new Probe(now, () => {
      wheel.cancel(victim);
      if (killer.fired.length < 3) wheel.arm(killer, 10);
    });
    wheel.arm(victim, 50);
    wheel.arm(killer, 50);
    pass(200);
    // The later of two in one slot is visited first.
    expect(victim.fired).toEqual([]);
    expect(killer.fired).toHaveLength(3);
  });

  it('does not walk through idle hours, and catches up after a stall', () => {
    const { wheel, now, jump } = rig();
    jump(3_600_000);
    const p = new Probe(now);
    wheel.arm(p, 100);
    jump(30_000);
    wheel.advance();
    expect(p.fired).toHaveLength(1);
  });

  it('survives a timer that throws', () => {
    const { wheel, now, pass } = rig();
    let faults = 0;
    wheel.onFault = () => faults++;
    const good = new Probe(now);
    wheel.arm(good, 50);
    wheel.arm(
      new Probe(now, () => {
        throw new Error('broken');
      }),
      50,
    );
    pass(60);
    expect(faults).toBe(1);
    expect(good.fired).toHaveLength(1);
  });
});
