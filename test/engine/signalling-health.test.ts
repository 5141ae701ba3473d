import { expect, it } from 'vitest';
import { signallingHealth } from '../../src/engine/signalling-health.js';

const health = (...up: boolean[]) =>
  signallingHealth({ servers: () => up.map((one, i) => ({ name: `10.0.0.${i + 1}:9022`, up: one })) });

it('is up, degraded or down with its servers, and names those that are down', () => {
  expect(health(true, true)).toEqual({ word: 'up', detail: null });
  expect(health(true, false)).toEqual({
    word: 'degraded',
    detail: 'no link to the SIP server 10.0.0.2:9022; new calls go on by the others',
  });
  expect(health(false, false)).toEqual({
    word: 'down',
    detail: 'no link to the SIP server 10.0.0.1:9022, 10.0.0.2:9022',
  });
});
