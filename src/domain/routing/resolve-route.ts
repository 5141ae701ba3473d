import { parseCustomHeaders } from '../../sip/headers.js';
import { parseNumber } from '../../sip/numbers.js';
import type { CommandTarget, TransferCommand } from '../command.js';
import type { HeaderLine } from '../plan.js';
import type { Channel, Settings } from '../settings.js';

/**
 * What a call to a `route` channel commands (CONTRACT 2): to the fixed target, or to what the user part of the
 * Request-URI names: an extension, else a queue, else a number. Anything else is an extension there is none of, which
 * routing refuses. There is no bot the caller could stay with, so a plan that is exhausted ends the call.
 *
 * @param user user part of the Request-URI, escapes undone
 * @param customHeaders of the INVITE; `X-*` travel on, ours do not
 */
export function resolveRoute(
  settings: Settings,
  channel: Channel,
  user: string,
  customHeaders: readonly HeaderLine[],
): TransferCommand {
  const { answer } = channel;
  const fixed = answer.by === 'route' && answer.to !== 'requestUri' ? answer.to : null;
  return {
    targets: [fixed ?? named(settings, user)],
    // A call that is not answered yet has no dialog to REFER in.
    method: 'invite',
    returnToBot: false,
    headers: travelling(customHeaders),
    otherwise: 'end',
    metadata: {},
  };
}

function named({ targets }: Settings, user: string): CommandTarget {
  if (targets.extensions.has(user)) return { extension: user };
  if (targets.queues.has(user)) return { queue: user };
  return parseNumber(user) === undefined ? { extension: user } : { phoneNumber: user };
}

/** A stranger's headers that may go on: `X-*`, once each, and nothing that could pass for one of ours. */
export function travelling(headers: readonly HeaderLine[]): readonly HeaderLine[] {
  const seen = new Set<string>();
  return headers.filter(([name, value]) => {
    const lower = name.toLowerCase();
    const fits = lower.startsWith('x-') && !lower.startsWith('x-switchhook-') && !seen.has(lower);
    if (!fits || !parseCustomHeaders([[name, value]]).ok) return false;
    seen.add(lower);
    return true;
  });
}
