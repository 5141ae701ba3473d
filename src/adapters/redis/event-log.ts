import type { PublishedEvent } from '../../ports/bot-runtime.js';
import type { Commands } from './client.js';
import { EVENT_CURSORS_KEY, EVENT_IDS_KEY, EVENTS_KEY } from './keys.js';
import { APPEND } from './scripts.js';

export interface LoggedEvent {
  readonly cursor: string;
  readonly event: PublishedEvent;
}

/** Ids of a stream, `<ms>-<n>`, within 64 bits each. */
const CURSOR = /^\d{1,18}-\d{1,18}$/;

type Entry = readonly [id: string, fields: readonly string[]];

/** The event log: a Redis stream, whose ids are the cursors. */
export class EventLog {
  constructor(
    private readonly commands: Commands,
    private readonly keep: number,
  ) {}

  /** Appends in order, all or none; an event among the newest of the log is not appended again, whoever sends it. */
  async append(events: readonly (readonly [id: string, json: string])[]): Promise<readonly string[]> {
    const cursors = await APPEND.run(
      this.commands,
      [EVENTS_KEY, EVENT_CURSORS_KEY, EVENT_IDS_KEY],
      [this.keep, ...events.flat()],
    );
    return Array.isArray(cursors) ? cursors.map(String) : [];
  }

  async last(commands: Commands): Promise<string | undefined> {
    const [newest] = await commands.xrevrange(EVENTS_KEY, '+', '-', 'COUNT', 1);
    return newest?.[0];
  }

  /**
   * A cursor is known while its event is kept. One that is not, was trimmed away (then the oldest kept comes next), or
   * was never given out by this log.
   */
  async readAfter(commands: Commands, cursor: string | undefined, limit: number): Promise<LoggedEvent[]> {
    if (cursor === undefined || !CURSOR.test(cursor)) return this.from(commands, '-', limit);
    const [known, next] = await Promise.all([
      commands.xrange(EVENTS_KEY, cursor, cursor),
      this.from(commands, `(${cursor}`, limit),
    ]);
    return known.length > 0 ? next : this.from(commands, '-', limit);
  }

  private async from(commands: Commands, start: string, limit: number): Promise<LoggedEvent[]> {
    const entries = await commands.xrange(EVENTS_KEY, start, '+', 'COUNT', limit);
    return entries.map(logged);
  }
}

function logged([cursor, fields]: Entry): LoggedEvent {
  // We wrote it: the script `APPEND` adds one field only.
  return { cursor, event: JSON.parse(fields[1] ?? 'null') as PublishedEvent };
}
