import { expect, it } from 'vitest';
import { FakeMedia } from '../support/fake-media.js';
import { mediaHealth } from '../../src/engine/media-health.js';

it('is up, degraded or down with its servers, and names those that are down', () => {
  const media = new FakeMedia(['a:8021', 'b:8021']);
  expect(mediaHealth(media)).toEqual({ word: 'up', detail: null });
  media.loseServer('b:8021');
  expect(mediaHealth(media)).toMatchObject({
    word: 'degraded',
    detail: expect.stringContaining('b:8021;') as string,
  });
  media.loseServer('a:8021');
  expect(mediaHealth(media)).toMatchObject({
    word: 'down',
    detail: expect.stringContaining('a:8021, b:8021;') as string,
  });
  media.restoreServer('a:8021');
  expect(mediaHealth(media).word).toBe('degraded');
});
