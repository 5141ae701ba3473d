/** Works one after the other, in the order they were asked for; one that fails does not keep the next from its turn. */
export class TurnQueue {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    return TurnQueue.together([this], work);
  }

  /** A work that has its turn in several queues at once. Taken in all of them before anybody waits: no deadlock. */
  static together<T>(queues: readonly TurnQueue[], work: () => Promise<T>): Promise<T> {
    const turn = Promise.all(queues.map((queue) => queue.#last)).then(work);
    const over = turn.catch(() => undefined);
    for (const queue of queues) queue.#last = over;
    return turn;
  }
}

/** A work that needs the turn of all of these. */
export const inTurn = <T>(
  owners: Iterable<{ readonly turns: TurnQueue }>,
  work: () => Promise<T>,
): Promise<T> =>
  TurnQueue.together(
    Array.from(owners, ({ turns }) => turns),
    work,
  );
