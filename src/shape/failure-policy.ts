import { type Static, Type } from 'typebox';
import type { FailureMatch, FallbackAction, FallbackRule, Message } from '../domain/plan.js';
import { foreignMessageProblems, message, messageProblems } from './message.js';
import type { Path, Problem } from './path.js';

/** One row of `onFailure` as users write it (CONTRACT 2 and 3). */
export const failureRule = Type.Object(
  {
    match: Type.Array(
      Type.Union([
        Type.String({ format: 'failure-match' }),
        Type.Integer({ minimum: 300, maximum: 699, description: 'SIP code' }),
      ]),
      { minItems: 1, maxItems: 32, description: 'Outcomes, SIP codes, classes such as 4xx, or *' },
    ),
    target: Type.Optional(
      Type.String({ minLength: 1, description: 'Only for this target, as the command writes it' }),
    ),
    attempt: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 100, description: 'Only for this attempt, counted from 1' }),
    ),
    action: Type.Enum(['next', 'retry', 'play', 'goto', 'end'], {
      description: 'next target, retry the same, play a message, goto a node of the bot, or end the call',
    }),
    afterMs: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 60_000, description: 'retry: wait before it (1000)' }),
    ),
    times: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 10, description: 'retry: at most so often (1)' }),
    ),
    node: Type.Optional(
      Type.String({ minLength: 1, maxLength: 200, description: 'goto: the node the bot is told' }),
    ),
    message: Type.Optional(message),
  },
  { additionalProperties: false },
);

export const failurePolicy = Type.Array(failureRule, { maxItems: 64 });

export type FailureRule = Static<typeof failureRule>;

/**
 * What a schema cannot say: which keys belong to which action.
 *
 * @param from `command`: written by a bot, whose files lie below the sound directory
 */
export function ruleProblems(
  rules: readonly FailureRule[],
  path: Path,
  from: 'command' | 'configuration',
): Problem[] {
  const checkMessage = from === 'command' ? foreignMessageProblems : messageProblems;
  return rules.flatMap((rule, i) => {
    const at = (key: string, text: string): Problem => ({ path: [...path, i, key], message: text });
    const problems: Problem[] = [];
    if (rule.action === 'goto' && rule.node === undefined)
      problems.push(at('node', 'is missing; goto names a node'));
    if (rule.action === 'play' && rule.message === undefined)
      problems.push(at('message', 'is missing; play needs one'));
    if (rule.message !== undefined) problems.push(...checkMessage(rule.message, [...path, i, 'message']));
    for (const key of ['afterMs', 'times', 'node', 'message'] as const) {
      if (rule[key] !== undefined && !BELONGS[key].includes(rule.action)) {
        problems.push(
          at(key, `has no meaning with ${rule.action}; it belongs to ${BELONGS[key].join(', ')}`),
        );
      }
    }
    return problems;
  });
}

const BELONGS: Record<'afterMs' | 'times' | 'node' | 'message', readonly FailureRule['action'][]> = {
  afterMs: ['retry'],
  times: ['retry'],
  node: ['goto'],
  message: ['play', 'goto', 'end'],
};

/** The rules as the domain reads them; they have passed {@link ruleProblems}. */
export const toFallbackRules = (rules: readonly FailureRule[]): readonly FallbackRule[] =>
  rules.map((rule) => ({
    match: rule.match.map((m) => String(m) as FailureMatch),
    ...(rule.target !== undefined && { target: rule.target }),
    ...(rule.attempt !== undefined && { attempt: rule.attempt }),
    action: toAction(rule),
  }));

function toAction(rule: FailureRule): FallbackAction {
  const said: Message | null = rule.message ?? null;
  switch (rule.action) {
    case 'next':
      return { kind: 'next' };
    case 'retry':
      return { kind: 'retry', afterMs: rule.afterMs ?? 1000, times: rule.times ?? 1 };
    case 'play':
      return { kind: 'play', message: said ?? {} };
    case 'goto':
      return { kind: 'goto', node: rule.node ?? '', message: said };
    case 'end':
      return { kind: 'end', message: said };
  }
}
