import type { CommandTarget } from '../domain/command.js';
import { uriAllowed } from '../domain/routing/permission.js';
import type { Settings, Targets } from '../domain/settings.js';
import { parseHostPort } from '../sip/host-port.js';
import { parseNumber } from '../sip/numbers.js';
import { formatSipUri, parseSipUri, type SipUri, userOf } from '../sip/sip-uri.js';
import type { TelUri } from '../sip/tel-uri.js';

/** What decides whom an address means: the configuration, and where we ourselves are. */
export interface Surroundings {
  readonly settings: Settings;
  /** `udp:127.0.0.1:5060` ..., as {@link SignallingInfo.listening} says it. */
  readonly listening: readonly string[];
}

/**
 * Whom a stranger's URI means (security list S-1: a host is never dialled only because somebody wrote it).
 *
 * 1. `tel:` is a phone number, dialled through the channel's trunk.
 * 2. At our own address, or at a host the policy does not allow: an extension, else a queue, if the user part names one.
 *    A host the policy allows has names of its own, so there the URI is left as it is.
 * 3. At our own address or a trunk's proxy: a user part that is a number is a phone number, under the rules for numbers.
 * 4. Anything else stays a SIP URI, which routing holds against `policy.allow.hosts`.
 *
 * `undefined`: a `tel:` whose digits nobody can dial, or our own address with nobody's name in front.
 */
export function targetOfUri(
  uri: SipUri | TelUri,
  { settings, listening }: Surroundings,
): CommandTarget | undefined {
  if (uri.scheme === 'tel')
    return parseNumber(uri.number) === undefined ? undefined : { phoneNumber: uri.number };
  const user = userOf(uri) ?? '';
  const ours = isOurs(uri, listening);
  const named =
    ours || !uriAllowed(settings, uri, null, 'target').ok ? byName(settings.targets, user) : undefined;
  if (named !== undefined) return named;
  // `;phone-context` and the like stand behind the digits (RFC 3261 19.1.6).
  const digits = user.split(';', 1)[0] ?? '';
  if (parseNumber(digits) !== undefined && (ours || isProxy(uri, settings))) return { phoneNumber: digits };
  return ours ? undefined : { sipUri: formatSipUri(uri) };
}

/** An extension, else a queue. */
export function byName(targets: Targets, name: string): CommandTarget | undefined {
  if (targets.extensions.has(name)) return { extension: name };
  return targets.queues.has(name) ? { queue: name } : undefined;
}

/** Whether a URI leads to the SIP server we take calls on. */
export function isOurs(uri: SipUri | TelUri, listening: readonly string[]): boolean {
  if (uri.scheme === 'tel') return false;
  return listening.some((text) => {
    const at = parseHostPort(text.slice(text.indexOf(':') + 1));
    return at?.host === uri.host && at.port === portOf(uri);
  });
}

/** Without a port the whole host is meant: people write `sip:+1612@carrier.example` whatever port its proxy has. */
const isProxy = (uri: SipUri, { trunks }: Settings): boolean =>
  [...trunks.values()].some(({ proxy }) => {
    const at = proxy === null ? undefined : parseSipUri(proxy);
    return at?.host === uri.host && (uri.port === null || portOf(at) === uri.port);
  });

/** RFC 3261 19.1.2. */
const portOf = ({ port, scheme }: SipUri): number => port ?? (scheme === 'sips' ? 5061 : 5060);
