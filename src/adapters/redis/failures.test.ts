import { expect, it } from 'vitest';
import { isRefusal } from './failures.js';

const reply = (message: string): Error => Object.assign(new Error(message), { name: 'ReplyError' });
const OUT_OF_MEMORY = "OOM command not allowed when used memory > 'maxmemory'.";
const IN_SCRIPT = 'ERR Error running script (call to f_4d1f): @user_script:9: @user_script: 9:';

it.each([
  OUT_OF_MEMORY,
  `${OUT_OF_MEMORY} script: 4d1f, on @user_script:9.`,
  `${IN_SCRIPT} -${OUT_OF_MEMORY}`,
  `${IN_SCRIPT} -READONLY You can't write against a read only replica.`,
  'LOADING Redis is loading the dataset in memory',
])('is taken later: %s', (message) => {
  expect(isRefusal(reply(message))).toBe(false);
});

it.each([
  'WRONGTYPE Operation against a key holding the wrong kind of value',
  `${IN_SCRIPT} -WRONGTYPE Operation against a key holding the wrong kind of value`,
  'ERR unknown command',
  'OOMPH',
])('is never taken: %s', (message) => {
  expect(isRefusal(reply(message))).toBe(true);
});

it('silence is no refusal', () => {
  expect(isRefusal(new Error('no answer'))).toBe(false);
});
