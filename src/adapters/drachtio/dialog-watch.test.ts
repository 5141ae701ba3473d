import type Srf from 'drachtio-srf';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DialogWatch } from './dialog-watch.js';

type Callback = (error: Error | null) => void;

/** A server that is asked about dialogs, and has forgotten some of them. */
class AskedServer {
  readonly asked: string[] = [];
  readonly forgotten = new Set<string>();
  readonly watch: DialogWatch;

  constructor() {
    const request = (_uri: string, { stackDialogId }: { stackDialogId: string }, told: Callback): void => {
      this.asked.push(stackDialogId);
      const words = this.forgotten.has(stackDialogId)
        ? { message: 'unable to find dialog', code: 'ENODIALOG' }
        : { message: 'missing content-type', code: 'EDRACHTIO' };
      told(Object.assign(new Error(words.message), { code: words.code }));
    };
    // All of srf that is used.
    this.watch = new DialogWatch({ request } as unknown as Srf);
  }

  timesAsked(id: string): number {
    return this.asked.filter((other) => other === id).length;
  }
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = (): void => expect.unreachable('the dialog is there');

it('asks about each dialog once a second', () => {
  const server = new AskedServer();
  for (const id of ['a', 'b', 'c']) server.watch.add(id, never);
  vi.advanceTimersByTime(10_100);
  for (const id of ['a', 'b', 'c']) expect(server.timesAsked(id)).toBeGreaterThanOrEqual(9);
  expect(server.asked.length).toBeLessThanOrEqual(31);
});

it('tells once that a dialog is gone, and asks about it no more', () => {
  const server = new AskedServer();
  const gone: string[] = [];
  server.watch.add('a', never);
  server.watch.add('b', () => gone.push('b'));
  server.forgotten.add('b');
  vi.advanceTimersByTime(5000);
  expect(gone).toEqual(['b']);
  expect(server.timesAsked('b')).toBe(1);
  expect(server.timesAsked('a')).toBeGreaterThanOrEqual(4);
});

it('keeps the server from being asked all the time: a hundred a second, each dialog in its turn', () => {
  const server = new AskedServer();
  for (let i = 0; i < 500; i++) server.watch.add(`dialog ${i}`, never);
  vi.advanceTimersByTime(7000);
  // The first question had one dialog to wait for.
  expect(server.asked.length).toBeGreaterThan(500);
  expect(server.asked.length).toBeLessThanOrEqual(700);
  expect(new Set(server.asked).size).toBe(500);
});

it('rests when there is nothing to ask, and begins again', () => {
  const server = new AskedServer();
  server.watch.add('a', never);
  server.watch.remove('a');
  vi.advanceTimersByTime(3000);
  expect(vi.getTimerCount()).toBe(0);
  server.watch.add('b', never);
  vi.advanceTimersByTime(1000);
  server.watch.stop();
  expect(server.asked).toEqual(['b']);
  expect(vi.getTimerCount()).toBe(0);
});
