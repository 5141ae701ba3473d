import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/poll.js';
import { FaultBench } from '../support/voice-faults.js';
import type { FaultCall } from '../support/fault-call.js';
import { PHASES, type Phase } from '../support/fault-phases.js';

/** No caller may be left in silence for longer (issue 4). */
const SILENCE_MS = 10_000;
/** A frozen server is found out in under 2 s; the rest is re-INVITEs, and a busy machine. */
const MOVED_MS = 5000;

interface Fault {
  readonly name: string;
  readonly another: boolean;
  readonly strike: (bench: FaultBench) => void;
  /** The server is as it was. */
  readonly heal: (bench: FaultBench) => Promise<void>;
}

const killed = {
  strike: ({ first }: FaultBench) => void first.kill(),
  heal: ({ first }: FaultBench) => first.restart(),
};
const frozen = {
  strike: ({ first }: FaultBench) => {
    first.freeze();
    setTimeout(() => first.thaw(), 5000);
  },
  heal: ({ struckAt }: FaultBench) => until(() => performance.now() - struckAt > 5000, 'thawed', 10_000),
};

const FAULTS: readonly Fault[] = [
  { name: 'the only media server is killed', another: false, ...killed },
  { name: 'the only media server stands still for 5 s', another: false, ...frozen },
  { name: 'a media server is killed, another is there', another: true, ...killed },
  { name: 'a media server stands still for 5 s, another is there', another: true, ...frozen },
];

for (const { name, another, strike, heal } of FAULTS)
  describe(name, () => {
    let bench: FaultBench;
    beforeAll(async () => {
      bench = await FaultBench.start({ another });
      await bench.strike(() => strike(bench));
    }, 60_000);
    afterAll(() => bench.close(), 30_000);

    describe.concurrent('while', { timeout: 40_000 }, () => {
      for (const phase of PHASES)
        it(phase.name, async () => {
          const call = bench.of(phase);
          if (another) await goesOn(bench, phase, call);
          else await ends(bench, phase, call);
        });
    });

    it('nothing is left, and a new call works', { timeout: 60_000 }, async () => {
      await heal(bench);
      await bench.isEmpty(...(bench.second === null ? [bench.first] : [bench.first, bench.second]));
      await bench.areUp();
      const { caller } = await bench.voice.talking();
      caller.bye();
      await bench.isEmpty(bench.first);
    });
  });

/** Its conversation cannot be had any more: everybody is told, once, and nobody is left on the line. */
async function ends(bench: FaultBench, { outcome }: Phase, call: FaultCall): Promise<void> {
  await until(() => call.endedAt !== null, 'the call ended', 15_000);
  const at = call.endedAt ?? Infinity;
  expect(call.longestSilence(bench.struckAt, at)).toBeLessThan(SILENCE_MS);
  await nobodyIsLeft(call);
  // A call that was turned away at the door has never begun.
  const begun = call.toldOf('call.started').length;
  if (begun > 0) await call.event('call.ended');
  expect(call.toldOf('call.ended')).toHaveLength(begun);
  expect(call.verdicts.map(({ data }) => data['outcome'])).toEqual(outcome === undefined ? [] : [outcome]);
  await call.recordingsAreTold();
}

/** Everybody hears again what was heard before, in time, and the transfer comes to its end as if nothing had been. */
async function goesOn(bench: FaultBench, phase: Phase, call: FaultCall): Promise<void> {
  await phase.goesOn(call);
  expect(call.longestSilence(bench.struckAt, performance.now())).toBeLessThan(MOVED_MS);
  expect(call.endedAt).toBeNull();
  await call.hangsUp();
  await nobodyIsLeft(call);
  expect(call.toldOf('call.ended').map(({ data }) => data['by'])).toEqual(['api']);
  expect(call.verdicts.map(({ data }) => data['outcome'])).toEqual(
    phase.outcome === undefined ? [] : ['answered'],
  );
  await call.recordingsAreTold();
}

function nobodyIsLeft(call: FaultCall): Promise<void> {
  const isOver = (): boolean => call.stillConnected.length === 0;
  return until(isOver, () => `nobody left, but ${call.stillConnected.join()}`, 10_000);
}
