import { createCdrFile } from '../adapters/cdr-file/cdr-file.js';
import { createCdrStream, type CdrStreamOptions } from '../adapters/redis/cdr/cdr-stream.js';
import type { Config } from '../config/schema.js';
import type { CdrSink } from '../ports/cdr.js';
import type { Shutdown } from './shutdown.js';
import { connectionOf } from './start-store.js';

export type CdrParts = Pick<CdrStreamOptions, 'clock' | 'log' | 'metrics'>;

/**
 * Where call detail records go: the configured file, and beside a store in Redis a stream. Closed by `shutdown`.
 *
 * @throws UsageError when Redis does not come or does not let us in
 */
export async function startCdr(
  { cdr, store }: Pick<Config, 'cdr' | 'store'>,
  parts: CdrParts,
  shutdown: Shutdown,
): Promise<CdrSink> {
  const sinks: CdrSink[] = [];
  if (cdr.file !== undefined) {
    const file = createCdrFile({ ...parts, path: cdr.file });
    void file.check();
    sinks.push(file);
  }
  if (store !== 'memory' && cdr.keep > 0) {
    const stream = createCdrStream({ ...parts, connection: connectionOf(store), keep: cdr.keep });
    await stream.start();
    sinks.push(stream);
  }
  const all: CdrSink = {
    write: (record) => sinks.forEach((sink) => sink.write(record)),
    close: async () => {
      await Promise.all(sinks.map((sink) => sink.close()));
    },
  };
  shutdown.add(() => all.close());
  return all;
}
