import type { TransferCommand } from '../domain/command.js';
import type { FallbackRule, InviteWay, Target, TransferPlan, Way } from '../domain/plan.js';
import { budgetUse, carriedHeaders } from '../domain/routing/carried-headers.js';
import type { ExplainedValue } from '../domain/routing/layers.js';
import type { Redirect } from '../domain/routing/plan-redirect.js';
import type { Settings } from '../domain/settings.js';
import { handBackCause } from '../domain/start-attempt.js';
import type { DryRun, DryRunRequest, DryRunTarget, DryRunWay } from '../ports/control.js';
import { renderBye, renderInvite, renderRedirect, renderRefer } from '../sip/render-request.js';
import { reasonHeader } from './leg-effects.js';

/** What a plan does not say of the messages it will become. */
export interface DryRunContext {
  readonly settings: Settings;
  /** The command the plan was made of. */
  readonly command: TransferCommand;
  /** Where the SIP server receives: `udp:127.0.0.1:5060` ... */
  readonly listening: readonly string[];
  /** Max-Forwards of new legs of this call. */
  readonly maxForwards: number;
  /** The first target as a 302 would name it. */
  readonly redirect: Redirect | null;
}

/** A plan as SIP that would be sent if every way were tried, and where each of its values came from. */
export const dryRunOf = (
  plan: TransferPlan,
  layers: readonly ExplainedValue[],
  context: DryRunContext,
): Omit<DryRun, 'refusal'> => ({
  method: plan.method,
  targets: plan.targets.map((target) => targetOf(target, plan, context)),
  redirect:
    context.redirect === null ? null : renderRedirect(context.redirect.contacts, context.redirect.headers),
  layers: layers.map(({ field, value, layer }) => ({ field, value: readable(field, value), layer })),
});

const targetOf = (target: Target, plan: TransferPlan, context: DryRunContext): DryRunTarget => ({
  target: target.label,
  ringTimeoutMs: target.ringTimeoutMs ?? plan.ringTimeoutMs,
  ways: target.ways.map((way) => wayOf(way, target, plan, context)),
});

function wayOf(way: Way, { label }: Target, plan: TransferPlan, context: DryRunContext): DryRunWay {
  const { method, trunk, after } = way;
  const requests = way.method === 'invite' ? invites(way, context) : [inDialog(way, label, plan)];
  return { method, trunk, after, headerBudget: budgetOf(trunk, context), requests };
}

const invites = ({ branches }: InviteWay, { listening, maxForwards }: DryRunContext): DryRunRequest[] =>
  branches.map((branch) => ({
    to: branch.label,
    sip: renderInvite({ ...branch, maxForwards }, listening),
    postDial: branch.postDial,
  }));

function inDialog(way: Exclude<Way, InviteWay>, to: string, plan: TransferPlan): DryRunRequest {
  const sip =
    way.method === 'refer'
      ? renderRefer(way.referTo, way.referredBy, way.headers)
      : renderBye([...reasonHeader(handBackCause(plan)), ...way.headers]);
  return { to, sip, postDial: null };
}

/** How much of what the trunk puts up with the command's own headers use; `null` where no trunk says. */
function budgetOf(name: string | null, { settings, command }: DryRunContext): DryRunWay['headerBudget'] {
  const trunk = name === null ? undefined : settings.trunks.get(name);
  const carried = carriedHeaders(command);
  if (trunk === undefined || !carried.ok) return null;
  const { count, bytes } = trunk.headerBudget;
  return { ...budgetUse(carried.value), maxCount: count, maxBytes: bytes };
}

/** Fallback rules as users write them; under that field there is nothing else. */
const readable = (field: ExplainedValue['field'], value: unknown): unknown =>
  field === 'onFailure' ? (value as readonly FallbackRule[]).map(asWritten) : value;

function asWritten({ action: { kind, ...details }, ...narrowed }: FallbackRule): object {
  const given = Object.entries(details).filter(([, value]) => value !== null);
  return { ...narrowed, action: kind, ...Object.fromEntries(given) };
}
