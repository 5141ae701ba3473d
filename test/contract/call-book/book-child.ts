import { createRedisCallBook } from '../../../src/adapters/redis/book/redis-call-book.js';
import { systemClock } from '../../../src/engine/system-clock.js';
import { silentLog } from '../../../src/ports/log.js';
import { FakeMetrics } from '../../support/fake-metrics.js';
import { aPage, named, notes } from './book-bench.js';
import { callId } from '../../../src/domain/ids.js';
import { anEvent } from '../../support/records.js';

/**
 * An engine that does nothing but write pages, for a test that kills it: `book-child.ts PORT NAME CALLS`. Every
 * page of a call tells one event, and every third one settles the event before. Says `<call> <page>` of each page that
 * is written, and `<call> lost`.
 */
const [port = '', name = '', calls = ''] = process.argv.slice(2);
const access = { username: null, password: null, tls: false, db: 0 };
const connection = { ...access, kind: 'single', node: { host: '127.0.0.1', port: Number(port) } } as const;
const metrics = new FakeMetrics();
const book = createRedisCallBook({
  engine: named(name),
  connection,
  metrics,
  clock: systemClock,
  log: silentLog,
});
await book.start(notes().reader);

async function live(call: string): Promise<void> {
  for (let n = 1; ; n += 1) {
    const padding = 'x'.repeat(10_000);
    const result = await book.save(aPage(call, { seqs: [n], state: JSON.stringify({ n, padding }) }));
    process.stdout.write(`${call} ${result === 'lost' ? result : n}\n`);
    if (result === 'lost') return;
    if (n % 3 === 0) book.settled(callId(call), anEvent(n - 1, call).id);
    await new Promise((resume) => setTimeout(resume, 50 + Math.random() * 50));
  }
}

await Promise.all(Array.from({ length: Number(calls) }, (_, i) => live(`${name}-${i}`)));
