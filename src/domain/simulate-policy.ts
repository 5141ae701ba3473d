import type { CommandTarget } from './command.js';
import { decide, type Decision, type Failure, matches } from './fallback.js';
import type { FallbackRule, TransferPlan } from './plan.js';
import { expandTarget, type Destination, type QueueRules } from './routing/destinations.js';
import { failureRules } from './routing/failure-rules.js';
import type { Channel, Settings, Targets, TransferDefaults } from './settings.js';

/** A failure that keeps happening, and the policy it happens to. */
export interface PolicySimulation {
  readonly failure: Pick<Failure, 'outcome' | 'sipCode'>;
  /** Labels in the order in which they are tried. */
  readonly targets: readonly [string, ...string[]];
  /** The target that fails first: one of `targets`. */
  readonly target: string;
  /** Number of the attempt that fails first, counted from 1. */
  readonly attempt: number;
  /** Absent: the rules of the channel. */
  readonly onFailure?: readonly FallbackRule[];
  /** Absent: as a command to this channel has it. */
  readonly otherwise?: TransferPlan['otherwise'];
}

/** One failed attempt and what comes of it. */
export interface SimulatedStep {
  readonly attempt: number;
  readonly target: string;
  /**
   * Numbers, from 1, of the rules that match this failure. The first that can still act does, unless a queue goes
   * before it: to its next member, or to its overflow node.
   */
  readonly matching: readonly number[];
  readonly decision: Decision;
}

/** The rules as they were written, and with those that queues add. */
interface Policy extends Pick<TransferPlan, 'onFailure' | 'otherwise'> {
  readonly written: readonly FallbackRule[];
  /** Of each target, whether it hunts on (`Target.huntsOn`); absent: none does. */
  readonly hunting?: readonly boolean[];
}

/**
 * What becomes of a transfer on a channel. Labels that name a queue or an extension stand for what is behind it, as in
 * a plan; a queue in turns starts with its first member.
 */
export function simulateChannel(
  settings: Pick<Settings, 'targets'> & { readonly transfer: Pick<TransferDefaults, 'onFailure'> },
  channel: Pick<Channel, 'answer' | 'transfer'>,
  simulation: PolicySimulation,
): readonly SimulatedStep[] {
  const { targets, hunting, queues } = expanded(settings.targets, simulation.targets);
  const { onFailure: given } = simulation;
  const written = given ?? channel.transfer.onFailure ?? settings.transfer.onFailure;
  // Who asks about rules of their own asks as a command does; only rules of lower layers wait for an overflow node.
  const layer = given === undefined ? 'channel' : 'command';
  const onFailure = failureRules({ value: written, layer }, queues);
  // A routed call has no bot to stay with.
  const otherwise = simulation.otherwise ?? (channel.answer.by === 'route' ? 'end' : 'stay');
  return simulatePolicy({ written, onFailure, otherwise, hunting }, { ...simulation, targets });
}

function expanded(
  targets: Targets,
  labels: PolicySimulation['targets'],
): {
  readonly targets: PolicySimulation['targets'];
  readonly hunting: readonly boolean[];
  readonly queues: readonly QueueRules[];
} {
  const parts = labels.map((label) => attemptsAt(targets, label));
  const attempts = parts.flatMap((part) => part.attempts);
  const [first = labels[0], ...rest] = attempts.map(({ label }) => label);
  const hunting = attempts.map(({ huntsOn }) => huntsOn);
  return { targets: [first, ...rest], hunting, queues: parts.flatMap(({ queues }) => queues) };
}

/** The attempts one label stands for: itself, but for a name of the configuration. */
function attemptsAt(
  targets: Targets,
  label: string,
): {
  readonly attempts: readonly Pick<Destination, 'label' | 'huntsOn'>[];
  readonly queues: readonly QueueRules[];
} {
  const named = namedTarget(targets, label);
  const expansion = named && expandTarget(targets, () => 0, named, 'target');
  if (expansion?.ok !== true) return { attempts: [{ label, huntsOn: false }], queues: [] };
  const { destinations, queues } = expansion.value;
  return { attempts: destinations, queues };
}

function namedTarget(targets: Targets, label: string): CommandTarget | undefined {
  if (targets.queues.has(label)) return { queue: label };
  return targets.extensions.has(label) ? { extension: label } : undefined;
}

/**
 * Walks from failure to failure with the engine's own {@link decide} until something else than another attempt comes
 * of one; every rule retries a limited number of times, and targets run out. Ways to the same target (a second
 * trunk, the business number, INVITE after REFER) belong to an attempt and are not shown.
 */
export function simulatePolicy(
  policy: Policy,
  { failure, targets, target: first, attempt: from }: Omit<PolicySimulation, 'onFailure' | 'otherwise'>,
): readonly SimulatedStep[] {
  const steps: SimulatedStep[] = [];
  const retries: Record<number, number> = {};
  let at = Math.max(0, targets.indexOf(first));
  for (let attempt = from; ; attempt++) {
    const huntsOn = policy.hunting?.[at] === true;
    const failed: Failure = {
      ...failure,
      target: targets[at] ?? first,
      attempt,
      ...(huntsOn && { huntsOn }),
    };
    const decision = decide(policy, failed, at + 1 < targets.length, retries);
    steps.push({ attempt, target: failed.target, matching: matching(policy.written, failed), decision });
    if (decision.kind === 'next') at += 1;
    else if (decision.kind === 'retry') retries[decision.rule] = (retries[decision.rule] ?? 0) + 1;
    else return steps;
  }
}

const matching = (rules: readonly FallbackRule[], failure: Failure): readonly number[] =>
  rules.flatMap((rule, i) => (matches(rule, failure) ? [i + 1] : []));
