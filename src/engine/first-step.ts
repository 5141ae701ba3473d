import type { CallSetup } from '../domain/call.js';
import type { HeaderLine } from '../domain/plan.js';
import { mapStatus } from '../domain/outcome-table.js';
import { botTarget } from '../domain/routing/bot-target.js';
import { resolveRoute } from '../domain/routing/resolve-route.js';
import type { Settings } from '../domain/settings.js';
import { open, openRouted, openTurnedAway, type Step } from '../domain/step.js';
import type { IncomingOffer } from '../ports/signalling.js';
import type { Asking, Planner, PlanProblem } from './planner.js';

/** Where a call's own SDP comes from, and how its trunk wants final codes. */
type Place = Pick<CallSetup, 'sdpSeed' | 'host' | 'statusMap'>;

/** What of the caller's INVITE decides. */
type Offer = Pick<IncomingOffer, 'sdp' | 'requestUri' | 'customHeaders'>;

/** The first step of a call, by what its channel does with callers: a bot, a route, a redirection, a refusal. */
export function firstStep(
  planner: Planner,
  settings: Settings,
  asking: Asking,
  offer: Offer,
  place: Place,
): Step {
  const { channel, caller, callId, trunk } = asking;
  const setup: CallSetup = {
    ...place,
    from: caller.user,
    to: caller.dialled,
    trunk,
    bot: null,
    answerTimeoutMs: channel.answerTimeoutMs,
  };
  const { answer } = channel;
  switch (answer.by) {
    case 'bot': {
      const bot = botTarget(channel, answer.bot, caller, callId);
      return open(callId, { ...setup, bot }, offer.sdp);
    }
    case 'script':
    case 'route':
      return routed(planner, settings, asking, offer, setup);
    case 'redirect':
      return redirected(planner, asking, offer, setup);
    case 'refuse': {
      const { code, reason } = mapStatus(setup.statusMap, answer);
      return openTurnedAway(callId, setup, offer.sdp, { code, reason, headers: [] });
    }
  }
}

/** The INVITE is the transfer command (CONTRACT 5); what forbids it is its answer. */
function routed(planner: Planner, settings: Settings, asking: Asking, offer: Offer, setup: CallSetup): Step {
  const { callId, channel } = asking;
  const command = resolveRoute(settings, channel, offer.requestUri.user, offer.customHeaders);
  const planned = planner.plan(asking, command);
  if (planned.ok) return openRouted(callId, setup, offer.sdp, planned.plan);
  const { problem } = planned;
  const refused = problem.refused ?? planner.refused(asking, problem.detail);
  const { code, reason } = mapStatus(setup.statusMap, statusOf(problem));
  return openRouted(callId, setup, offer.sdp, { refused, code, reason });
}

/** 302 with a Contact for every place the target stands for (RFC 3261 21.3.3). */
function redirected(planner: Planner, asking: Asking, offer: Offer, setup: CallSetup): Step {
  const redirect = planner.redirect(asking, offer.customHeaders);
  if (!redirect.ok) {
    const told = mapStatus(setup.statusMap, statusOf(redirect.problem));
    return openTurnedAway(asking.callId, setup, offer.sdp, { ...told, headers: [] });
  }
  const { contacts, headers } = redirect.value;
  const contact: HeaderLine = ['Contact', contacts.join(', ')];
  const answer = { code: 302, reason: 'Moved Temporarily', headers: [contact, ...headers] };
  return openTurnedAway(asking.callId, setup, offer.sdp, answer);
}

/** What a caller is answered with when its call may not, or cannot, be routed. */
function statusOf({ code, refused }: PlanProblem): { readonly code: number; readonly reason: string } {
  if (code === 'rate_limited') return { code: 503, reason: 'Service Unavailable' };
  return refused === null ? { code: 404, reason: 'Not Found' } : { code: 403, reason: 'Forbidden' };
}
