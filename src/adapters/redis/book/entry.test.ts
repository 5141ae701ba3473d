import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callId, type EventId } from '../../../domain/ids.js';
import type { PublishedEvent } from '../../../ports/bot-runtime.js';
import { Entry, type Job } from './entry.js';

const call = callId('1');
const event = (seq: number): PublishedEvent =>
  ({ id: `evt_${seq}` as EventId, seq, callId: call }) as Partial<PublishedEvent> as PublishedEvent;

/** What the script `WRITE` does, where nobody else has the call. */
class Written {
  private there = false;
  private state: string | null = null;
  private readonly events = new Set<EventId>();

  write({ whole, state, events, settled }: Job): 'missing' | 'over' | 'written' {
    if (whole) this.events.clear();
    else if (!this.there) return 'missing';
    this.there = true;
    if (state !== undefined) this.state = state;
    for (const [id] of events) this.events.add(id);
    for (const id of settled) this.events.delete(id);
    if (this.state !== null || this.events.size > 0) return 'written';
    this.wipe();
    return 'over';
  }

  wipe(): void {
    this.there = false;
    this.state = null;
    this.events.clear();
  }

  get all() {
    return { there: this.there, state: this.state, events: [...this.events].sort() };
  }
}

/** A call and a Redis that is away, forgets and does not answer, as the calendar of a test wants it. */
class Run {
  readonly entry = new Entry(call, 1);
  readonly redis = new Written();
  readonly unsettled = new Set<EventId>();
  state: string | null = null;
  private told = 0;
  private saved = 0;
  answered = 0;
  private job: Job | null = null;

  save(events: number): void {
    const news = Array.from({ length: events }, () => event((this.told += 1)));
    for (const { id } of news) this.unsettled.add(id);
    this.state = `state ${(this.saved += 1)}`;
    const waiter = { done: () => void (this.answered += 1), failed: () => void (this.answered += 1) };
    this.entry.take({ callId: call, tenure: 1, state: this.state, events: news }, waiter);
  }

  settle(seq: number): void {
    this.entry.settle(event(seq).id);
    this.unsettled.delete(event(seq).id);
  }

  send(): void {
    this.job ??= this.entry.job();
  }

  /** The write under way ends. */
  end(how: 'answered' | 'unanswered' | 'unsent'): void {
    const { job } = this;
    this.job = null;
    if (job === null) return;
    const answer = how === 'unsent' ? 'missing' : this.redis.write(job);
    if (how === 'answered' && answer !== 'missing') return this.entry.finish(job);
    this.entry.restore(job);
    if (how === 'answered') this.entry.startOver();
  }

  finish(): void {
    for (let n = 0; n < 4; n += 1) {
      this.send();
      this.end('answered');
    }
  }

  get everySaveAnswered(): boolean {
    return this.answered === this.saved;
  }
}

const step = fc.oneof(
  fc.record({ do: fc.constant('save' as const), events: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ do: fc.constant('settle' as const), seq: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ do: fc.constant('send' as const) }),
  fc.record({
    do: fc.constant('end' as const),
    how: fc.constantFrom('answered' as const, 'unanswered' as const, 'unsent' as const),
  }),
  fc.record({ do: fc.constant('wiped' as const) }),
);

describe('a call on its way to Redis', () => {
  it('is there as it is, whatever went wrong on the way', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const run = new Run();
        for (const s of steps) {
          if (s.do === 'save') run.save(s.events);
          if (s.do === 'settle') run.settle(s.seq);
          if (s.do === 'send') run.send();
          if (s.do === 'end') run.end(s.how);
          if (s.do === 'wiped') {
            run.redis.wipe();
            run.entry.startOver();
          }
        }
        run.save(1);
        run.finish();
        expect(run.redis.all).toEqual({ there: true, state: run.state, events: [...run.unsettled].sort() });
        expect(run.everySaveAnswered).toBe(true);
        expect([run.entry.waiting, run.entry.waitingEvents, run.entry.dirty]).toEqual([0, 0, false]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is over when its last event is settled', () => {
    const run = new Run();
    run.save(2);
    run.finish();
    run.entry.take(
      { callId: call, tenure: 1, state: null, events: [event(3)] },
      { done: () => undefined, failed: () => undefined },
    );
    for (const seq of [1, 2]) run.settle(seq);
    run.finish();
    expect([run.entry.isOver, run.redis.all.events]).toEqual([false, ['evt_3']]);
    run.settle(3);
    expect(run.entry.isOver).toBe(false);
    run.finish();
    expect([run.entry.isOver, run.redis.all.there]).toEqual([true, false]);
  });

  it('forgets what is given up, and is whole with its next page', () => {
    const run = new Run();
    run.save(1);
    run.finish();
    run.save(2);
    expect([run.entry.waiting > 0, run.entry.waitingEvents]).toEqual([true, 2]);
    run.entry.giveUp(new Error('no room'));
    expect([run.entry.waiting, run.entry.waitingEvents, run.entry.dirty]).toEqual([0, 0, false]);
    run.save(1);
    run.finish();
    expect(run.redis.all).toEqual({ there: true, state: run.state, events: ['evt_1', 'evt_4'] });
  });
});
