import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { BOOK_DEADLINES, type BookDeadlines } from '../../../src/adapters/redis/book/options.js';
import type { Orphan } from '../../../src/ports/call-book.js';
import { BookRig } from './book-rig.js';
import type { RedisBook } from './redis-book-bench.js';

const rig = new BookRig();
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** As the product has them: what is measured here is what users get. */
const AS_SHIPPED: { readonly deadlines: Partial<BookDeadlines> } = { deadlines: BOOK_DEADLINES };
const CALLS = 100;
const TAKEN_OVER_MS = 5_000;

interface Engine {
  readonly child: ChildProcess;
  /** Call -> number of its last page that was written, as far as the engine was told. */
  readonly written: ReadonlyMap<string, number>;
  readonly lost: ReadonlySet<string>;
}

/** A process with a book and {@link CALLS} calls, to each of which something happens all the time. */
async function startEngine(name: string): Promise<Engine> {
  const file = join(import.meta.dirname, 'book-child.ts');
  const args = ['--import', 'tsx', file, String(rig.server.port), name, String(CALLS)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const written = new Map<string, number>();
  const lost = new Set<string>();
  createInterface(child.stdout).on('line', (line) => {
    const [call = '', n = ''] = line.split(' ');
    if (n === 'lost') lost.add(`call_${call}`);
    else written.set(`call_${call}`, Number(n));
  });
  await expect.poll(() => written.size, { timeout: 20_000, interval: 20 }).toBe(CALLS);
  return { child, written, lost };
}

async function kill({ child }: Engine): Promise<number> {
  const gone = once(child, 'close');
  const at = Date.now();
  child.kill('SIGKILL');
  await gone;
  return at;
}

const orphansOf = (books: readonly RedisBook[]): Orphan[] => books.flatMap(({ orphans }) => orphans);

/** Ms from `since` to the last of `calls` orphans. */
async function takenOver(books: readonly RedisBook[], calls: number, since: number): Promise<number> {
  await expect.poll(() => orphansOf(books).length, { timeout: 15_000, interval: 5 }).toBe(calls);
  return Date.now() - since;
}

/** What was acknowledged is there, at its newest, with what was told; each call once. */
function checkOrphans(orphans: readonly Orphan[], { written }: Engine): void {
  expect(new Set(orphans.map(({ callId }) => callId)).size).toBe(orphans.length);
  for (const { callId, state, unsettled, tenure } of orphans) {
    const { n } = JSON.parse(state ?? '') as { readonly n: number };
    const known = written.get(callId) ?? 0;
    // One page may have been written whose answer died with the engine.
    expect([known, known + 1]).toContain(n);
    expect(tenure).toBe(2);
    const seqs = unsettled.map(({ seq }) => seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    expect(seqs.at(-1)).toBe(n);
    // Only what was settled is missing, and settling is written a little later.
    const missing = Array.from({ length: n }, (_, i) => i + 1).filter((seq) => !seqs.includes(seq));
    expect(missing.filter((seq) => seq % 3 !== 2 || seq > n - 1)).toEqual([]);
    expect(seqs.filter((seq) => seq % 3 === 2 && seq < n - 3)).toEqual([]);
  }
}

describe('an engine that is killed amid its calls', () => {
  it('leaves them to its siblings, each call to one, within five seconds, as they were', async () => {
    await rig.start();
    const siblings = [await rig.open('b', AS_SHIPPED), await rig.open('c', AS_SHIPPED)];
    const took: number[] = [];
    for (const name of ['first', 'second', 'third']) {
      const engine = await startEngine(name);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 1_500));
      const since = await kill(engine);
      took.push(await takenOver(siblings, CALLS * (took.length + 1), since));
      checkOrphans(
        orphansOf(siblings).filter(({ from }) => from === `engine_${name}`),
        engine,
      );
    }
    console.log(`taken over after ${took.join(', ')} ms`);
    for (const ms of took) expect(ms).toBeLessThan(TAKEN_OVER_MS);
    for (const { orphans } of siblings) expect(orphans.length).toBeGreaterThan(CALLS);
  });

  it('and is started again alone, finds its own', async () => {
    await rig.start();
    const engine = await startEngine('before');
    const since = await kill(engine);
    const after = await rig.open('after', AS_SHIPPED);
    const took = await takenOver([after], CALLS, since);
    console.log(`found again after ${took} ms`);
    expect(took).toBeLessThan(TAKEN_OVER_MS);
    checkOrphans(after.orphans, engine);
  });

  it('or only frozen: it is told that its calls are gone, and harms nothing', async () => {
    await rig.start();
    const sibling = await rig.open('b', AS_SHIPPED);
    const engine = await startEngine('frozen');
    engine.child.kill('SIGSTOP');
    await takenOver([sibling], CALLS, Date.now());
    checkOrphans(sibling.orphans, engine);
    const pages = () =>
      rig.server.look((redis) =>
        Promise.all(sibling.orphans.map(({ callId: id }) => redis.hgetall(`switchhook:{${id}}:page`))),
      );
    const before = await pages();
    engine.child.kill('SIGCONT');
    await expect.poll(() => engine.lost.size, { timeout: 10_000 }).toBe(CALLS);
    expect(await pages()).toEqual(before);
    expect(sibling.lost).toEqual([]);
  });
});
