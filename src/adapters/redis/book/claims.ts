import { createHash } from 'node:crypto';
import type { CallId } from '../../../domain/ids.js';
import type { PublishedEvent } from '../../../ports/bot-runtime.js';
import type { EngineId, Orphan } from '../../../ports/call-book.js';
import type { Clock } from '../../../ports/clock.js';
import type { Log } from '../../../ports/log.js';
import { messageOf } from '../failures.js';
import { within } from '../within.js';
import { callsKey, ENGINES_KEY, leaseKey, pageKey, unsettledKey, type LeaseWord } from './keys.js';
import type { Lease } from './lease.js';
import type { BookDeadlines, BookLimits } from './options.js';
import type { BookLink } from './page-writer.js';
import { CLAIM, DROP } from './scripts.js';

export interface ClaimsParts {
  readonly engine: EngineId;
  readonly link: BookLink;
  readonly clock: Clock;
  readonly log: Log;
  readonly lease: Pick<Lease, 'othersHadTime'>;
  readonly has: (call: CallId) => boolean;
  readonly taken: (orphan: Orphan) => void;
}

type Engines = ReadonlyMap<EngineId, LeaseWord | null>;

/**
 * Looks for engines without a lease and takes their calls. Every living engine has a share of them, which is known
 * without asking, so that they do not all run for the same; what one leaves is the others' a little later. The script
 * `CLAIM` sees to it that a call goes to one only.
 */
export class Claims {
  private stopped = false;
  private declining = false;
  private cancelNext: () => void = () => undefined;
  private recall = false;
  /** Claims nobody heard the answer of, and from whom: those calls may be ours. */
  private readonly doubtful = new Map<CallId, EngineId>();
  /** When an engine was first seen without a lease. */
  private readonly goneSince = new Map<EngineId, number>();

  constructor(
    private readonly parts: ClaimsParts,
    private readonly deadlines: BookDeadlines,
    private readonly limits: BookLimits,
  ) {}

  begin(): void {
    this.lookLater();
  }

  decline(): void {
    this.declining = true;
  }

  stop(): void {
    this.stopped = true;
    this.cancelNext();
  }

  /** Redis may remember calls of ours that are over: it was away, and is back as it was some time ago. */
  shaken(): void {
    this.recall = true;
  }

  /** Every engine Redis knows of, with what its lease says; `null`: it has none. */
  async engines(): Promise<Engines> {
    const { commands } = this.parts.link;
    // We wrote them, so they are ids and words.
    const ids = (await commands.smembers(ENGINES_KEY)) as EngineId[];
    const words = await Promise.all(ids.map((id) => commands.get(leaseKey(id)) as Promise<LeaseWord | null>));
    return new Map(ids.map((id, i) => [id, words[i] ?? null]));
  }

  private lookLater(): void {
    this.cancelNext = this.parts.clock.after(this.deadlines.lookMs, () => {
      this.look()
        .catch((error: unknown) =>
          this.parts.log.debug({ problem: messageOf(error) }, 'orphans were not looked for'),
        )
        .finally(() => this.stopped || this.lookLater());
    });
  }

  private async look(): Promise<void> {
    const { clock, link, lease } = this.parts;
    if (this.declining || !lease.othersHadTime() || !link.isReady) {
      this.goneSince.clear();
      return;
    }
    if (this.recall) await this.dropForgotten();
    const asked = clock.now();
    const engines = await this.inTime(this.engines());
    const timely = clock.now() - asked <= this.deadlines.timelyMs;
    // The answer to our own renewal was on its way before these: it would have said that all leases ran out.
    if (!timely || !lease.othersHadTime()) {
      this.goneSince.clear();
      return;
    }
    await this.settleDoubts();
    for (const [id, word] of engines) {
      if (word !== null || id === this.parts.engine) this.goneSince.delete(id);
      else await this.takeFrom(id, engines);
    }
  }

  /** A call that is ours, and not known to be, is nobody's: meanwhile others have crossed it off the dead one's list. */
  private async settleDoubts(): Promise<void> {
    const byEngine = new Map<EngineId, CallId[]>();
    for (const [call, from] of this.doubtful) byEngine.set(from, [...(byEngine.get(from) ?? []), call]);
    for (const [from, calls] of byEngine) await this.takeAll(from, calls);
  }

  /** Whoever finds them after our end would end what has ended. */
  private async dropForgotten(): Promise<void> {
    const { link, engine, has } = this.parts;
    this.recall = false;
    const listed = (await this.inTime(link.commands.smembers(callsKey(engine)))) as CallId[];
    const over = listed.filter((call) => !has(call) && !this.doubtful.has(call));
    if (over.length === 0) return;
    const dropped = over.map((call) =>
      DROP.run(link.commands, [pageKey(call), unsettledKey(call)], [engine]),
    );
    await this.inTime(Promise.all(dropped));
    await this.inTime(link.commands.srem(callsKey(engine), over));
  }

  private async takeFrom(dead: EngineId, engines: Engines): Promise<void> {
    const { link, clock, engine } = this.parts;
    const since = this.goneSince.get(dead) ?? clock.now();
    this.goneSince.set(dead, since);
    const calls = (await this.inTime(link.commands.smembers(callsKey(dead)))) as CallId[];
    if (calls.length === 0) {
      await this.inTime(link.commands.srem(ENGINES_KEY, dead));
      return;
    }
    const heirs = [...engines].filter(([, word]) => word === 'takes').map(([id]) => id);
    const all = clock.now() - since >= this.deadlines.shareMs;
    const share = all ? calls : calls.filter((call) => heirOf(call, heirs) === engine);
    await this.takeAll(dead, share);
  }

  private async takeAll(dead: EngineId, calls: readonly CallId[]): Promise<void> {
    let taken = 0;
    for (let at = 0; at < calls.length && this.mayTake(); at += this.limits.claimsAtOnce)
      taken += await this.take(dead, calls.slice(at, at + this.limits.claimsAtOnce));
    if (taken > 0)
      this.parts.log.warn({ engine: dead, calls: taken }, 'calls of an engine that is gone were taken over');
  }

  private mayTake(): boolean {
    return !this.stopped && !this.declining && this.parts.lease.othersHadTime();
  }

  /** Returns how many it got. */
  private async take(dead: EngineId, calls: readonly CallId[]): Promise<number> {
    const { link, engine, has, taken } = this.parts;
    const wanted = calls.filter((call) => !has(call));
    // Listed under us first, no longer under the dead one last: whenever we die, somebody finds them.
    if (wanted.length > 0) await this.inTime(link.commands.sadd(callsKey(engine), wanted));
    const answers = await Promise.allSettled(wanted.map((call) => this.claim(dead, call)));
    const orphans = answers.flatMap((answer) =>
      answer.status === 'fulfilled' && answer.value !== null ? [answer.value] : [],
    );
    if (this.stopped) return 0;
    for (const orphan of orphans) taken(orphan);
    const failed = answers.find((answer) => answer.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    const others = wanted.filter((call) => !has(call));
    if (others.length > 0) await this.inTime(link.commands.srem(callsKey(engine), others));
    await this.inTime(link.commands.srem(callsKey(dead), [...calls]));
    return orphans.length;
  }

  private async claim(from: EngineId, callId: CallId): Promise<Orphan | null> {
    const { link, engine } = this.parts;
    const keys = [pageKey(callId), unsettledKey(callId)];
    this.doubtful.set(callId, from);
    const answer = await this.inTime(CLAIM.run(link.commands, keys, [from, engine]));
    this.doubtful.delete(callId);
    if (!Array.isArray(answer)) return null;
    // We wrote them: see the script.
    const [tenure, state, ...events] = answer as [number, string | null, ...string[]];
    const unsettled = events.map((json) => JSON.parse(json) as PublishedEvent);
    return { callId, tenure, from, state, unsettled: unsettled.sort((a, b) => a.seq - b.seq) };
  }

  private inTime<T>(answer: Promise<T>): Promise<T> {
    return within(this.parts.clock, this.deadlines.writeMs, answer);
  }
}

/** The same for whoever asks, and another for about every call (rendezvous hashing). */
function heirOf(call: CallId, heirs: readonly EngineId[]): EngineId | undefined {
  const weight = (heir: EngineId): string => createHash('sha1').update(`${call} ${heir}`).digest('hex');
  return heirs.map((heir) => [weight(heir), heir] as const).sort(([a], [b]) => (a < b ? -1 : 1))[0]?.[1];
}
