import { expect, it } from 'vitest';
import { hangUpLeft } from '../../src/engine/left-behind.js';
import { Slot } from '../../src/engine/leg-slots.js';
import type { LegId } from '../../src/domain/ids.js';
import { FakeClock } from '../support/fake-clock.js';
import { FakeSignalling } from '../support/fake-signalling.js';

it('hangs up whoever was not told by the next turn that the far end is gone', async () => {
  const clock = new FakeClock();
  const signalling = new FakeSignalling();
  await signalling.start({ offered: () => 'ignore', linkDown: () => undefined, linkUp: () => undefined });
  const target = {
    ...{
      label: 'x',
      uri: 'sip:x@10.0.0.1',
      route: null,
      trunk: null,
      headers: [],
      postDial: null,
      auth: null,
    },
    from: { user: null, display: null, host: null },
  };
  const slot = (name: LegId): Slot => {
    const made: Slot = new Slot(name, null, (place) =>
      signalling.dial({ target, sdp: null, tap: () => undefined, allows: () => true }, (event) =>
        place.heard(event),
      ),
    );
    return made;
  };
  const [caller, bot, agent] = [slot('caller'), slot('bot'), slot('agent-1')];
  const [callers, bots, agents] = signalling.legs;
  callers?.emit({ type: 'lost' });
  hangUpLeft(clock, [caller, bot, agent]);
  bots?.emit({ type: 'lost' });
  expect(signalling.legs.flatMap(({ asked }) => asked)).toEqual([]);
  clock.advance(0);
  expect([callers, bots, agents].map((leg) => leg?.asked)).toEqual([[], [], ['bye']]);
  await Promise.resolve();
  expect([caller, bot, agent].map(({ hasEnded }) => hasEnded)).toEqual([true, true, true]);
  hangUpLeft(clock, [caller, bot, agent]);
  expect(clock.pending).toBe(0);
});
