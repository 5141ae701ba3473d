import { expect, it } from 'vitest';
import { Crew, rest } from '../support/crew.js';

/** The engine of an anchored call with an agent dies. */
async function inherited(page = (last: string): string => last) {
  const crew = new Crew({ media: 'anchored' });
  let last = '';
  const write = crew.shelf.write.bind(crew.shelf);
  crew.shelf.write = (engine, written) => {
    last = written.state ?? last;
    return write(engine, written);
  };
  const [one, two] = [await crew.hire(), await crew.hire()];
  const call = await crew.talking(one);
  const { transfer } = await crew.bridged(one, call);
  await rest();
  write(one.id, { callId: call.id, tenure: 1, state: page(last), events: [] });
  crew.kill(one);
  await crew.inherit();
  const left = one.media!.endpoints.map(({ handle }) => handle);
  return { crew, call, transfer, two, left };
}

it('endpoints of all its legs are let go by its heir, which opens none', async () => {
  const { crew, call, transfer, two, left } = await inherited();
  expect(left).toHaveLength(3);
  expect([...two.media!.freed].sort()).toEqual(left);
  expect(two.media!.endpoints).toEqual([]);
  expect(two.signalling.resumed.map(({ asked }) => asked)).toEqual([['bye'], ['bye'], ['bye']]);
  expect(crew.told(call.id).filter(({ data }) => 'transferStatus' in data)).toMatchObject([
    { data: { transferId: transfer, evidence: { decidedBy: 'interrupted' } } },
  ]);
});

it('also of a call whose page another version wrote', async () => {
  const { two, left } = await inherited((last) => last.replace('"version":1', '"version":99'));
  expect([...two.media!.freed].sort()).toEqual(left);
});
