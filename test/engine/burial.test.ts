import { expect, it } from 'vitest';
import { Crew, type CrewCall, type Member } from '../support/crew.js';

/** A call with an agent, whose engine wrote it down like this in the end, and died. */
async function buried(
  page: (call: CrewCall, last: string) => string,
): Promise<{ crew: Crew; call: CrewCall; two: Member }> {
  const crew = new Crew();
  let last = '';
  const write = crew.shelf.write.bind(crew.shelf);
  crew.shelf.write = (engine, written) => {
    last = written.state ?? last;
    return write(engine, written);
  };
  const [one, two] = [await crew.hire(), await crew.hire()];
  const call = await crew.talking(one);
  await crew.bridged(one, call);
  write(one.id, { callId: call.id, tenure: 1, state: page(call, last), events: [] });
  crew.kill(one);
  await crew.inherit();
  return { crew, call, two };
}

it('legs of a call in words of another version are hung up, where they can be had', async () => {
  const { call, two } = await buried(({ caller, bot }) =>
    JSON.stringify({
      version: 99,
      channel: 'line',
      seq: 40,
      handles: [caller.handle, bot.handle, 7],
    }),
  );
  const legs = two.signalling.resumed;
  expect(legs.map(({ sipCallId, asked }) => [sipCallId, asked])).toEqual([
    [call.caller.sipCallId, ['bye']],
    [call.bot.sipCallId, ['bye']],
  ]);
  expect(two.bots.told.map(({ type, seq }) => [type, seq])).toEqual([
    ['transfer.failed', 41],
    ['call.ended', 42],
  ]);
});

it('a call of a channel that is no more ends as well', async () => {
  const { crew, call, two } = await buried((_call, last) =>
    last.replaceAll('"channel":"line"', '"channel":"gone"'),
  );
  expect(two.signalling.resumed.map(({ asked }) => asked)).toEqual([['bye'], ['bye'], ['bye']]);
  expect(
    crew
      .told(call.id)
      .slice(-2)
      .map(({ type, channel }) => [type, channel]),
  ).toEqual([
    ['transfer.failed', 'gone'],
    ['call.ended', 'gone'],
  ]);
});

it('a page that is broken in its middle ends its own call, and the next one is taken over', async () => {
  const { crew, call, two } = await buried((_call, last) => {
    const page = JSON.parse(last) as { snapshot: { call: { state: unknown } } };
    page.snapshot.call.state = { phase: 'dialling', transfer: null };
    return JSON.stringify(page);
  });
  const ends = crew.told(call.id).map(({ type }) => type);
  expect(ends.filter((type) => type === 'transfer.failed' || type === 'call.ended')).toEqual([
    'transfer.failed',
    'call.ended',
  ]);
  const next = await crew.hire();
  const other = await crew.talking(two);
  crew.kill(two);
  await crew.inherit();
  expect(next.engine.liveCalls()).toBe(1);
  expect(crew.told(other.id).map(({ type }) => type)).toEqual(['call.started']);
});
