import { describe, expect, it } from 'vitest';
import { hidesCaller } from './privacy.js';

describe('Privacy', () => {
  it.each(['id', 'ID', 'user', 'header', 'id;critical', 'session; header', 'critical , id', ' user '])(
    '%s hides the caller',
    (value) => expect(hidesCaller(value)).toBe(true),
  );

  it.each(['', 'none', 'session', 'critical', 'session;critical', 'identity', 'history', ';;'])(
    '%s does not',
    (value) => expect(hidesCaller(value)).toBe(false),
  );
});
