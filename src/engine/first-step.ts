import type { CallSetup } from '../domain/call.js';
import type { HeaderLine } from '../domain/plan.js';
import { mapStatus } from '../domain/outcome-table.js';
import { botTarget } from '../domain/routing/bot-target.js';
import { resolveRoute } from '../domain/routing/resolve-route.js';
import type { BotReply } from '../domain/reply.js';
import type { ScriptSetup } from '../domain/script-state.js';
import type { ScriptBot, Settings } from '../domain/settings.js';
import { open, openRouted, openScripted, openTurnedAway, type Step } from '../domain/step.js';
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
    media: channel.media,
    script: null,
    consent: channel.recording?.consent ?? null,
  };
  const { answer } = channel;
  switch (answer.by) {
    case 'bot': {
      const bot = botTarget(channel, answer.bot, caller, callId);
      return open(callId, { ...setup, bot }, offer.sdp);
    }
    case 'script':
      return openScripted(callId, { ...setup, script: scriptSetup(answer.bot) }, offer.sdp);
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

/** The bot's fallback as replies of its own: what is said, and then the caller is handed over, or let go. */
function scriptSetup({ fallback, ...times }: ScriptBot): ScriptSetup {
  const { message, target } = fallback;
  const say: BotReply[] = message === null ? [] : [{ kind: 'say', message }];
  const command = { method: 'auto', headers: [], metadata: {}, reason: 'bot_undecided' } as const;
  const last: BotReply =
    target === null ? { kind: 'hangup' } : { kind: 'switch', command: { ...command, targets: [target] } };
  const { decisionTimeoutMs, noInputTimeoutMs, digitTimeoutMs, maxDigits } = times;
  return { decisionTimeoutMs, noInputTimeoutMs, digitTimeoutMs, maxDigits, fallback: [...say, last] };
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
