import type { TransferCommand } from '../command.js';
import type { SessionId, TransferId } from '../ids.js';
import type { RefusedPlan, Target, TransferPlan, Way } from '../plan.js';
import type { Channel, Settings, Trunk } from '../settings.js';
import { byeTarget } from './bye-way.js';
import { carriedHeaders } from './carried-headers.js';
import type { CallerIdentity, Knowledge } from './caller.js';
import { expandTarget, labelOf, type Destination, type Expansion, type QueueRules } from './destinations.js';
import { failureRules } from './failure-rules.js';
import { inviteWays } from './invite-ways.js';
import { layersOf, referTimersOf, type Layers } from './layers.js';
import { prefersRefer, referWay } from './refer-way.js';
import type { RouteContext } from './route-context.js';
import { agentHearsUs, plannedSounds, soundObstacle } from './sound-layers.js';
import { each, found, wrong, type Obstacle, type Routed, type RoutingProblem, type Step } from './routed.js';

interface Ids {
  readonly transferId: TransferId;
  readonly sessionId: SessionId;
}

/**
 * Turns a command into a plan by the layers command > channel > trunk > defaults; nothing is left to look up
 * afterwards. A command that is wrong comes back as a problem; one that is right and may not be carried out, as a
 * problem with the `refused` plan the bot is told about.
 */
export function planTransfer(
  settings: Settings,
  channel: Channel,
  caller: CallerIdentity,
  command: TransferCommand,
  ids: Ids,
  knowledge: Knowledge,
): Routed<TransferPlan> {
  const layers = layersOf(settings, channel, command);
  const route = contextOf(settings, channel, caller, command, ids, knowledge, layers);
  const targets = route.ok ? targetsOf(route.value) : route;
  if (!targets.ok) return { ok: false, problem: told(targets.problem, command, layers, ids) };
  return found({
    ...commandPart(command, layers, ids),
    targets: targets.value.targets,
    ringTimeoutMs: layers.ringTimeoutMs.value,
    refer: referTimersOf(settings, channel),
    returnToBot: layers.returnToBot.value,
    onFailure: failureRules(layers.onFailure, targets.value.queues),
    otherwise: command.otherwise ?? 'stay',
    callerSilenceMs: layers.callerSilenceMs.value,
    sounds: plannedSounds(channel, layers),
    continueRecording: command.continueRecording ?? false,
  });
}

const commandPart = (
  command: TransferCommand,
  layers: Layers,
  ids: Ids,
): Pick<TransferPlan, 'id' | 'sessionId' | 'method' | 'reason' | 'metadata'> => ({
  id: ids.transferId,
  sessionId: ids.sessionId,
  method: layers.method.value,
  reason: command.reason ?? null,
  metadata: command.metadata,
});

/** The problem as the user is told it; policy's refusals are transfers of their own that end at once. */
function told(
  { code, path, detail, outcome }: Obstacle,
  command: TransferCommand,
  layers: Layers,
  ids: Ids,
): RoutingProblem {
  const refused: RefusedPlan | null =
    outcome === null
      ? null
      : { ...commandPart(command, layers, ids), targets: command.targets.map(labelOf), outcome, why: detail };
  return { code, path, detail, refused };
}

function contextOf(
  settings: Settings,
  channel: Channel,
  caller: CallerIdentity,
  command: TransferCommand,
  { sessionId }: Ids,
  knowledge: Knowledge,
  layers: Layers,
): Step<RouteContext> {
  const leaving = trunkOf(settings, channel, command.via);
  if (!leaving.ok) return leaving;
  const carried = carriedHeaders(command);
  if (!carried.ok) return carried;
  const sounds = soundObstacle(channel, command);
  if (sounds !== null) return sounds;
  return found({
    settings,
    channel,
    caller,
    command,
    layers,
    knowledge,
    sessionId,
    leaving: leaving.value,
    callerTrunk: settings.trunks.get(knowledge.callerTrunk) ?? null,
    carried: carried.value,
  });
}

/** The trunk calls leave by: that of the channel named in `via` (JAICP `transferChannel`), else the call's own. */
function trunkOf(settings: Settings, own: Channel, via: string | undefined): Step<Trunk | null> {
  const channel = via === undefined ? own : settings.channels.get(via);
  if (channel === undefined) return wrong('unknown_channel', 'via', `there is no channel "${via ?? ''}"`);
  const trunk = channel.trunk === null ? undefined : settings.trunks.get(channel.trunk);
  if (via !== undefined && trunk?.proxy == null)
    return wrong('no_trunk', 'via', `channel "${via}" has no trunk with a proxy`);
  return found(trunk ?? null);
}

function targetsOf(
  route: RouteContext,
): Step<{ readonly targets: TransferPlan['targets']; readonly queues: readonly QueueRules[] }> {
  if (route.layers.method.value === 'bye') {
    const target = byeTarget(route);
    return target.ok ? found({ targets: [target.value], queues: [] }) : target;
  }
  const expanded = expandAll(route);
  if (!expanded.ok) return expanded;
  const targets = each(expanded.value.destinations, (destination) => targetTo(route, destination));
  if (!targets.ok) return targets;
  const [first, ...rest] = targets.value;
  return first === undefined
    ? wrong('invalid_field', 'target', 'at least one target is needed')
    : found({ targets: [first, ...rest], queues: expanded.value.queues });
}

function expandAll({ settings, knowledge, command }: RouteContext): Step<Expansion> {
  const single = command.targets.length === 1;
  const all = each(command.targets, (target, i) =>
    expandTarget(settings.targets, knowledge.next, target, single ? 'target' : `target[${i}]`),
  );
  if (!all.ok) return all;
  return found({
    destinations: all.value.flatMap((expansion) => expansion.destinations),
    queues: all.value.flatMap((expansion) => expansion.queues),
  });
}

function targetTo(route: RouteContext, destination: Destination): Step<Target> {
  const ways = waysTo(route, destination);
  if (!ways.ok) return ways;
  const { label, ringTimeoutMs, huntsOn, music } = destination;
  const shorter = ringTimeoutMs !== null && ringTimeoutMs < route.layers.ringTimeoutMs.value;
  return found({
    label,
    ways: ways.value,
    ...(shorter && { ringTimeoutMs }),
    ...(huntsOn && { huntsOn }),
    ...(music !== null && route.channel.media === 'anchored' && { music }),
  });
}

function waysTo(route: RouteContext, destination: Destination): Step<readonly [Way, ...Way[]]> {
  const method = route.layers.method.value;
  const free = method === 'auto' && !agentHearsUs(route.channel, route.layers);
  const refers = method === 'refer' || (free && prefersRefer(route, destination));
  if (!refers) return inviteWays(route, destination);
  const refer = referWay(route, destination);
  if (method === 'refer') return refer.ok ? found([refer.value]) : refer;
  const invites = inviteWays(route, destination);
  // A network that takes REFER is way enough when no trunk leads to the target from here, and the other way round.
  if (!refer.ok) return invites;
  if (!invites.ok) return invites.problem.code === 'no_trunk' ? found([refer.value]) : invites;
  const [first, ...rest] = invites.value;
  return found([refer.value, { ...first, after: 'method_refused' }, ...rest]);
}
