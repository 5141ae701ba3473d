import { Socket } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Heartbeat } from './heartbeat.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const EVERY_MS = 5000;

/** A connection whose server says something when it is told to. */
function connection() {
  const socket = new Socket();
  const sent: string[] = [];
  let says: () => void = () => undefined;
  const wp = {
    send: (_to: Socket, text: string) => `${sent.push(text)}`,
    on: (_event: 'msg', listener: () => void) => void (says = listener),
  };
  const mapServer = new Map([[socket, { pendingNetworkInvites: new Map<string | undefined, unknown>() }]]);
  const heartbeat = new Heartbeat({ _app: { client: { wp, mapServer } } }, EVERY_MS);
  heartbeat.start();
  return { socket, sent, heartbeat, says: () => says() };
}

const beat = (): void => void vi.advanceTimersByTime(EVERY_MS);

it('pings, and is content with whatever is said between two pings', () => {
  const { socket, sent, says, heartbeat } = connection();
  for (let n = 0; n < 5; n += 1) {
    says();
    beat();
  }
  expect(sent).toEqual(Array<string>(6).fill('ping'));
  expect(socket.destroyed).toBe(false);
  heartbeat.stop();
});

it('closes the connection at the second silence in a row, and is over', () => {
  const { socket, sent, says } = connection();
  says();
  beat();
  beat();
  expect(socket.destroyed).toBe(false);
  beat();
  expect(socket.destroyed).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
  expect(sent).toHaveLength(3);
});

it('one silence is forgiven: a process that stood still itself has heard nothing meanwhile', () => {
  const { socket, says, heartbeat } = connection();
  for (let n = 0; n < 3; n += 1) {
    beat();
    says();
    beat();
  }
  expect(socket.destroyed).toBe(false);
  heartbeat.stop();
});

it('leaves no timer when it is stopped', () => {
  const { heartbeat } = connection();
  heartbeat.stop();
  expect(vi.getTimerCount()).toBe(0);
});
