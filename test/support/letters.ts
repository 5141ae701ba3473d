import type { DeadLetter } from '../../src/ports/dead-letters.js';
import { aFailure } from './records.js';

/** Letter `n`, of call 1. */
export function aLetter(n: number, channel = 'line', over: Partial<DeadLetter> = {}): DeadLetter {
  return {
    event: aFailure(n, '1', channel),
    body: `{"seq":${n},"word":"é\\n"}`,
    why: 'given_up',
    attempts: 3,
    lastAnswer: { result: 'refused', status: 500 },
    firstTriedAt: '2026-01-01T00:00:00.000Z',
    lastTriedAt: '2026-01-01T00:05:00.000Z',
    diedAt: '2026-01-01T00:05:00.000Z',
    ...over,
  };
}
