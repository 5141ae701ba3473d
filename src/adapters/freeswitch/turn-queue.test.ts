import { describe, expect, it } from 'vitest';
import { TurnQueue } from './turn-queue.js';

describe('turns', () => {
  const done: string[] = [];
  const work =
    (name: string, waits = 0) =>
    async (): Promise<void> => {
      for (let n = 0; n < waits; n++) await Promise.resolve();
      done.push(name);
    };

  it('come in order, the failed and the slow included', async () => {
    done.length = 0;
    const queue = new TurnQueue();
    const slow = queue.run(work('slow', 20));
    const failed = queue.run(() => Promise.reject(new Error('no')));
    const last = queue.run(work('last'));
    await expect(failed).rejects.toThrow('no');
    await Promise.all([slow, last]);
    expect(done).toEqual(['slow', 'last']);
  });

  it('of two queues crosswise neither block nor overtake each other', async () => {
    done.length = 0;
    const [a, b] = [new TurnQueue(), new TurnQueue()];
    const all = [
      a.run(work('a', 20)),
      TurnQueue.together([a, b], work('ab', 5)),
      TurnQueue.together([b, a], work('ba')),
      b.run(work('b')),
    ];
    await Promise.all(all);
    expect(done).toEqual(['a', 'ab', 'ba', 'b']);
  });
});
