import type { TransferCommand } from '../domain/command.js';
import { sessionId, transferId, type CallId, type SessionId, type TransferId } from '../domain/ids.js';
import type { HeaderLine, RefusedPlan, TransferPlan, TransferSounds, Way } from '../domain/plan.js';
import type { CallerIdentity, Knowledge } from '../domain/routing/caller.js';
import { labelOf } from '../domain/routing/destinations.js';
import { layersOf, referTimersOf } from '../domain/routing/layers.js';
import { planRedirect, type Redirect } from '../domain/routing/plan-redirect.js';
import { planTransfer } from '../domain/routing/plan-transfer.js';
import { plannedSounds } from '../domain/routing/sound-layers.js';
import type { Routed, RoutingProblem } from '../domain/routing/routed.js';
import type { Channel } from '../domain/settings.js';
import type { Wanted } from '../ports/places.js';
import { CommandMemory } from './command-memory.js';
import type { EngineParts } from './parts.js';
import { ReferMemory } from './refer-memory.js';

/** Whose transfer it is. */
export interface Asking {
  readonly callId: CallId;
  readonly channel: Channel;
  readonly caller: CallerIdentity;
  /** Trunk the caller came by. */
  readonly trunk: string;
}

export type Planned =
  { readonly ok: true; readonly plan: TransferPlan } | { readonly ok: false; readonly problem: PlanProblem };

/** Why there is no plan; `refused`: the transfer the bot is told about all the same. */
export type PlanProblem =
  | RoutingProblem
  | {
      readonly code: 'rate_limited';
      readonly path: 'target';
      readonly detail: string;
      readonly refused: RefusedPlan;
      readonly retryAfterMs: number;
    };

/** Makes plans of commands: routing, with what the engine knows of the moment, and the limits of the trunks. */
export class Planner {
  readonly memory: ReferMemory;
  /** What plans were made of. */
  readonly commands = new CommandMemory();

  constructor(
    private readonly parts: Pick<EngineParts, 'settings' | 'clock' | 'random' | 'places'>,
    private readonly trunkUp: (trunk: string) => boolean,
  ) {
    this.memory = new ReferMemory(parts.clock);
  }

  plan(asking: Asking, command: TransferCommand): Planned {
    const routed = this.route(asking, command, (queue) => this.parts.places.takeTurn(queue));
    const id = routed.ok ? routed.value.id : routed.problem.refused?.id;
    if (id !== undefined) this.commands.keep(id, command);
    return routed.ok
      ? this.admit(this.withOneAnnouncement(routed.value))
      : { ok: false, problem: routed.problem };
  }

  /** Of several announcements callers hear one, not always the same. */
  private withOneAnnouncement(plan: TransferPlan): TransferPlan {
    const { sounds } = plan;
    if (sounds === null || sounds.announce.length < 2) return plan;
    const at = Math.floor(this.parts.random.next() * sounds.announce.length);
    return { ...plan, sounds: { ...sounds, announce: sounds.announce.slice(at, at + 1) } };
  }

  /** An attended transfer: its target is there already, so nothing is routed, and nothing can be dialled again. */
  attended(asking: Asking, command: TransferCommand): TransferPlan {
    const { settings } = this.parts;
    const { channel, caller } = asking;
    const layers = layersOf(settings, channel, command);
    const { ringTimeoutMs, returnToBot, callerSilenceMs } = layers;
    const [label = ''] = command.targets.map(labelOf);
    const from = { user: caller.user, display: caller.display, host: null };
    const party = {
      label,
      uri: label,
      route: null,
      trunk: null,
      from,
      headers: [],
      postDial: null,
      auth: null,
    };
    const { transferId: id, sessionId: session } = this.ids(asking);
    return {
      ...{ id, sessionId: session, method: 'invite', onFailure: [], otherwise: 'stay' },
      ...{ reason: command.reason ?? null, metadata: command.metadata },
      targets: [{ label, ways: [{ method: 'invite', after: null, trunk: null, branches: [party] }] }],
      ringTimeoutMs: ringTimeoutMs.value,
      returnToBot: returnToBot.value,
      callerSilenceMs: callerSilenceMs.value,
      sounds: afterConsultation(plannedSounds(channel, layers)),
      continueRecording: command.continueRecording ?? false,
      refer: referTimersOf(settings, channel),
    };
  }

  private ids({ callId, channel }: Asking): { transferId: TransferId; sessionId: SessionId } {
    const uuid = this.parts.random.uuid();
    return { transferId: transferId(uuid), sessionId: sessionId(uuid, callId, channel.id) };
  }

  /** What a plan would be, without holding anything: no turn of a queue is used up, no limit counted. */
  draft(asking: Asking, command: TransferCommand): Planned {
    const routed = this.route(asking, command, (queue) => this.parts.places.nextTurn(queue));
    return routed.ok ? { ok: true, plan: routed.value } : { ok: false, problem: routed.problem };
  }

  /** Why nothing of this plan could go out at this moment; `null`: something could. */
  fullFor(plan: TransferPlan): string | null {
    return this.parts.places.refusal(requestsOf(plan))?.why ?? null;
  }

  /** A wish that could not even be read: told to the bot with an outcome, as every other. */
  refused(asking: Asking, why: string): RefusedPlan {
    const { transferId: id, sessionId: session } = this.ids(asking);
    const empty = { method: 'auto', targets: [], reason: null, metadata: {} } as const;
    return { id, sessionId: session, ...empty, outcome: 'invalid_number', why };
  }

  private route(asking: Asking, command: TransferCommand, next: Knowledge['next']): Routed<TransferPlan> {
    const { channel, caller, trunk } = asking;
    const ids = this.ids(asking);
    const takesRefer = (name: string): boolean | undefined => this.memory.takesRefer(name);
    const knowledge = { callerTrunk: trunk, takesRefer, trunkUp: this.trunkUp, next };
    return planTransfer(this.parts.settings, channel, caller, command, ids, knowledge);
  }

  /** Where a channel sends its callers' network before it answers. */
  redirect({ channel, trunk }: Asking, customHeaders: readonly HeaderLine[]): Routed<Redirect> {
    const { settings } = this.parts;
    const own = settings.trunks.get(trunk);
    if (own === undefined) throw new Error(`no trunk ${trunk}: admission found it`);
    return planRedirect(settings, channel, own, customHeaders, (queue) => this.parts.places.takeTurn(queue));
  }

  /** What a 302 to the first target of a command would say; `null` when it cannot be said. Uses up no turn. */
  draftRedirect({ channel, trunk }: Asking, { targets: [to], headers }: TransferCommand): Redirect | null {
    const { settings } = this.parts;
    const own = settings.trunks.get(trunk);
    if (own === undefined) return null;
    const redirecting = { ...channel, answer: { by: 'redirect' as const, to } };
    const next = (queue: string): number => this.parts.places.nextTurn(queue);
    const redirect = planRedirect(settings, redirecting, own, headers, next);
    return redirect.ok ? redirect.value : null;
  }

  /** Places are taken when requests go out; a plan of which nothing could go out now is no plan. */
  private admit(plan: TransferPlan): Planned {
    const full = this.parts.places.refusal(requestsOf(plan));
    if (full === null) return { ok: true, plan };
    const { why, retryAfterMs } = full;
    const refused = refusedPlan(plan, why);
    return {
      ok: false,
      problem: { code: 'rate_limited', path: 'target', detail: why, refused, retryAfterMs },
    };
  }
}

/** Whoever consulted has told the agent everything, and the agent has accepted. */
const afterConsultation = (sounds: TransferSounds | null): TransferSounds | null =>
  sounds === null ? null : { ...sounds, announce: [], whisper: null, confirm: null, warm: null };

const requestsOf = ({ targets }: TransferPlan): readonly Wanted[] =>
  targets.flatMap(({ label, ways }) => ways.flatMap((way) => requestsBy(way, label)));

function requestsBy(way: Way, label: string): readonly Wanted[] {
  switch (way.method) {
    case 'invite':
      return way.branches.map((branch): Wanted => [branch.trunk, branch.label]);
    case 'refer':
      return [[way.trunk, label]];
    case 'bye':
      // It frees a line rather than take one.
      return [[null, label]];
  }
}

function refusedPlan(
  { id, sessionId: session, method, reason, metadata, targets }: TransferPlan,
  why: string,
): RefusedPlan {
  const labels = [...new Set(targets.map(({ label }) => label))];
  return { id, sessionId: session, method, reason, metadata, targets: labels, outcome: 'congestion', why };
}
