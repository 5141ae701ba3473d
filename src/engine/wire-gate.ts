import { acceptsRefer, otherParty } from '../domain/call.js';
import type { CallEvent, ReferVerdict } from '../domain/call-event.js';
import type { TransferCommand } from '../domain/command.js';
import { agentLeg, type LegId } from '../domain/ids.js';
import { isFree, type Leg } from '../domain/leg.js';
import type { HeaderLine, RefusedPlan, TransferPlan } from '../domain/plan.js';
import { formatReplaces, type Replaces } from '../sip/replaces.js';
import type { LegEvent } from '../ports/signalling.js';
import type { EngineParts } from './parts.js';
import type { Planner, PlanProblem } from './planner.js';
import { askingOf, passed, type LiveCall, type Place, type Registry } from './registry.js';
import { mayRefer } from './refer-policy.js';
import { commandFromBye, commandFromRefer } from './wire-commands.js';

type Referred = Extract<LegEvent, { type: 'referred' }>;

/**
 * Where a party's own wish for a transfer (REFER, BYE with X-Transfer-To) becomes an event of its call: policy first,
 * then the border, then routing; the call itself only says whether it can be done now.
 */
export class WireGate {
  /** Where the SIP server takes calls, once it has said so. */
  listening: readonly string[] = [];

  constructor(
    private readonly parts: EngineParts,
    private readonly registry: Registry,
    private readonly planner: Planner,
  ) {}

  interpret(live: LiveCall, leg: LegId, event: LegEvent): readonly CallEvent[] {
    if (event.type === 'referred') return [this.referred(live, leg, event)];
    if (event.type === 'hungUp') return [...this.asked(live, leg, event.headers), ...passed(leg, event)];
    return passed(leg, event);
  }

  private referred(live: LiveCall, leg: LegId, { referId, request }: Referred): CallEvent {
    const answer = (verdict: ReferVerdict): CallEvent => ({ type: 'referred', leg, referId, verdict });
    const no = (code: number, reason: string, refused: RefusedPlan | null = null): CallEvent =>
      answer({ kind: 'refuse', code, reason, refused });
    const { callId, channel } = { callId: live.runner.call.id, channel: live.channel.id };
    if (!mayRefer(this.parts.settings, live, leg)) {
      this.parts.log.warn({ callId, channel, leg }, 'REFER declined: policy.referFromNetwork is deny');
      return no(603, 'Decline');
    }
    if (!acceptsRefer(live.runner.call, leg)) return no(491, 'Request Pending');
    const wish = commandFromRefer(request, this.parts.settings, this.listening);
    if (!wish.ok) {
      this.parts.log.warn({ callId, channel, leg, why: wish.text }, 'REFER refused');
      return no(wish.code, wish.reason);
    }
    if (wish.replaces !== null) {
      const { source } = request;
      return this.attended(live, leg, referId, { ...wish, replaces: wish.replaces, source }, no);
    }
    return answer(this.verdict(live, leg, wish.command));
  }

  private verdict(live: LiveCall, leg: LegId, command: TransferCommand): ReferVerdict {
    const planned = this.planner.plan(askingOf(live), this.asItWas(live, leg, command));
    if (planned.ok) return { kind: 'plan', plan: planned.plan };
    const { code, reason } = statusOf(planned.problem);
    return { kind: 'refuse', code, reason, refused: planned.problem.refused };
  }

  /** Whoever an agent passes its caller to inherits what was meant to happen afterwards. */
  private asItWas(live: LiveCall, leg: LegId, command: TransferCommand): TransferCommand {
    const { state } = live.runner.call;
    if (state.phase !== 'withTarget' || leg === 'bot') return command;
    return {
      ...command,
      method: 'invite',
      returnToBot: command.returnToBot ?? state.transfer.plan.returnToBot,
    };
  }

  /** Both dialogs ours: the party behind the other one moves here. A dialog elsewhere is replaced by INVITE. */
  private attended(
    live: LiveCall,
    leg: LegId,
    referId: number,
    wish: AttendedWish,
    no: (code: number, reason: string) => CallEvent,
  ): CallEvent {
    const { replaces } = wish;
    const places = this.registry.matching(replaces);
    const [place] = places;
    if (place === undefined && !wish.ours) {
      const command = { ...wish.command, replaces: formatReplaces(replaces) };
      return { type: 'referred', leg, referId, verdict: this.verdict(live, leg, command) };
    }
    // Call-ID and tags are no secret: a dialog may only be given away by its own far end (S-2).
    const own = place?.live.runner.legs.port(place.leg)?.speaksFrom(wish.source) === true;
    if (place === undefined || !own || places.length > 1 || place.live === live)
      return no(481, 'Call/Transaction Does Not Exist');
    // Media that is ours and media that is not cannot be joined without anybody noticing.
    if (live.runner.call.setup.media !== place.live.runner.call.setup.media)
      return no(488, 'Not Acceptable Here');
    const behind = partyBehind(place);
    if (behind === null) return no(491, 'Request Pending');
    if (replaces.earlyOnly && behind.party.phase === 'up') return no(486, 'Busy Here');
    const plan = this.planner.attended(askingOf(live), this.asItWas(live, leg, wish.command));
    return this.bring(live, leg, referId, plan, { ...place, ...behind });
  }

  private bring(
    live: LiveCall,
    leg: LegId,
    referId: number,
    plan: TransferPlan,
    from: Place & { readonly other: LegId; readonly party: Leg },
  ): CallEvent {
    const as = agentLeg(live.runner.call.dialled + 1);
    const slot = from.live.runner.legs.take(from.other);
    if (slot !== undefined) live.runner.adopt(slot, as);
    from.live.runner.post({ type: 'legTaken', leg: from.other });
    return { type: 'brought', leg, referId, plan, party: from.party, as };
  }

  /** A BYE that names a transfer comes before the hang-up it is part of. */
  private asked(live: LiveCall, leg: LegId, headers: readonly HeaderLine[]): readonly CallEvent[] {
    const wish = commandFromBye(headers, this.parts.settings, this.listening);
    if (wish === null || !mayRefer(this.parts.settings, live, leg)) return [];
    const { call } = live.runner;
    if (!wish.ok) return this.told(live, leg, wish.text, null);
    if (!acceptsRefer(call, leg)) return this.told(live, leg, NOT_NOW, null);
    const planned = this.planner.plan(askingOf(live), this.asItWas(live, leg, wish.command));
    if (planned.ok) return [{ type: 'transferCommanded', plan: planned.plan, from: leg }];
    return this.told(live, leg, planned.problem.detail, planned.problem.refused);
  }

  /** A wish that comes to nothing is a transfer that failed; whoever had it is leaving. */
  private told(live: LiveCall, leg: LegId, why: string, refused: RefusedPlan | null): readonly CallEvent[] {
    this.parts.log.warn({ callId: live.runner.call.id, leg, why }, 'X-Transfer-To came to nothing');
    const plan = refused ?? this.planner.refused(askingOf(live), why);
    return [{ type: 'transferRefused', refused: plan, leaving: true }];
  }
}

const NOT_NOW = 'X-Transfer-To came when no transfer was possible';

/** An attended transfer as it was asked for, and from which address. */
interface AttendedWish {
  readonly command: TransferCommand;
  readonly replaces: Replaces;
  readonly ours: boolean;
  readonly source: string;
}

/** The party at the other end of a replaced dialog, if it can be moved now. */
function partyBehind({ live, leg }: Place): { readonly other: LegId; readonly party: Leg } | null {
  const { call } = live.runner;
  const other = otherParty(call, leg);
  const party = other === null ? undefined : call.legs.get(other);
  if (other === null || party === undefined) return null;
  const settled = 'media' in party && (party.media.path === 'anchored' || isFree(party.media));
  const movable = party.phase === 'inviting' || (party.phase === 'up' && settled);
  return movable ? { other, party } : null;
}

/** What a REFER is answered with when there is no plan. */
function statusOf({ code }: PlanProblem): { readonly code: number; readonly reason: string } {
  switch (code) {
    case 'target_not_allowed':
    case 'caller_id_not_allowed':
      return { code: 403, reason: 'Forbidden' };
    case 'rate_limited':
      return { code: 503, reason: 'Service Unavailable' };
    case 'not_supported':
      return { code: 501, reason: 'Not Implemented' };
    case 'no_trunk':
    case 'unknown_channel':
      return { code: 404, reason: 'Not Found' };
    case 'invalid_field':
    case 'header_budget':
      return { code: 400, reason: 'Bad Request' };
  }
}
