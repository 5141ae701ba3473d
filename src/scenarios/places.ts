import { ScenarioFailure } from './failure.js';

const PLACE = /\{([A-Za-z][A-Za-z0-9_.-]*)\}/g;

/** Values that `{name}` stands for: addresses known from the start, ids that come to be known on the way. */
export class Places {
  private readonly values = new Map<string, string>();

  set(name: string, value: string): void {
    this.values.set(name, value);
  }

  get(name: string): string | undefined {
    return this.values.get(name);
  }

  /** Replaces `{name}` in every text inside `value`; `where` is blamed for a name nobody knows. */
  fill<T>(value: T, where: string): T {
    // The copy has the shape of the original: only texts are replaced, by texts.
    return this.copy(value, where) as T;
  }

  private copy(value: unknown, where: string): unknown {
    if (typeof value === 'string') return this.text(value, where);
    if (Array.isArray(value)) return value.map((item) => this.copy(item, where));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [this.text(key, where), this.copy(item, where)]),
    );
  }

  private text(text: string, where: string): string {
    return text.replace(PLACE, (_all, name: string) => {
      const value = this.values.get(name);
      if (value === undefined) {
        throw new ScenarioFailure(
          where,
          `{${name}} is not known (yet); known: ${[...this.values.keys()].join(', ')}`,
        );
      }
      return value;
    });
  }
}
