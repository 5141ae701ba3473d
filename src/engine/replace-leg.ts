import { agentLeg } from '../domain/ids.js';
import type { Settings } from '../domain/settings.js';
import type { AcceptedOffer, IncomingOffer, LegPort, Unwanted } from '../ports/signalling.js';
import { parseReplaces } from '../sip/replaces.js';
import { mayReplace } from './refer-policy.js';
import type { Registry } from './registry.js';

const no = (code: number, reason: string): Unwanted => ({ refuse: { code, reason } });
const UNKNOWN = no(481, 'Call/Transaction Does Not Exist');

/**
 * INVITE with Replaces (RFC 3891 3): a new dialog takes the place of one of ours. Whoever could do this could take
 * over any call whose ids it learns, so it needs the same leave as a REFER.
 */
export function replaceLeg(
  { settings, registry, trunk }: { settings: Settings; registry: Registry; trunk: string },
  header: string,
  offer: IncomingOffer,
  port: LegPort,
  farEnd: Pick<AcceptedOffer, 'allows' | 'auth'>,
): AcceptedOffer | Unwanted {
  const replaces = parseReplaces(header);
  if (replaces === undefined) return no(400, 'Bad Request');
  const [place, second] = registry.matching(replaces);
  if (place === undefined || second !== undefined) return UNKNOWN;
  const { live, leg } = place;
  if (!mayReplace(settings, live, trunk)) return no(603, 'Decline');
  const { runner } = live;
  const { phase } = runner.call.legs.get(leg) ?? { phase: 'closing' };
  if (phase !== 'up') return UNKNOWN;
  if (replaces.earlyOnly) return no(486, 'Busy Here');
  const as = agentLeg(runner.call.dialled + 1);
  const ears = runner.receive(as, trunk, port);
  runner.post({ type: 'replaced', leg, as, sdp: offer.sdp });
  return { ...ears, ...farEnd };
}
