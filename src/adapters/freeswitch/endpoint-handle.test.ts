import { describe, expect, it } from 'vitest';
import type { EndpointHandle } from '../../ports/media.js';
import { channelIn, handleOf } from './endpoint-handle.js';

describe('handle of an endpoint', () => {
  it.each(['embedded', '10.0.0.1:8021', '[::1]:8021'])('names the channel and %s', (server) => {
    const channel = { server, uuid: '0f63c5a4-7a4e-4a58-b0c1-9cf4c3d6f8a1' };
    expect(channelIn(handleOf(channel))).toEqual(channel);
  });

  it.each([
    '',
    '@embedded',
    'none@embedded',
    '0f63c5a4-7a4e-4a58-b0c1-9cf4c3d6f8a1\n\napi shutdown@embedded',
  ])('is not %j', (text) => {
    expect(channelIn(text as EndpointHandle)).toBeNull();
  });
});
