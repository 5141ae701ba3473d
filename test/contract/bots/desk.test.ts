import fc from 'fast-check';
import { expect, it } from 'vitest';
import { anEvent } from '../../support/records.js';
import { callId, eventId, type CallId, type EventId } from '../../../src/domain/ids.js';
import type { BotLink } from '../../../src/ports/bot-links.js';
import { Desk } from '../../../src/adapters/bots/desk.js';
import { DELIVERY_LIMITS } from '../../../src/adapters/bots/options.js';
import type { QueuedEvent } from '../../../src/adapters/bots/queued-event.js';
import { FakeClock } from '../../support/fake-clock.js';

const CALLS = 3;
const TOTAL_MS = 1_000;

/** A desk in a world of its own: a clock, bots that write down what they get, and what became of each event. */
class World {
  readonly outcome = new Map<EventId, string>();
  /** Events as they came, by bot and call; `null` begins anew: the bot was given the call (again). */
  readonly heard = new Map<BotLink, Map<CallId, number[]>>();
  readonly links: BotLink[] = [];
  private readonly connected = new Set<BotLink>();
  readonly over = new Set<CallId>();
  readonly published = new Map<CallId, number>();
  readonly clock = new FakeClock();
  readonly desk: Desk;

  constructor(webhook: boolean) {
    const end = (what: string) => (event: QueuedEvent) => {
      expect(this.outcome.get(event.id), event.id).toBe('open');
      this.outcome.set(event.id, what);
    };
    const redirect = (events: readonly QueuedEvent[]): boolean => {
      expect(events.length).toBeGreaterThan(0);
      if (webhook) events.forEach(end('redirected'));
      return webhook;
    };
    this.desk = new Desk({
      limits: { ...DELIVERY_LIMITS, unacknowledgedMs: TOTAL_MS, perCall: 5, backlogBytes: 1_500 },
      now: () => this.clock.now(),
      after: (ms, fire) => this.clock.after(ms, fire),
      isOver: (call) => this.over.has(call),
      delivered: end('delivered'),
      lost: end('lost'),
      redirect,
    });
  }

  publish(n: number): void {
    const call = callId(String(n % CALLS));
    if (this.over.has(call)) return;
    const seq = (this.published.get(call) ?? 0) + 1;
    this.published.set(call, seq);
    if (seq === 12) this.over.add(call);
    const id = eventId(`${call}-${seq}`);
    this.outcome.set(id, 'open');
    const type = seq === 12 ? 'call.ended' : seq % 4 === 0 ? 'transfer.failed' : 'call.input';
    const body = Buffer.from(JSON.stringify({ callId: call, seq }));
    const addressed = {
      id,
      type,
      callId: call,
      channel: 'line',
      transferId: null,
      question: null,
      headers: {},
      secret: null,
      body,
    } as const;
    const untried = { attempts: 0, since: 0, firstAt: 0, lastAt: 0, lastAnswer: null };
    const event = anEvent(seq, call);
    this.desk.offer({
      ...{ ...addressed, ...untried, event },
      ...{ ticket: 0, patienceMs: 0, earlier: null, ended: () => undefined },
    });
  }

  /** @param reads 0: the bot reads nothing, what it is sent piles up */
  attach(reads: number): void {
    const heard = new Map<CallId, number[]>();
    let backlog = 0;
    const link: BotLink = {
      send: (text) => {
        const { callId: call, seq } = JSON.parse(text) as { callId: CallId; seq: number };
        heard.set(call, [...(heard.get(call) ?? []), seq]);
        if (reads === 0) backlog += 200;
      },
      backlog: () => backlog,
      close: () => void this.connected.delete(link),
    };
    this.connected.add(link);
    this.heard.set(link, heard);
    this.links.push(link);
    this.desk.attach(link);
  }

  detach(n: number): void {
    const link = this.links[n % this.links.length];
    if (link === undefined) return;
    this.connected.delete(link);
    this.desk.detach(link);
  }

  acknowledge(n: number): void {
    const ids = [...this.outcome.keys()];
    const id = ids[n % ids.length];
    if (id !== undefined) this.desk.acknowledge(id);
  }

  wait(ms: number): void {
    this.clock.advance(ms);
  }

  /** Who is connected is known, however often a bot is said to be gone. */
  check(): void {
    expect(this.desk.staffed).toBe(this.connected.size > 0);
  }

  private count(what: string): number {
    return [...this.outcome.values()].filter((outcome) => outcome === what).length;
  }

  /** However it went: everything has ended, once, and nothing is left behind. */
  settle(): void {
    this.wait(TOTAL_MS);
    expect(this.count('open')).toBe(0);
    expect(this.clock.pending).toBe(0);
    for (const heard of this.heard.values()) {
      for (const seqs of heard.values()) expectRunsInOrder(seqs);
    }
  }
}

/** A bot hears a call in order, gaps for what it had acknowledged or had to be given up; it may be told all of it anew. */
function expectRunsInOrder(seqs: readonly number[]): void {
  const first = new Map<number, number>();
  seqs.forEach((seq, at) => first.has(seq) || first.set(seq, at));
  const firsts = [...first].sort(([a], [b]) => a - b).map(([, at]) => at);
  expect(firsts).toEqual([...firsts].sort((a, b) => a - b));
}

const deeds = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constant('publish'), fc.nat({ max: 99 })) },
    { weight: 3, arbitrary: fc.tuple(fc.constant('acknowledge'), fc.nat({ max: 99 })) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('attach'), fc.nat({ max: 1 })) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('detach'), fc.nat({ max: 99 })) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('wait'), fc.nat({ max: 700 })) },
  ),
  { maxLength: 120 },
);

it.each([true, false])('whatever happens, every event ends once and in order (webhook: %j)', (webhook) => {
  fc.assert(
    fc.property(deeds, (all) => {
      const world = new World(webhook);
      for (const [what, n] of all) {
        world[what](n);
        world.check();
      }
      world.settle();
    }),
    { numRuns: 2_000 },
  );
});
