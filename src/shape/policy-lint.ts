import { SIP_OUTCOMES } from '../domain/outcome-table.js';
import type { FailureRule } from './failure-policy.js';
import type { Path, Problem } from './path.js';

/**
 * Mistakes of a whole policy (CONTRACT 2): a rule that can never act, and a list that never says what becomes of a
 * caller, whatever the failure. A failure that no rule speaks of, or whose `next` and `retry` are used up, has the
 * transfer's own way out: the next target, then the bot. So one rule with an end is enough, wherever it stands.
 */
export function policyProblems(rules: readonly FailureRule[], path: Path): Problem[] {
  return [
    ...rules.flatMap((rule, i) => unreachable(rules.slice(0, i), rule, [...path, i])),
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
