import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WriteQueue, type Waiting } from './write-queue.js';

interface Named extends Waiting {
  readonly name: string;
}

const write = (name: string, terminal = false, bytes = 1): Named => ({ name, terminal, bytes });
const names = (writes: readonly Named[]): string[] => writes.map(({ name }) => name);
const queue = (waitingWrites: number, waitingBytes = 1000) =>
  new WriteQueue<Named>({ waitingWrites, waitingBytes });

describe('the write queue', () => {
  it('hands out what came first, and keeps it until it is done', () => {
    const q = queue(10);
    for (const name of ['a', 'b', 'c']) q.add(write(name));
    expect(q.send(2).map(([n, w]) => [n, w.name])).toEqual([
      [1, 'a'],
      [2, 'b'],
    ]);
    expect(names(q.remove([1]))).toEqual(['a']);
    expect(q.send(2).map(([, w]) => w.name)).toEqual(['b', 'c']);
    expect([q.size, q.oldest, q.newest]).toEqual([2, 2, 3]);
    q.remove([2, 3]);
    expect([q.size, q.oldest, q.newest]).toEqual([0, 4, 3]);
  });

  it('gives up the oldest that tells of no end', () => {
    const q = queue(2);
    q.add(write('verdict', true));
    q.add(write('ringing'));
    expect(names(q.add(write('answered')))).toEqual(['ringing']);
    expect(names(q.add(write('another verdict', true)))).toEqual(['answered']);
  });

  it('gives up the oldest of all when every one tells of an end', () => {
    const q = queue(2);
    for (const name of ['a', 'b']) q.add(write(name, true));
    expect(names(q.add(write('c', true)))).toEqual(['a']);
    expect(names(q.add(write('d')))).toEqual(['d']);
  });

  it('never gives up what was sent', () => {
    const q = queue(2);
    for (const name of ['a', 'b']) q.add(write(name));
    q.send(2);
    expect(names(q.add(write('c', true)))).toEqual(['c']);
    expect(q.send(9).map(([, w]) => w.name)).toEqual(['a', 'b']);
  });

  it('counts bytes too', () => {
    const q = queue(100, 10);
    q.add(write('a', false, 6));
    q.add(write('b', false, 4));
    expect(names(q.add(write('c', false, 7)))).toEqual(['a', 'b']);
    expect(names(q.add(write('d', false, 11)))).toEqual(['c', 'd']);
    expect(q.size).toBe(0);
  });

  it('loses nothing unnamed, keeps the order and the bounds, whatever comes', () => {
    const step = fc.oneof(
      fc.record({
        do: fc.constant('add' as const),
        terminal: fc.boolean(),
        bytes: fc.integer({ min: 1, max: 9 }),
      }),
      fc.record({ do: fc.constant('send' as const), max: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ do: fc.constant('done' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const q = queue(8, 40);
        const gone: string[] = [];
        let sent: readonly (readonly [number, Named])[] = [];
        let added = 0;
        for (const s of steps) {
          if (s.do === 'add') gone.push(...names(q.add(write(String((added += 1)), s.terminal, s.bytes))));
          if (s.do === 'send') sent = q.send(s.max);
          if (s.do === 'done') gone.push(...names(q.remove(sent.map(([n]) => n))));
        }
        const rest = q.send(1000).map(([n]) => n);
        expect(rest).toEqual([...rest].sort((a, b) => a - b));
        expect(rest.length).toBeLessThanOrEqual(8);
        expect([...gone.map(Number), ...rest].sort((a, b) => a - b)).toEqual(
          Array.from({ length: added }, (_, i) => i + 1),
        );
      }),
    );
  });
});
