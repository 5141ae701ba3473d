import { describe, expect, it } from 'vitest';
import { Sources } from './sources.js';

describe('Sources', () => {
  it.each([
    [['127.0.0.1/32'], '127.0.0.1', true],
    [['127.0.0.1/32'], '127.0.0.2', false],
    [['127.0.0.1'], '127.0.0.1', true],
    [['10.0.0.0/8', '::1/128'], '10.200.3.4', true],
    [['10.0.0.0/8', '::1/128'], '::1', true],
    [['10.0.0.0/8'], '::1', false],
    [[], '127.0.0.1', false],
  ])('%j allows %s: %s', (blocks, address, allowed) => {
    expect(new Sources(blocks).allows(address)).toBe(allowed);
  });

  it.each(['x', '10.0.0.0/99', ''])('refuses %j by name', (block) => {
    expect(() => new Sources([block])).toThrow(`"${block}"`);
  });
});
