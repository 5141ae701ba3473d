import { describe, expect, it } from 'vitest';
import { step } from '../../src/domain/step.js';
import { campaign, type Report } from './campaign.js';
import { REAL, type Engine } from './world.js';

/** More: SIMULATION_CRASHES=1000000 npx vitest run test/simulation/crash.test.ts */
const COUNT = Number(process.env.SIMULATION_CRASHES ?? 10_000);

/** In a thousand things that happen: often late in a call, and often again and again. */
const MORTALITY = [3, 20] as const;

const over = (phase: string): string => (phase === 'ending' || phase === 'ended' ? 'over' : phase);

/** The engine by another `takeOver`. */
const taking = (takeOver: Engine['takeOver']): Engine => ({ ...REAL, takeOver });

function campaigns(engine: Engine, count: number): Report['broken'] {
  for (const mortality of MORTALITY) {
    const { broken } = campaign(1, count / MORTALITY.length, engine, mortality);
    if (broken !== null) return broken;
  }
  return null;
}

/** `recover.ts` draws them. */
const WAYS: readonly string[] = [
  ...['connecting -> over', 'withBot -> over', 'dialling -> over', 'retryWait -> over', 'speaking -> over'],
  ...['introducing -> over', 'referring -> over', 'handingBack -> over', 'moving -> over'],
  ...['withTarget -> over', 'returning -> over', 'departing -> over', 'ending -> over'],
  ...['withBot -> withBot', 'withTarget -> withTarget', 'departing -> departing'],
  ...['handingBack -> handingBack', 'dialling -> withBot', 'dialling -> withTarget', 'retryWait -> withBot'],
];

/** Not in every ten thousand schedules. */
const RARE: readonly string[] = ['withTarget -> returning', 'retryWait -> withTarget'];

describe('a call whose engine dies at any moment', () => {
  it(`keeps its promises in ${COUNT} schedules, and takes every way out`, { timeout: 300_000 }, () => {
    const taken = new Set<string>();
    const engine = taking((call, alive) => {
      const result = REAL.takeOver(call, alive);
      taken.add(`${call.state.phase} -> ${over(result.next.state.phase)}`);
      return result;
    });
    expect(campaigns(engine, COUNT)).toBeNull();
    expect([...taken].filter((way) => !WAYS.includes(way) && !RARE.includes(way))).toEqual([]);
    expect(WAYS.filter((way) => !taken.has(way))).toEqual([]);
  });

  it.each<[string, Engine['takeOver']]>([
    ['tells no verdict', (call, alive) => untold(REAL.takeOver(call, alive), 'transfer.failed')],
    ['tells no end', (call, alive) => untold(REAL.takeOver(call, alive), 'call.ended')],
    ['thinks all legs alive', (call) => REAL.takeOver(call, new Set(call.legs.keys()))],
    [
      'leaves its legs to themselves',
      (call, alive) => {
        const result = REAL.takeOver(call, alive);
        return { ...result, effects: result.effects.filter(({ type }) => type !== 'bye') };
      },
    ],
    ['does as if nothing had happened', (call) => ({ next: call, effects: [], ignored: [] })],
    [
      'hangs up by the book',
      (call) => step(call, { type: 'hangupRequested', by: 'engine', reason: 'its engine died' }),
    ],
  ])('is caught when the next engine %s', (_what, takeOver) => {
    expect(campaigns(taking(takeOver), 2000)).not.toBeNull();
  });
});

type Taken = ReturnType<Engine['takeOver']>;

const untold = (result: Taken, type: string): Taken => ({
  ...result,
  effects: result.effects.filter((effect) => effect.type !== 'tell' || effect.event.type !== type),
});
