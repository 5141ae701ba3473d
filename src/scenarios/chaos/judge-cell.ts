import { checkNumbers } from '../expectations.js';
import type { EventBody } from '../event-receiver.js';
import { ScenarioFailure } from '../failure.js';
import { mismatch } from '../match.js';
import type { Cell } from './grid-schema.js';
import { isVerdict, typeOf } from './play-cell.js';

/** Events there is exactly one of in every cell, whatever the far end does. */
const ONCE = ['call.started', 'transfer.requested', 'call.ended'];

/** What the bot of one cell was told, all of it: one verdict with the right word, nothing twice, nothing too late. */
export function judgeCell(
  { verdict, outcome, caller }: Cell,
  events: readonly EventBody[],
): ScenarioFailure[] {
  const all = events.map(typeOf).join(', ');
  const problems: string[] = [];
  for (const type of ONCE) {
    const times = events.filter((event) => typeOf(event) === type).length;
    if (times !== 1) problems.push(`${type} came ${times} times, not once`);
  }
  const verdicts = events.filter(isVerdict);
  if (verdicts.length !== 1) problems.push(`${verdicts.length} verdicts, not one`);
  const [given] = verdicts;
  if (given !== undefined) {
    const wanted = { type: `transfer.${verdict}`, data: { outcome } };
    const wrong = mismatch(wanted, given) ?? statusProblem(verdict, given);
    if (wrong !== undefined) problems.push(`verdict: ${wrong} in ${JSON.stringify(given)}`);
  }
  const bridged = events.filter((event) => typeOf(event) === 'transfer.bridged').length;
  if (bridged !== (caller === 'bridged' ? 1 : 0)) problems.push(`transfer.bridged came ${bridged} times`);
  const last = events.at(-1);
  if (last !== undefined && typeOf(last) !== 'call.ended') problems.push(`the last event is ${typeOf(last)}`);
  const numbers = checkNumbers(events);
  return [
    ...problems.map((problem) => new ScenarioFailure('events', `${problem}; events were: ${all}`)),
    ...numbers,
  ];
}

/** SUCCESS belongs to `completed`, FAIL to everything else (DESIGN invariant 6). */
function statusProblem(verdict: Cell['verdict'], given: EventBody): string | undefined {
  return mismatch(
    { data: { transferStatus: { status: verdict === 'completed' ? 'SUCCESS' : 'FAIL' } } },
    given,
  );
}
