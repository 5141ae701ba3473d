import type { RtpTerms } from '../rtp/session.js';
import type { Variables } from './describe.js';

/**
 * How many milliseconds a leg may be silent before it ends, by FreeSWITCH's variables or else the server's own limit;
 * 0: for ever. A hold is no excuse where `media_timeout` is set: FreeSWITCH puts it into force anew with each re-INVITE.
 */
export function silenceLimit(terms: RtpTerms | null, variables: Variables, byDefault: number): number {
  const number = (name: string): number => Number(variables.get(name) ?? 0) || 0;
  // Who is told to send nothing (recvonly) is silent by agreement.
  if (terms?.send === true && !terms.receive) return 0;
  const always = number('media_timeout') || 1000 * number('rtp_timeout_sec');
  const held = number('media_hold_timeout') || 1000 * number('rtp_hold_timeout_sec');
  return always || (terms?.send === false ? held : 0) || byDefault;
}
