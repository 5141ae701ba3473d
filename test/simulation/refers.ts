import type { TransferPlan } from '../../src/domain/plan.js';
import type { Party } from './party.js';
import type { Story } from './story.js';
import { must } from './violation.js';

/** A REFER a party has sent us. */
interface Asked {
  readonly party: Party;
  /** `null`: one that policy forbids. */
  readonly plan: TransferPlan | null;
  state: 'asked' | 'refused' | 'accepted' | 'over';
}

/** What we owe those who ask by REFER: one answer, and after a 2xx one final NOTIFY that tells the truth (RFC 3515 2.4). */
export class Refers {
  private readonly all: Asked[] = [];

  /** The number the new REFER goes by. */
  ask(party: Party, plan: TransferPlan | null): number {
    return this.all.push({ party, plan, state: 'asked' });
  }

  accept(party: Party, id: number): void {
    const it = this.of(party, id);
    must(it.state === 'asked', 'a REFER is answered once');
    must(it.plan !== null, 'a forbidden REFER is not accepted');
    it.state = 'accepted';
  }

  refuse(party: Party, id: number, code: number): void {
    const it = this.of(party, id);
    must(it.state === 'asked', 'a REFER is answered once');
    must(code >= 400 && code < 700, 'a refusal is a failure');
    it.state = 'refused';
  }

  notify(party: Party, id: number, code: number, final: boolean, story: Story): void {
    const it = this.of(party, id);
    must(it.state === 'accepted', 'NOTIFYs come after the 202, and none after the final one');
    must(final === code >= 200, 'the final NOTIFY brings a final status, and no other does');
    if (!final || it.plan === null) return;
    const { id: plan } = it.plan;
    const reached = story.completed.has(plan) || story.open.some((o) => o.plan.id === plan && o.bridged);
    must(reached === code < 300, 'the final NOTIFY tells the truth');
    it.state = 'over';
  }

  /** It was promised a final NOTIFY and has none yet. */
  owes(party: Party): boolean {
    return this.all.some((it) => it.party === party && it.state === 'accepted');
  }

  /** At the end of every step. */
  check(story: Story): void {
    for (const { party, plan, state } of this.all) {
      if (!party.answered || party.gone || party.dead || party.asked !== 'nothing') continue;
      must(state !== 'asked', 'a REFER is answered at once');
      if (state !== 'accepted' || plan === null) continue;
      const open = story.open.find((o) => o.plan.id === plan.id);
      must(open !== undefined && !open.bridged, 'whoever asked by REFER is told how it ended');
    }
  }

  private of(party: Party, id: number): Asked {
    const it = this.all[id - 1];
    must(it !== undefined && it.party === party, 'a REFER is answered in its own dialog');
    return it;
  }
}
