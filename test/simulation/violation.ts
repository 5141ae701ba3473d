/** A promise the engine broke. The message names it. */
export class Violation extends Error {}

export function must(condition: boolean, promise: string): asserts condition {
  if (!condition) throw new Violation(promise);
}
