import type { FastifyBaseLogger } from 'fastify';
import type { TSchema } from 'typebox';
import type { TransferCommand } from '../../domain/command.js';
import type { GivenReply } from '../../domain/reply.js';
import type { BotLinks } from '../../ports/bot-links.js';
import type { Clock, Random } from '../../ports/clock.js';
import type { Control } from '../../ports/control.js';
import type { DeadLetters } from '../../ports/dead-letters.js';
import type { EventFeed } from '../../ports/event-feed.js';
import type { MetricsPage } from '../../ports/metrics.js';
import type { Outbox } from '../../ports/outbox.js';
import type { NewSession, SessionAction, SessionChange, Sessions } from '../../ports/sessions.js';
import type { Store } from '../../ports/store.js';
import type { SimulationRequest } from './simulation-request.js';

/** A body the API takes: its parser throws an `AppError`, its schema is what `/openapi.json` shows. */
export interface BodyFormat<T> {
  readonly parse: (body: unknown) => T;
  readonly schema: TSchema;
  readonly examples?: Readonly<Record<string, unknown>>;
}

export interface HttpApiOptions {
  /** Port 0: any free one; {@link HttpApi.start} says which. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Bearer tokens; none configured = open. */
  readonly tokens: readonly string[];
  readonly control: Control;
  readonly store: Store;
  readonly events: EventFeed;
  /** Where bots that connect on `GET /v1/bot` are attached, and how events get to the others. */
  readonly bots: BotLinks & Outbox;
  readonly letters: DeadLetters;
  readonly metrics: MetricsPage;
  readonly command: BodyFormat<TransferCommand>;
  readonly replies: BodyFormat<readonly GivenReply[]>;
  readonly simulation: BodyFormat<SimulationRequest>;
  readonly sessions: {
    readonly desk: Sessions;
    readonly bodies: {
      readonly create: BodyFormat<NewSession>;
      readonly change: BodyFormat<SessionChange>;
      readonly action: BodyFormat<{ readonly action: SessionAction }>;
      readonly done: BodyFormat<{ readonly note: string | null }>;
    };
  };
  readonly clock: Clock;
  readonly random: Pick<Random, 'uuid'>;
  readonly logger: FastifyBaseLogger;
  readonly version: string;
  readonly limits?: Partial<HttpLimits>;
}

/** Deadlines and bounds of the API, each with its reason. */
export interface HttpLimits {
  /** A command is a few hundred bytes; 32 headers of 1024 bytes still fit. */
  readonly bodyBytes: number;
  /** A request that trickles in holds a socket. */
  readonly requestTimeoutMs: number;
  /** An answer of ours that does not come is a 500, not a hanging client. */
  readonly handlerTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  /** Proxies drop a silent connection, most after 60 s, some after 30 s. */
  readonly heartbeatMs: number;
  /** How long an event stream's client may leave its socket full before it is dropped. */
  readonly slowClientMs: number;
  /** Events read from the store at once for a stream: bounds what one client costs. */
  readonly streamPage: number;
  readonly streams: number;
  /** Bots connected at once. */
  readonly bots: number;
  /** Between two pings to a bot: one that has not answered the last by the next is cut off. */
  readonly botPingMs: number;
  /** How long `close` waits for requests under way. */
  readonly closeMs: number;
}

export const HTTP_LIMITS: HttpLimits = {
  bodyBytes: 65_536,
  requestTimeoutMs: 10_000,
  handlerTimeoutMs: 15_000,
  keepAliveTimeoutMs: 10_000,
  heartbeatMs: 15_000,
  slowClientMs: 10_000,
  streamPage: 100,
  streams: 200,
  bots: 200,
  botPingMs: 5_000,
  closeMs: 2_000,
};

/** What the routes work with: the options with every limit filled in. */
export type Deps = Omit<HttpApiOptions, 'limits'> & { readonly limits: HttpLimits };
