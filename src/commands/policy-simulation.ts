import { type Static, Type } from 'typebox';
import { OUTCOMES, type Outcome } from '../domain/outcome.js';
import { outcomeOf } from '../domain/outcome-table.js';
import type { PolicySimulation } from '../domain/simulate-policy.js';
import { checkShape } from '../shape/check-shape.js';
import { failurePolicy, ruleProblems, toFallbackRules } from '../shape/failure-policy.js';
import { formats } from '../shape/formats.js';
import { formatPath, type Problem } from '../shape/path.js';
import { policyProblems } from '../shape/policy-lint.js';
import { refuseIfWrong } from './refusal.js';

const FAILURES = OUTCOMES.filter((outcome) => outcome !== 'answered');

const label = Type.String({ minLength: 1, maxLength: 2048, description: 'As a command names it' });

/** The body of `POST /v1/policy/simulate`. */
export const policySimulationSchema = Type.Object(
  {
    channel: Type.String({ minLength: 1, maxLength: 64, description: 'Whose policy' }),
    code: Type.Optional(
      Type.Integer({ minimum: 300, maximum: 699, description: 'Final SIP code of every attempt' }),
    ),
    outcome: Type.Optional(
      Type.Enum(FAILURES, { description: 'Or the outcome of every attempt, where no code stands behind it' }),
    ),
    targets: Type.Optional(
      Type.Array(label, {
        minItems: 1,
        maxItems: 10,
        description: 'Targets of the command, in order; a queue stands for its members',
      }),
    ),
    target: Type.Optional(
      Type.String({ minLength: 1, maxLength: 2048, description: 'The target that fails first (the first)' }),
    ),
    attempt: Type.Integer({
      minimum: 1,
      maximum: 100,
      default: 1,
      description: 'Number of the attempt that fails first',
    }),
    onFailure: Type.Optional(failurePolicy),
    otherwise: Type.Optional(
      Type.Enum(['stay', 'end'], {
        description:
          'When nothing else acts: stay with the bot (default), or end the call (default of a routed call; JAICP without continueCall)',
      }),
    ),
  },
  { additionalProperties: false },
);

type Body = Static<typeof policySimulationSchema>;

export const policySimulationExamples = {
  busy: { channel: 'support-line', code: 486 },
  hunt: {
    channel: 'support-line',
    outcome: 'no_answer',
    targets: ['+16123456789', 'sip:bob@host'],
    onFailure: [
      { match: ['*'], action: 'next' },
      { match: ['*'], action: 'goto', node: 'Apology' },
    ],
  },
} as const;

/** What is to be simulated, and what a look at the given rules finds wrong with them. */
export interface SimulationRequest {
  readonly channel: string;
  readonly simulation: PolicySimulation;
  /** Rules that can never act, no way out: what a configuration would be refused for. */
  readonly problems: readonly { readonly path: string; readonly message: string }[];
}

/** @throws AppError `invalid_field` naming every wrong field */
export function parsePolicySimulation(body: unknown): SimulationRequest {
  const shape = checkShape(policySimulationSchema, body, { formats });
  refuseIfWrong(shape.problems);
  // The shape check has just proved it.
  const given = shape.value as Body;
  const { channel, attempt, onFailure, otherwise } = given;
  refuseIfWrong([
    ...failureProblems(given),
    ...ruleProblems(onFailure ?? [], ['onFailure'], 'configuration'),
  ]);
  const { first, targets } = targetsOf(given);
  const simulation: PolicySimulation = {
    failure: failureOf(given),
    targets,
    target: first,
    attempt,
    ...(onFailure !== undefined && { onFailure: toFallbackRules(onFailure) }),
    ...(otherwise !== undefined && { otherwise }),
  };
  const problems = policyProblems(onFailure ?? [], ['onFailure']).map(({ path, message }) => ({
    path: formatPath(path),
    message,
  }));
  return { channel, simulation, problems };
}

function failureProblems({ code, outcome, target, targets }: Body): Problem[] {
  const problems: Problem[] = [];
  if (code === undefined && outcome === undefined)
    problems.push({ path: ['code'], message: 'is missing, and outcome too; give one of them' });
  if (code !== undefined && outcome !== undefined)
    problems.push({
      path: ['outcome'],
      message: 'stands beside code, which decides the outcome; give one of them',
    });
  if (target !== undefined && targets?.includes(target) === false)
    problems.push({ path: ['target'], message: 'is none of targets' });
  return problems;
}

/** What the far end's word means is decided as in a call; an outcome alone comes without a code. */
function failureOf({ code, outcome }: Body): PolicySimulation['failure'] {
  if (code === undefined) return { outcome: outcome as Outcome, sipCode: null };
  return {
    outcome: outcomeOf({ code, reason: '', q850: null, retryAfterMs: null, by: 'far_end' }),
    sipCode: code,
  };
}

function targetsOf({ target, targets }: Body): {
  readonly first: string;
  readonly targets: PolicySimulation['targets'];
} {
  const [head = target ?? 'target', ...rest] = targets ?? [];
  return { first: target ?? head, targets: [head, ...rest] };
}
