/**
 * Headers a user may not set (security list S-3): they steer the dialog, the transaction or the identity, and the
 * engine writes them. In lower case; the one-letter compact forms (RFC 3261 7.3.3 and its registry) stand beside.
 */
const RESERVED: ReadonlySet<string> = new Set([
  // S-3, word for word
  ...['via', 'v', 'route', 'record-route', 'from', 'f', 'to', 't', 'call-id', 'i', 'cseq', 'contact', 'm'],
  ...['authorization', 'p-asserted-identity', 'identity', 'y', 'privacy', 'diversion'],
  ...['refer-to', 'r', 'referred-by', 'b', 'replaces', 'join'],
  // compact forms of Content-Type, Content-Length and Content-Encoding
  ...['c', 'l', 'e'],
  // the rest of what keeps a dialog alive or proves who sent it
  ...['proxy-authorization', 'proxy-authenticate', 'www-authenticate', 'p-preferred-identity'],
  ...['max-forwards', 'require', 'proxy-require', 'supported', 'k', 'unsupported', 'allow'],
  // no header, but what JavaScript makes of an object's key of that name
  '__proto__',
  ...['session-expires', 'x', 'min-se', 'rseq', 'rack', 'event', 'o', 'subscription-state', 'mime-version'],
]);

export function isReservedHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return RESERVED.has(lower) || lower.startsWith('content-');
}
