import { begin, beginWith } from './begin.js';
import type { Home, Referrer } from './call.js';
import type { Fact } from './fact.js';
import type { Turn } from './turn.js';

type Asking = Extract<Fact, { type: 'referred' | 'brought' | 'commanded' }>;

/** A party of the conversation wants the other one handed on: by REFER, or with its BYE. */
export function takeRefer(turn: Turn, fact: Asking, home: Home): void {
  const referrer: Referrer | null =
    fact.type === 'commanded' ? null : { leg: fact.from, referId: fact.referId };
  const asked = { home, seat: fact.from === 'caller' ? 'caller' : 'target', referrer } as const;
  if (fact.type === 'brought') beginWith(turn, fact.plan, asked, fact.leg, fact.ringing);
  else begin(turn, fact.plan, asked);
}
