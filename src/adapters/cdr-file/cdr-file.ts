import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CallDetailRecord, CdrSink } from '../../ports/cdr.js';
import type { Clock } from '../../ports/clock.js';
import type { Log } from '../../ports/log.js';
import type { Metrics } from '../../ports/metrics.js';

export interface CdrFileOptions {
  readonly path: string;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'cdrLost'>;
  readonly clock: Pick<Clock, 'after'>;
  /** Records that may wait for the disk. */
  readonly waiting?: number;
  /** What waits is written within this when the engine stops. */
  readonly closeMs?: number;
}

/** A disk that hangs costs this many records of a kilobyte or two, and no more. */
const WAITING = 10_000;
const CLOSE_MS = 3_000;

/**
 * Call detail records in a file, one JSON object a line. The file is opened anew for every write: whoever rotates it
 * renames it, and nothing is lost or has to be told.
 */
export function createCdrFile(options: CdrFileOptions): CdrSink & {
  /** Says in the log, before any call has to, that the file cannot be written. */
  check(): Promise<void>;
} {
  return new CdrFile(options);
}

class CdrFile implements CdrSink {
  private readonly queue: CallDetailRecord[] = [];
  private writing: Promise<void> | null = null;
  /** The last write may have left half a line. */
  private torn = false;

  constructor(private readonly options: CdrFileOptions) {}

  async check(): Promise<void> {
    const { log, path } = this.options;
    // What is wrong with the disk may pass, and calls are served without their records.
    await this.append('').catch((error: unknown) => {
      log.error({ path, why: wordsOf(error) }, 'call detail records cannot be written');
    });
  }

  write(record: CallDetailRecord): void {
    if (this.queue.length >= (this.options.waiting ?? WAITING)) return this.lost([record], 'too many wait');
    this.queue.push(record);
    this.writing ??= this.run().finally(() => (this.writing = null));
  }

  async close(): Promise<void> {
    const { clock, closeMs = CLOSE_MS } = this.options;
    if (this.writing === null) return;
    let takeBack = (): void => undefined;
    const deadline = new Promise<void>((resolve) => (takeBack = clock.after(closeMs, resolve)));
    await Promise.race([this.writing, deadline]);
    takeBack();
    this.lost(this.queue.splice(0), 'the engine stopped while the disk was busy');
  }

  /** Everything that came while the disk was busy goes with one write. */
  private async run(): Promise<void> {
    while (this.queue.length > 0) {
      const records = this.queue.splice(0);
      try {
        await this.append(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
      } catch (error) {
        this.torn = true;
        this.lost(records, wordsOf(error));
      }
    }
  }

  private async append(text: string): Promise<void> {
    const { path } = this.options;
    await mkdir(dirname(path), { recursive: true });
    await appendFile(path, this.torn ? `\n${text}` : text, { mode: 0o640 });
    this.torn = false;
  }

  private lost(records: readonly CallDetailRecord[], why: string): void {
    const { log, metrics, path } = this.options;
    for (const { callId } of records) {
      metrics.cdrLost('file');
      log.error({ callId, path, why }, 'a call detail record was not written');
    }
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
