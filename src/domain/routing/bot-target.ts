import type { DialTarget } from '../plan.js';
import type { Channel, SipBot } from '../settings.js';
import type { CallerIdentity } from './caller.js';

/** The bot's leg: it sees who calls, and may know the call and channel by our two headers (CONTRACT 5). */
export function botTarget(channel: Channel, bot: SipBot, caller: CallerIdentity, callId: string): DialTarget {
  return {
    label: channel.id,
    uri: bot.uri,
    route: null,
    trunk: null,
    from: { user: caller.user === '' ? null : caller.user, display: caller.display, host: null },
    headers: [
      ['X-Switchhook-Call', callId],
      ['X-Switchhook-Channel', channel.id],
      // The bot is of the network the caller trusted; it must not tell others (RFC 3325 7).
      ...(caller.hidden ? [['Privacy', 'id'] as const] : []),
    ],
    postDial: null,
    auth: null,
  };
}
