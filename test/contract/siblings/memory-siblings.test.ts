import { describe, expect, it } from 'vitest';
import { createMemorySiblings, type Neighbours } from '../../../src/adapters/memory/siblings.js';
import { systemClock } from '../../../src/engine/system-clock.js';
import { FakeClock } from '../../support/fake-clock.js';
import { engineId, siblingsConformance } from './siblings-conformance.js';

const neighbours: Neighbours = new Map();
siblingsConformance('memory', (engine) => createMemorySiblings(engine, systemClock, neighbours));

describe('memory siblings', () => {
  it('an answer that never comes is refused in time', async () => {
    const clock = new FakeClock();
    const here: Neighbours = new Map();
    const [a, b] = ['a', 'b'].map((name) => createMemorySiblings(engineId(name), clock, here));
    await b!.start(() => new Promise(() => undefined));
    const answer = a!.ask(engineId('b'), {}).catch((thrown: unknown) => thrown);
    clock.advance(2_999);
    clock.advance(1);
    expect(await answer).toMatchObject({ code: 'engine_unreachable' });
  });
});
