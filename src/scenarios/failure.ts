/** What a scenario found wrong: which party, step or expectation, and what was there instead. */
export class ScenarioFailure extends Error {
  override readonly name = 'ScenarioFailure';
  constructor(
    /** `steps[2]`, `expect.counts[0]`, `party target`, `engine`. */
    readonly where: string,
    readonly what: string,
  ) {
    super(`${where}: ${what}`);
  }
}

/** Anything thrown, as text for a report. */
export const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
