import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { LeftChannels } from './left-channels.js';

it('a channel is ended once; again when the server did not answer', async () => {
  const killed: string[] = [];
  let answers = false;
  const left = new LeftChannels((uuid) => {
    killed.push(uuid);
    return answers ? Promise.resolve() : Promise.reject(new Error('no answer'));
  });
  left.add('a');
  left.add('a');
  expect(killed).toEqual([]);
  left.end();
  await setImmediate();
  answers = true;
  left.end();
  await setImmediate();
  left.end();
  expect(killed).toEqual(['a', 'a']);
});
