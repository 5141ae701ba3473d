import { expect } from 'vitest';

/** `expect` of something that real sockets bring about: asked again until it holds; patient on a busy machine. */
export const eventually = <T>(get: () => T) => expect.poll(get, { timeout: 10_000, interval: 10 });
