import type { ServerEvent } from './event.js';

const LIBRARY_PREFIX = 'SWITCH_EVENT_';

/** Which events a connection asked for: types by `event`, narrowed by `filter`. */
export class Subscription {
  private readonly names = new Set<string>();
  private readonly subclasses = new Set<string>();
  private readonly filters = new Map<string, Set<string>>();
  private everything = false;

  /** Words of `event json ...`; all behind CUSTOM are subclass names, whatever they look like. */
  add(words: readonly string[]): void {
    const custom = words.indexOf('CUSTOM');
    for (const word of custom < 0 ? words : words.slice(0, custom)) {
      if (word.toLowerCase() === 'all') this.everything = true;
      else this.names.add(eventName(word));
    }
    if (custom >= 0) for (const word of words.slice(custom + 1)) this.subclasses.add(word);
  }

  remove(words: readonly string[]): void {
    const custom = words.indexOf('CUSTOM');
    for (const word of custom < 0 ? words : words.slice(0, custom)) this.names.delete(eventName(word));
    if (custom >= 0) for (const word of words.slice(custom + 1)) this.subclasses.delete(word);
  }

  clear(): void {
    this.names.clear();
    this.subclasses.clear();
    this.everything = false;
  }

  filter(header: string, value: string): void {
    const values = this.filters.get(header) ?? new Set<string>();
    this.filters.set(header, values.add(value));
  }

  /** Without a value: all filters on that header; `all` as the header: every filter. */
  unfilter(header: string, value: string | null): void {
    if (header === 'all') this.filters.clear();
    else if (value === null) this.filters.delete(header);
    else this.filters.get(header)?.delete(value);
    if (this.filters.get(header)?.size === 0) this.filters.delete(header);
  }

  /** The type must be subscribed, and any one filter must match where there are filters. */
  wants(event: ServerEvent): boolean {
    return this.typeWanted(event) && this.passesFilters(event);
  }

  private typeWanted(event: ServerEvent): boolean {
    if (this.everything) return true;
    if (event.name === 'CUSTOM') return this.subclasses.has(event.subclass);
    return this.names.has(event.name);
  }

  private passesFilters({ headers }: ServerEvent): boolean {
    if (this.filters.size === 0) return true;
    for (const [header, values] of this.filters) {
      const value = headers[header];
      if (value !== undefined && values.has(value)) return true;
    }
    return false;
  }
}

function eventName(word: string): string {
  const name = word.toUpperCase();
  return name.startsWith(LIBRARY_PREFIX) ? name.slice(LIBRARY_PREFIX.length) : name;
}
