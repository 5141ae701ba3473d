import type { EventId } from '../../domain/ids.js';
import { AppError } from '../../errors.js';
import type { DeadLetter, DeadLetters } from '../../ports/dead-letters.js';
import type { Log } from '../../ports/log.js';
import type { Ended } from './queued-event.js';

export interface RedeliveryParts {
  readonly letters: DeadLetters;
  readonly log: Log;
  readonly now: () => number;
  /** Letters of one channel sent at once. */
  readonly atOnce: number;
  /** Why nothing can be sent for a channel; `null`: it can. */
  readonly refusal: (channel: string) => AppError | null;
  readonly send: (letter: DeadLetter, ended: (how: Ended) => void) => void;
}

/** Sends dead letters again. Each stays where it is until it is delivered. */
export class Redelivery {
  private readonly underWay = new Map<EventId, Promise<Ended>>();
  /** Channels whose letters are all being sent. */
  private readonly runs = new Set<string>();
  private stopped = false;

  constructor(private readonly parts: RedeliveryParts) {}

  /** @throws AppError `dead_letter_not_found`, what {@link RedeliveryParts.refusal} says, `store_unavailable` */
  async one(id: EventId): Promise<void> {
    const letter = await this.parts.letters.get(id);
    if (letter === undefined)
      throw new AppError('dead_letter_not_found', `There is no dead letter of the event ${id}.`);
    const refusal = this.parts.refusal(letter.event.channel);
    if (refusal !== null) throw refusal;
    void this.send(letter);
  }

  /** Begins with all of a channel, unless that is going on. */
  all(channel: string): void {
    if (this.runs.has(channel)) return;
    this.runs.add(channel);
    this.run(channel)
      .catch((error: unknown) => this.parts.log.warn({ err: error, channel }, 'redelivery broken off'))
      .finally(() => this.runs.delete(channel));
  }

  stop(): void {
    this.stopped = true;
  }

  private async run(channel: string): Promise<void> {
    const { letters, now, atOnce, refusal, log } = this.parts;
    const begun = new Date(now()).toISOString();
    let after: string | undefined;
    let [sent, delivered] = [0, 0];
    for (;;) {
      const page = await letters.list({ channel, limit: atOnce, ...(after !== undefined && { after }) });
      const due = page.items.filter(({ diedAt }) => diedAt <= begun);
      const ends = await Promise.all(due.map((letter) => this.send(letter)));
      const arrived = ends.filter((how) => how === 'delivered').length;
      sent += due.length;
      delivered += arrived;
      const hopeless = due.length > 0 && arrived === 0;
      if (page.nextCursor === null || hopeless || this.stopped || refusal(channel) !== null) break;
      after = page.nextCursor;
    }
    if (sent > 0) log.info({ channel, sent, delivered }, 'dead letters sent again');
  }

  private send(letter: DeadLetter): Promise<Ended> {
    const { id } = letter.event;
    const known = this.underWay.get(id);
    if (known !== undefined) return known;
    const sent = new Promise<Ended>((resolve) => this.parts.send(letter, resolve)).then(async (how) => {
      if (how === 'delivered') await this.forget(id);
      this.underWay.delete(id);
      return how;
    });
    this.underWay.set(id, sent);
    return sent;
  }

  private async forget(id: EventId): Promise<void> {
    try {
      await this.parts.letters.remove(id);
    } catch (error) {
      this.parts.log.warn({ err: error, eventId: id }, 'a dead letter was delivered, and is still listed');
    }
  }
}
