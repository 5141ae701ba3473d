import { describe, expect, it } from 'vitest';
import { heartbeatOf, UNKNOWN, weightOf } from './load.js';

describe('weight of a media server', () => {
  const half = { sessions: 50, maxSessions: 100, idleCpu: 100, oursThen: 10 };

  it.each([
    ['an unknown one, empty', UNKNOWN, 0, 1],
    ['half full as it says', half, 10, 0.5],
    ['more since it said so', half, 30, 0.3],
    ['fewer since it said so', half, 0, 0.6],
    ['full', { ...half, sessions: 100 }, 10, 0],
    ['full by our own count', { ...half, maxSessions: 20, sessions: 0, oursThen: 0 }, 20, 0],
    ['busy', { ...half, idleCpu: 50 }, 10, 0.25],
    ['busy to the limit', { ...half, idleCpu: 0 }, 10, 0.025],
  ])('%s', (_, heartbeat, ours, weight) => {
    expect(weightOf(heartbeat, ours)).toBeCloseTo(weight);
  });

  it('never counts fewer sessions than are ours', () => {
    expect(weightOf({ ...half, sessions: 0, oursThen: 10 }, 50)).toBeCloseTo(0.5);
  });
});

describe('HEARTBEAT', () => {
  const read = (headers: Record<string, string>) => heartbeatOf((name) => headers[name] ?? null, 3);

  it('is read', () => {
    const headers = { 'Session-Count': '7', 'Max-Sessions': '1000', 'Idle-CPU': '93.500000' };
    expect(read(headers)).toEqual({ sessions: 7, maxSessions: 1000, idleCpu: 93.5, oursThen: 3 });
  });

  it('of a server that tells nothing leaves what is unknown unknown', () => {
    expect(read({ 'Session-Count': 'many' })).toEqual({ ...UNKNOWN, oursThen: 3 });
  });
});
