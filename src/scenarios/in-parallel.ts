/** Results in the order of the items, at most `width` at a time; none is begun after `signal`. */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  signal: AbortSignal,
  run: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (signal.aborted) return;
      results[index] = await run(item);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  signal.throwIfAborted();
  return results;
}
