import type { Settings } from '../domain/settings.js';
import type { BotRuntime } from '../ports/bot-runtime.js';
import type { CallBook } from '../ports/call-book.js';
import type { CdrSink } from '../ports/cdr.js';
import type { Clock, Random } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { Metrics } from '../ports/metrics.js';
import type { Signalling } from '../ports/signalling.js';
import type { TrunkWatch } from '../ports/trunk-watch.js';
import type { Media } from '../ports/media.js';
import type { Places } from '../ports/places.js';
import type { RecordingFiles } from '../ports/recording-files.js';
import type { Siblings } from '../ports/siblings.js';
import type { Sounds } from '../ports/sounds.js';
import type { Store } from '../ports/store.js';
import type { Tracing } from '../ports/tracing.js';
import type { SessionSettings } from './sessions/session-settings.js';

/** What an engine is made of; no part knows another, and two engines can live in one process (R13). */
export interface EngineParts {
  readonly settings: Settings;
  /** Calls at a time; one more is answered 503. */
  readonly maxCalls: number;
  /** When the engine stops: whether what outlives the drain time may be left to another engine. */
  readonly handOver: boolean;
  readonly signalling: Signalling;
  readonly trunkWatch: TrunkWatch;
  /** `null`: no media server; then no channel is anchored. */
  readonly media: Media | null;
  readonly sounds: Sounds | null;
  readonly recordings: RecordingFiles;
  readonly bots: BotRuntime;
  readonly store: Store;
  readonly book: CallBook;
  /** Engines on the same store. */
  readonly siblings: Siblings;
  readonly places: Places;
  /** Absent: nobody keeps call detail records. */
  readonly cdr?: CdrSink;
  /** Absent: as `SESSION_SETTINGS`. */
  readonly sessions?: SessionSettings;
  readonly metrics: Metrics;
  /** Absent: nobody traces. */
  readonly tracing?: Tracing;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}
