import { expect, it } from 'vitest';
import { FakeClock } from '../support/fake-clock.js';
import { addressOfTrunk } from '../../src/adapters/drachtio/trunk-address.js';
import { Ping, type PingState } from '../../src/adapters/drachtio/trunk-ping.js';
import type { SendRequest, TrunkReply, TrunkRequest } from '../../src/adapters/drachtio/trunk-request.js';

const TRUNK = { name: 'carrier', proxy: 'sip:192.0.2.1:5080', auth: null, register: false, pingMs: 30_000 };

function pinging(everyMs = 30_000) {
  const clock = new FakeClock();
  const told: PingState[] = [];
  const sent: { request: TrunkRequest; done: (reply: TrunkReply) => void }[] = [];
  const random = { next: () => 0.5 };
  const ping = new Ping(addressOfTrunk(TRUNK)!, everyMs, {
    clock,
    random,
    changed: (state) => told.push(state),
  });
  const send: SendRequest = (request, done) => void sent.push({ request, done });
  const reply = (status: number, local: boolean) =>
    sent.at(-1)!.done({ status, reason: 'Reason', local, lines: [], contact: '' });
  ping.linkUp(send);
  clock.advance(1000);
  return {
    clock,
    told,
    sent,
    ping,
    send,
    answered: (status = 200) => reply(status, false),
    missed: (status: 408 | 503 = 408) => reply(status, true),
    /** Until the next one has left. */
    next: () => clock.advance(clock.nextIn!),
    reachable: () => told.map((state) => state.reachable),
  };
}

it('is an OPTIONS to the proxy, soon after the link is up', () => {
  const { sent } = pinging();
  expect(sent.map(({ request }) => request)).toEqual([
    {
      method: 'OPTIONS',
      uri: 'sip:192.0.2.1:5080',
      route: 'sip:192.0.2.1:5080',
      headers: { Accept: 'application/sdp' },
      deadlineMs: 5000,
    },
  ]);
});

it.each([200, 405, 404, 401, 483, 503, 408])('an answer of %d means that somebody is there', (status) => {
  const { clock, told, answered } = pinging();
  clock.advance(40);
  answered(status);
  expect(told).toEqual([{ reachable: true, rttMs: 540, missed: null }]);
});

it('the next one leaves a while after the answer, never before it', () => {
  const { clock, sent, answered } = pinging();
  clock.advance(1e6);
  expect(sent).toHaveLength(1);
  answered();
  clock.advance(29_999);
  expect(sent).toHaveLength(1);
  clock.advance(1);
  expect(sent).toHaveLength(2);
});

it('three in a row unanswered: down; one answer: up', () => {
  const { told, answered, missed, next, reachable } = pinging();
  answered();
  next();
  missed();
  next();
  missed(503);
  expect(reachable()).toEqual([true, true, true]);
  next();
  missed();
  expect(told.at(-1)).toMatchObject({ reachable: false, missed: 'no answer to OPTIONS' });
  next();
  missed();
  next();
  answered();
  expect(told.at(-1)).toMatchObject({ reachable: true, missed: null });
});

it('misses that are not in a row do not add up', () => {
  const { answered, missed, next, reachable } = pinging();
  for (let i = 0; i < 4; i++) {
    missed();
    next();
    missed();
    next();
    answered();
    next();
  }
  expect(reachable()).not.toContain(false);
});

it('a trunk never heard of is not known to be down before the third', () => {
  const { missed, next, reachable } = pinging();
  missed();
  next();
  missed();
  expect(reachable()).toEqual([null]);
  next();
  missed(503);
  expect(reachable()).toEqual([null, false]);
});

it('the round trip alone is no news', () => {
  const { clock, told, answered, next } = pinging();
  for (let i = 0; i < 5; i++) {
    clock.advance(i * 10);
    answered();
    next();
  }
  expect(told).toHaveLength(1);
});

it('a short interval also shortens the wait for the answer', () => {
  expect(pinging(1000).sent[0]?.request.deadlineMs).toBe(1000);
});

it('nothing is known without a link, and late answers are nobody’s', () => {
  const { clock, told, sent, ping, send, answered } = pinging();
  answered();
  ping.linkDown();
  expect(told.at(-1)).toEqual({ reachable: null, rttMs: null, missed: null });
  ping.linkUp(send);
  clock.advance(1000);
  ping.linkDown();
  sent.at(-1)!.done({ status: 200, reason: '', local: false, lines: [], contact: '' });
  expect([told.length, clock.pending]).toEqual([2, 0]);
});
