import type { TrunkLimits } from '../../../domain/settings.js';

export interface TakeAnswer {
  readonly word: 'taken' | keyof TrunkLimits;
  /** How long until there is room, 0: nobody knows. */
  readonly waitMs: number;
  /** Places taken, by all engines. */
  readonly inUse: number;
}

export interface RenewAnswer {
  readonly inUse: number;
  /** Requests of all engines in the last minute. */
  readonly sent: number;
  /** How long until one more request fits, 0: it fits now. */
  readonly fullMs: number;
  readonly engines: number;
}

const WORDS: ReadonlySet<string> = new Set<TakeAnswer['word']>([
  'taken',
  'concurrent',
  'perMinute',
  'perTargetPerMinute',
]);

/** What the scripts answer is ours; anything else comes from a server that is not a Redis. */
export function readTake(answer: unknown): TakeAnswer {
  const [word, waitMs, inUse] = Array.isArray(answer) ? (answer as readonly unknown[]) : [];
  if (!isWord(word) || typeof waitMs !== 'number' || typeof inUse !== 'number') throw notOurs(answer);
  return { word, waitMs, inUse };
}

const isWord = (word: unknown): word is TakeAnswer['word'] => typeof word === 'string' && WORDS.has(word);

export function readRenew(answer: unknown): RenewAnswer {
  const numbers = Array.isArray(answer) ? answer.filter((one): one is number => typeof one === 'number') : [];
  const [inUse, sent, fullMs, engines] = numbers;
  if (inUse === undefined || sent === undefined || fullMs === undefined || engines === undefined)
    throw notOurs(answer);
  return { inUse, sent, fullMs, engines };
}

export function readNumber(answer: unknown): number {
  if (typeof answer !== 'number') throw notOurs(answer);
  return answer;
}

const notOurs = (answer: unknown): Error =>
  new Error(`an answer of no script of ours: ${JSON.stringify(answer)}`);
