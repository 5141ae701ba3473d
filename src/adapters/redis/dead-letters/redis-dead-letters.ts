import type { EventId } from '../../../domain/ids.js';
import type {
  DeadLetter,
  DeadLetterFilter,
  DeadLetterPage,
  DeadLetters,
} from '../../../ports/dead-letters.js';
import type { EndpointSwitches } from '../../../ports/endpoint-switches.js';
import { silentLog } from '../../../ports/log.js';
import type { Commands } from '../client.js';
import { Link } from '../link.js';
import { REDIS_DEADLINES } from '../options.js';
import { channelKey, LETTERS_KEY, NUMBER_KEY, ORDER_KEY } from './keys.js';
import { LETTERS, type RedisDeadLettersOptions } from './options.js';
import { LIST_LETTERS, PUT_LETTER, REMOVE_LETTER } from './scripts.js';
import { RedisEndpointSwitches } from './redis-endpoint-switches.js';

/** What is kept of delivery to bots, on a connection of its own. */
export interface RedisOutboxStore {
  readonly letters: DeadLetters;
  readonly switches: EndpointSwitches;
  /** @throws UsageError that names the address */
  start(): Promise<void>;
  readonly stop: () => void;
}

export function createRedisOutboxStore(options: RedisDeadLettersOptions): RedisOutboxStore {
  const { connection, clock } = options;
  // How Redis is doing is the store's to say, once for all.
  const metrics = { dependencyChanged: nothing, storeBacklog: nothing, storeWriteLost: nothing };
  const deadlines = { ...REDIS_DEADLINES, ...options.deadlines };
  const link = new Link({ connection, clock, log: silentLog, metrics }, deadlines);
  return {
    letters: new RedisDeadLetters(link, options),
    switches: new RedisEndpointSwitches(link),
    start: () => link.start(),
    stop: () => link.stop(),
  };
}

const nothing = (): void => undefined;

/** Cursors are numbers, given in the order in which events died. */
class RedisDeadLetters implements DeadLetters {
  constructor(
    private readonly link: Link,
    private readonly options: RedisDeadLettersOptions,
  ) {}

  async put(letter: DeadLetter): Promise<void> {
    const { id, channel } = letter.event;
    const keys = [LETTERS_KEY, ORDER_KEY, channelKey(channel), NUMBER_KEY];
    const all = await this.link.ask((commands) =>
      PUT_LETTER.run(commands, keys, [id, JSON.stringify(letter)]),
    );
    const surplus = Number(all) - (this.options.limit ?? LETTERS);
    if (surplus > 0) await this.forgetOldest(surplus);
  }

  get(id: EventId): Promise<DeadLetter | undefined> {
    return this.link.ask((commands) => letterAt(commands, id));
  }

  async list({ channel, after, limit }: DeadLetterFilter): Promise<DeadLetterPage> {
    const from = after !== undefined && /^\d{1,15}$/.test(after) ? after : '0';
    const keys = [LETTERS_KEY, channel === undefined ? ORDER_KEY : channelKey(channel)];
    const answer = await this.link.ask((commands) => LIST_LETTERS.run(commands, keys, [from, limit]));
    const rows = pairs(Array.isArray(answer) ? answer.map(String) : []);
    const page = rows.slice(0, limit);
    return {
      items: page.map(([, json]) => letterOf(json)),
      nextCursor: rows.length > limit ? (page.at(-1)?.[0] ?? null) : null,
    };
  }

  count(channel?: string): Promise<number> {
    return this.link.ask((commands) =>
      commands.zcard(channel === undefined ? ORDER_KEY : channelKey(channel)),
    );
  }

  remove(id: EventId): Promise<boolean> {
    return this.link.ask(async (commands) => {
      const letter = await letterAt(commands, id);
      return letter !== undefined && remove(commands, letter);
    });
  }

  private async forgetOldest(surplus: number): Promise<void> {
    const { items } = await this.list({ limit: surplus });
    for (const letter of items) {
      const forgotten = await this.link.ask((commands) => remove(commands, letter));
      const { id: eventId, callId, channel } = letter.event;
      if (forgotten)
        this.options.log.error(
          { eventId, callId, channel },
          'a dead letter is forgotten: there are too many',
        );
    }
  }
}

async function letterAt(commands: Commands, id: EventId): Promise<DeadLetter | undefined> {
  const json = await commands.hget(LETTERS_KEY, id);
  return json === null ? undefined : letterOf(json);
}

async function remove(commands: Commands, { event: { id, channel } }: DeadLetter): Promise<boolean> {
  return (await REMOVE_LETTER.run(commands, [LETTERS_KEY, ORDER_KEY, channelKey(channel)], [id])) === 1;
}

/** We wrote it, so it is one. */
const letterOf = (json: string): DeadLetter => JSON.parse(json) as DeadLetter;

function pairs(flat: readonly string[]): (readonly [string, string])[] {
  const found: (readonly [string, string])[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) found.push([flat[i] ?? '', flat[i + 1] ?? '']);
  return found;
}
