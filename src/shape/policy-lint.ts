import { SIP_OUTCOMES } from '../domain/outcome-table.js';
import type { FailureRule } from './failure-policy.js';
import type { Path, Problem } from './path.js';

/**
 * Mistakes of a whole policy (CONTRACT 2): a rule that can never act, a retry nothing follows, and a list that never
 * says what becomes of the caller. `next` and `retry` give way to later rules once they are used up.
 */
export function policyProblems(rules: readonly FailureRule[], path: Path): Problem[] {
  return [
    ...rules.flatMap((rule, i) => [
      ...unreachable(rules.slice(0, i), rule, [...path, i]),
      ...endlessRetry(rule, rules.slice(i + 1), [...path, i]),
    ]),
    ...noWayOut(rules, path),
  ];
}

/** Each match of the rule is taken by one before it; often by the same. */
function unreachable(before: readonly FailureRule[], rule: FailureRule, path: Path): Problem[] {
  const takers = rule.match.map((match) => before.findIndex((earlier) => takes(earlier, match, rule)));
  if (takers.includes(-1)) return [];
  const names = [...new Set(takers)].sort((a, b) => a - b).map((i) => i + 1);
  const message =
    names.length === 1
      ? `is never reached: rule ${names[0] ?? ''} already takes all it matches`
      : `is never reached: rules ${names.join(', ')} already take all it matches`;
  return [{ path, message }];
}

/** Whether nothing of this match is left for the later rule. A second `next` has no next target either. */
const takes = (earlier: FailureRule, match: Match, later: FailureRule): boolean =>
  (isFinal(earlier) || (earlier.action === 'next' && later.action === 'next')) &&
  (earlier.target === undefined || earlier.target === later.target) &&
  (earlier.attempt === undefined || earlier.attempt === later.attempt) &&
  earlier.match.some((wide) => covers(String(wide), String(match)));

/** The same place is called again and again, and then nobody knows what for. */
function endlessRetry(rule: FailureRule, after: readonly FailureRule[], path: Path): Problem[] {
  const followed = after.some(
    (later) =>
      later.action !== 'retry' &&
      later.match.some((b) => rule.match.some((a) => mayMeet(String(a), String(b)))),
  );
  const message =
    'has no end: no later rule says what follows when the retries are used up; add one for the same failures';
  return rule.action !== 'retry' || followed || after.length === 0 ? [] : [{ path, message }];
}

function noWayOut(rules: readonly FailureRule[], path: Path): Problem[] {
  const message =
    'has no way out: next and retry run out, and no rule says what becomes of the caller then; add { match: ["*"], action: end }';
  return rules.length > 0 && !rules.some(isFinal) ? [{ path, message }] : [];
}

type Match = FailureRule['match'][number];

const isFinal = (rule: FailureRule): boolean => rule.action !== 'next' && rule.action !== 'retry';

const isCode = (match: string): boolean => /^\d{3}$/.test(match);
const isClass = (match: string): boolean => match.endsWith('xx');

const covers = (wide: string, narrow: string): boolean =>
  wide === '*' ||
  wide === narrow ||
  (isClass(wide) && isCode(narrow) && wide[0] === narrow[0]) ||
  (isCode(narrow) && outcomeOfCode(narrow) === wide);

/** Codes whose outcome depends on more than the code: on a Q.850 cause, or on who said it. */
const VAGUE: ReadonlySet<string> = new Set(['408', '480', '487', '503', '603']);

const outcomeOfCode = (code: string): string | undefined =>
  VAGUE.has(code) ? undefined : SIP_OUTCOMES[code];

/** Whether one failure can match both; a code and an outcome may always belong together. */
function mayMeet(a: string, b: string): boolean {
  const numeric = (match: string): boolean => isCode(match) || isClass(match);
  return covers(a, b) || covers(b, a) || numeric(a) !== numeric(b);
}
