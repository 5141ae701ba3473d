import { formatNameAddr } from './name-addr.js';

/** Who is shown as the caller; `null` = left out. */
export interface Shown {
  readonly user: string | null;
  readonly display: string | null;
  readonly host: string | null;
}

/**
 * Value of From. `null` when nothing is shown: the SIP server then writes its own address, the right one for the
 * transport.
 *
 * @param ownHost stands where the identity names no host
 */
export function formatFrom({ user: named, display, host }: Shown, ownHost: string): string | null {
  // RFC 3261 25.1: a user part has at least one character.
  const user = named === '' ? null : named;
  if (user === null && display === null && host === null) return null;
  return formatNameAddr(display, `sip:${user === null ? '' : `${escapeUser(user)}@`}${host ?? ownHost}`);
}

const USER = /[^A-Za-z0-9\-_.!~*'()&=+$,;?/]/gu;

/** RFC 3261 25.1 `user`; what is escaped already stays. */
function escapeUser(user: string): string {
  return user.replace(USER, (char) => (char === '%' ? char : encodeURIComponent(char)));
}
