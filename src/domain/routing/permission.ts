import { parseHostPort } from '../../sip/host-port.js';
import { beginsWith, belongsTo, isCostly } from '../../sip/number-kind.js';
import { parseNumber, type DialledNumber } from '../../sip/numbers.js';
import { unescapePercent } from '../../sip/percent.js';
import { parseSipUri, parseSipUriOrAddress, userOf, type SipUri } from '../../sip/sip-uri.js';
import type { Channel, Policy, Settings, Trunk } from '../settings.js';
import { denied, found, type Step } from './routed.js';

type NumberFormat = Trunk['numberFormat'];

/** Whether policy lets this number be called over a trunk with this format (security list S-1). */
export function numberAllowed(
  policy: Policy,
  number: DialledNumber,
  format: NumberFormat,
  path: string,
): Step<null> {
  if (!isCheap(policy, number, format))
    return denied(
      'target_not_allowed',
      path,
      'premium, shared-cost and satellite numbers are never called',
      'forbidden',
    );
  const countries = policy.allowCountries;
  if (countries === null || belongsTo(number, format, countries)) return found(null);
  const detail = `the number belongs to none of policy.allow.countries (${countries.join(', ')}); write it with + and country code, or add its country`;
  return denied('target_not_allowed', path, detail, 'forbidden');
}

function isCheap(policy: Policy, number: DialledNumber, format: NumberFormat): boolean {
  const homes = policy.allowCountries ?? [];
  if (isCostly(number, format, homes)) return false;
  return !policy.denyPrefixes.some((prefix) => beginsWith(number, format, prefix, homes));
}

/**
 * Whether policy lets this URI be called: its host, and a number in its user part. Towards a trunk the number is a
 * number like any other; elsewhere it may be somebody's own numbering, so only what is never called is refused.
 */
export function uriAllowed(settings: Settings, uri: SipUri, trunk: Trunk | null, path: string): Step<null> {
  if (!hostAllowed(settings, uri)) {
    const detail = `the policy does not allow targets at ${uri.host}; add it to policy.allow.hosts`;
    return denied('target_not_allowed', path, detail, 'forbidden');
  }
  if (namesOtherHost(uri)) {
    const detail = 'the URI has a maddr parameter, which sends the call past its host; leave it out';
    return denied('target_not_allowed', path, detail, 'forbidden');
  }
  const towards = trunk ?? trunkOfHost(settings, uri);
  for (const number of numbersIn(uri)) {
    const allowed = numberAllowed(
      towards === null ? { ...settings.policy, allowCountries: null } : settings.policy,
      number,
      // The far end reads the digits as they stand, whatever form we would have written.
      'raw',
      path,
    );
    if (!allowed.ok) return allowed;
  }
  return found(null);
}

/** RFC 3261 19.1.1: `maddr` overrides the host, which is what policy looks at. Escapes count, whoever undoes them. */
const namesOtherHost = ({ parameters }: SipUri): boolean =>
  parameters.some(([name]) => (unescapePercent(name) ?? name).toLowerCase() === 'maddr');

/**
 * The numbers a user part may be dialled as: escapes undone, or dropped where they are no text; what follows a feature
 * code (`*67`) or a pause on its own; a local number with its `phone-context` in front (RFC 3966 5.1.5).
 */
function numbersIn(uri: SipUri): readonly DialledNumber[] {
  const user = userOf(uri) ?? uri.user?.replace(/%[0-9A-Fa-f]{2}/g, '') ?? '';
  const [dialled = '', ...parameters] = user.split(';');
  const context = parameters.find((parameter) => /^phone-context=\+/i.test(parameter));
  const prefix = context?.slice('phone-context='.length) ?? '';
  return dialled
    .split(/[*#,pw]/i)
    .flatMap((piece) => [parseNumber(piece), parseNumber(prefix + piece)])
    .filter((number) => number !== undefined);
}

/** `policy.allow.hosts`, or, without one, only hosts the configuration itself names: no open relay by default. */
function hostAllowed(settings: Settings, uri: SipUri): boolean {
  const { allowHosts } = settings.policy;
  if (allowHosts !== null) return allowHosts.some((host) => isHost(host, uri));
  return namedUris(settings).some((text) => parseSipUriOrAddress(text)?.host === uri.host);
}

const isHost = (host: string, uri: SipUri): boolean =>
  parseHostPort(host)?.host === uri.host || `[${host.toLowerCase()}]` === uri.host;

function namedUris({ trunks, channels, targets }: Settings): readonly string[] {
  return [
    ...[...trunks.values()].flatMap((trunk) => trunk.proxy ?? []),
    ...[...channels.values()].flatMap(urisOf),
    ...[...targets.queues.values()].flatMap(({ members, overflow }) => [
      ...members,
      ...(overflow !== null && 'target' in overflow && 'sipUri' in overflow.target
        ? [overflow.target.sipUri]
        : []),
    ]),
    ...[...targets.extensions.values()].flatMap((target) => ('sipUri' in target ? [target.sipUri] : [])),
  ];
}

function urisOf({ answer }: Channel): readonly string[] {
  if (answer.by === 'bot') return [answer.bot.uri];
  if (answer.by === 'refuse') return [];
  const to = answer.by === 'script' ? answer.bot.fallback.target : answer.to;
  return to !== null && to !== 'requestUri' && 'sipUri' in to ? [to.sipUri] : [];
}

/** The trunk whose proxy a URI names, whatever the port. */
function trunkOfHost(settings: Settings, uri: SipUri): Trunk | null {
  for (const trunk of settings.trunks.values()) {
    if (trunk.proxy !== null && parseSipUri(trunk.proxy)?.host === uri.host) return trunk;
  }
  return null;
}
