import type { CallId, EventId, TransferId } from '../../domain/ids.js';
import type { EventSink } from '../../domain/settings.js';
import type { PublishedEvent } from '../../ports/bot-runtime.js';
import type { DeadLetter, LastAnswer } from '../../ports/dead-letters.js';

/** How an event ends: its bot has it, or it is with the dead letters. */
export type Ended = 'delivered' | 'dead';

/** An event on its way to a bot: its bytes, and how often it was tried. */
export interface QueuedEvent {
  readonly id: EventId;
  readonly type: PublishedEvent['type'];
  readonly callId: CallId;
  /** `null`: of the call itself. */
  readonly transferId: TransferId | null;
  readonly channel: string;
  readonly event: PublishedEvent;
  /** The call's number for what it waits for; `null`: it waits for nothing. */
  readonly question: number | null;
  /** Sent along by HTTP, beside those of the signature. */
  readonly headers: Readonly<Record<string, string>>;
  readonly secret: EventSink['secret'];
  readonly body: Buffer;
  /** Which drains wait for it ({@link Outstanding}). */
  readonly ticket: number;
  /** How long it may wait from {@link since} on while its endpoint is down. */
  readonly patienceMs: number;
  /** What it was before it was sent again; `null`: it is alive for the first time. */
  readonly earlier: DeadLetter | null;
  /** Told once, unless the engine stops before. */
  readonly ended: (how: Ended) => void;
  attempts: number;
  /** When it came to where it waits, ms since the epoch. */
  since: number;
  /** When it was first tried; 0 before. */
  firstAt: number;
  /** When it was last tried; 0 before. */
  lastAt: number;
  /** To the last request; `null`: none was made. */
  lastAnswer: LastAnswer | null;
}

/** What a log line about it says. */
export const named = ({ id, type, callId, transferId, channel }: QueuedEvent) => ({
  ...{ eventId: id, type, callId },
  ...(transferId !== null && { transferId }),
  channel,
});

/** The event as a dead letter. */
export function letterOf(queued: QueuedEvent, why: DeadLetter['why'], nowMs: number): DeadLetter {
  const { event, body, attempts, firstAt, lastAt, lastAnswer, earlier } = queued;
  return {
    event,
    body: body.toString('utf8'),
    why,
    attempts: attempts + (earlier?.attempts ?? 0),
    lastAnswer: lastAt === 0 ? (earlier?.lastAnswer ?? null) : lastAnswer,
    firstTriedAt: earlier?.firstTriedAt ?? timeOf(firstAt),
    lastTriedAt: timeOf(lastAt) ?? earlier?.lastTriedAt ?? null,
    diedAt: new Date(nowMs).toISOString(),
  };
}

const timeOf = (ms: number): string | null => (ms === 0 ? null : new Date(ms).toISOString());
