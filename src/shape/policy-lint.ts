import type { FailureRule } from './failure-policy.js';
import type { Path, Problem } from './path.js';

/**
 * Mistakes of a whole policy (CONTRACT 2): a rule that can never act, and a list that never says what becomes of
 * the caller. `next` and `retry` give way to later rules once they are used up, so they hide nothing.
 */
export function policyProblems(rules: readonly FailureRule[], path: Path): Problem[] {
  const problems: Problem[] = [];
  rules.forEach((rule, i) => {
    const hiding = rules.slice(0, i).findIndex((earlier) => hides(earlier, rule));
    if (hiding !== -1) {
      problems.push({
        path: [...path, i],
        message: `is never reached: rule ${hiding + 1} already takes all it matches`,
      });
    }
  });
  if (rules.length > 0 && !rules.some(isFinal)) {
    const message =
      'has no way out: next and retry run out, and no rule says what becomes of the caller then; add { match: ["*"], action: end }';
    problems.push({ path, message });
  }
  return problems;
}

const isFinal = (rule: FailureRule): boolean => rule.action !== 'next' && rule.action !== 'retry';

function hides(earlier: FailureRule, later: FailureRule): boolean {
  const wider =
    (earlier.target === undefined || earlier.target === later.target) &&
    (earlier.attempt === undefined || earlier.attempt === later.attempt);
  return (
    isFinal(earlier) &&
    wider &&
    later.match.every((m) => earlier.match.some((e) => covers(String(e), String(m))))
  );
}

const covers = (wide: string, narrow: string): boolean =>
  wide === '*' || wide === narrow || (wide.endsWith('xx') && /^\d{3}$/.test(narrow) && wide[0] === narrow[0]);
