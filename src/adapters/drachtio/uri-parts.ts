/** User and host of a URI somebody else wrote: whatever can be read of it, since a call is not lost over a From. */
export interface UriParts {
  /** Decoded; `''` when there is none. */
  readonly user: string;
  /** Lower case, without port; `''` for `tel:`. */
  readonly host: string;
}

const NOWHERE: UriParts = { user: '', host: '' };

export function uriParts(uri: string): UriParts {
  const colon = uri.indexOf(':');
  if (colon < 0) return NOWHERE;
  const rest = uri.slice(colon + 1);
  if (uri.slice(0, colon).toLowerCase() === 'tel') return { user: decoded(before(rest, ';')), host: '' };
  const at = rest.indexOf('@');
  const user = at < 0 ? '' : before(before(rest.slice(0, at), ';'), ':');
  const hostPort = before(before(rest.slice(at + 1), ';'), '?');
  const bracket = hostPort.startsWith('[') ? hostPort.indexOf(']') : -1;
  const host = bracket > 0 ? hostPort.slice(0, bracket + 1) : before(hostPort, ':');
  return { user: decoded(user), host: host.toLowerCase() };
}

function before(text: string, separator: string): string {
  const at = text.indexOf(separator);
  return at < 0 ? text : text.slice(0, at);
}

function decoded(user: string): string {
  if (!user.includes('%')) return user;
  try {
    return decodeURIComponent(user);
  } catch {
    return user;
  }
}
