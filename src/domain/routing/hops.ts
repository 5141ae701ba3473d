import { formatNumber } from '../../sip/numbers.js';
import { formatSipUri, parseSipUri, withoutHeaders, withUser, type SipUri } from '../../sip/sip-uri.js';
import { uriParameter } from '../../sip/uri-parameters.js';
import type { Settings, Trunk } from '../settings.js';
import { withinBudget } from './carried-headers.js';
import type { Destination, Place } from './destinations.js';
import { businessNumber } from './identity.js';
import { numberAllowed, uriAllowed } from './permission.js';
import type { RouteContext } from './route-context.js';
import { denied, found, wrong, type Step } from './routed.js';
import { showingOn } from './showing.js';

/** One network a place can be reached over. */
export interface Hop {
  /** Request-URI. */
  readonly uri: string;
  readonly route: string | null;
  readonly trunk: Trunk | null;
}

/**
 * Where an INVITE to the place can go, in the order in which it should be tried: the trunk it belongs to, then that
 * trunk's failover trunks, a trunk known to be down behind all others. What stands in the way on the first trunk
 * refuses the command; a failover trunk that cannot take the call is left out.
 */
export function hopsTo(
  route: RouteContext,
  destination: Destination,
  place: Place,
): Step<readonly [Hop, ...Hop[]]> {
  const first = firstHop(route, destination, place);
  if (!first.ok) return first;
  // A URI that names its own host goes there and nowhere else.
  if (place.kind === 'uri' && first.value.route === null) return found([first.value]);
  const others = (first.value.trunk?.failover ?? []).flatMap((name) => {
    const trunk = route.settings.trunks.get(name);
    const hop = trunk === undefined ? undefined : overTrunk(route, destination, place, trunk);
    return hop?.ok === true ? [hop.value] : [];
  });
  return found(upFirst(route, [first.value, ...others]));
}

function firstHop(route: RouteContext, destination: Destination, place: Place): Step<Hop> {
  const byName = route.command.via !== undefined;
  if (place.kind === 'number' || byName) {
    if (route.leaving?.proxy == null)
      return wrong(
        'no_trunk',
        destination.path,
        'no trunk with a proxy leads from this channel to phone numbers',
      );
    return overTrunk(route, destination, place, route.leaving);
  }
  const trunk = trunkAt(route, place.uri);
  const uri = directUri(route.settings, place.uri, trunk, destination.path);
  if (!uri.ok) return uri;
  const takes = takesCall(route, destination, trunk);
  return takes.ok ? found({ uri: uri.value, route: null, trunk }) : takes;
}

function overTrunk(route: RouteContext, destination: Destination, place: Place, trunk: Trunk): Step<Hop> {
  const { settings } = route;
  const uri =
    place.kind === 'number'
      ? numberUri(settings, place, trunk, destination.path)
      : directUri(settings, place.uri, trunk, destination.path);
  if (!uri.ok) return uri;
  const takes = takesCall(route, destination, trunk);
  if (!takes.ok) return takes;
  return found({ uri: uri.value, route: place.kind === 'number' ? null : trunk.proxy, trunk });
}

/** A number as the trunk's network addresses it: the user part of its proxy's URI. */
export function numberUri(
  settings: Settings,
  { number, name }: Extract<Place, { kind: 'number' }>,
  trunk: Trunk,
  path: string,
): Step<string> {
  const allowed = numberAllowed(settings.policy, number, trunk.numberFormat, path);
  if (!allowed.ok) return allowed;
  const proxy = trunk.proxy === null ? undefined : parseSipUri(trunk.proxy);
  if (proxy === undefined) return wrong('no_trunk', path, `trunk "${trunk.name}" has no proxy`);
  const formatted = formatNumber(number, trunk.numberFormat);
  const uri = formatted === undefined ? undefined : withUser(proxy, formatted);
  return uri === undefined
    ? denied('invalid_field', path, `"${name}" is no number trunk "${trunk.name}" can dial`, 'invalid_number')
    : found(formatSipUri(uri));
}

function directUri(settings: Settings, uri: SipUri, trunk: Trunk | null, path: string): Step<string> {
  if (uri.headers !== null)
    return wrong('invalid_field', path, 'headers inside the URI are not carried; use "headers"');
  const allowed = uriAllowed(settings, uri, trunk, path);
  return allowed.ok ? found(formatSipUri(withoutHeaders(uri))) : allowed;
}

/** What this transfer asks of a trunk, and the trunk may not do. Where media is ours, digits are sent in it (RFC 4733). */
function takesCall(route: RouteContext, { postDial, path }: Destination, trunk: Trunk | null): Step<null> {
  const needsInfo = postDial !== null && route.channel.media === 'direct';
  if (needsInfo && trunk?.transfer.dtmfInfo !== true) {
    const key = trunk === null ? 'transfer.dtmfInfo of a trunk' : `trunks.${trunk.name}.transfer.dtmfInfo`;
    const detail = `digits after the answer (postDial) need ${key}: true, and a target behind that trunk`;
    return denied('not_supported', path, detail, 'not_supported');
  }
  const budget = withinBudget(trunk, route.carried);
  if (!budget.ok) return budget;
  return trunk === null || !trunk.register || trunk.callerId.allowForeign
    ? found(null)
    : ownNumberShown(route, trunk);
}

/** A carrier a trunk registers at lets its customer call with no number but the customer's own. */
function ownNumberShown({ command, caller }: RouteContext, trunk: Trunk): Step<null> {
  const { policy, number } = showingOn(command, trunk);
  const allowForeign = `set trunks.${trunk.name}.callerId.allowForeignCallerId: true`;
  if (policy === 'caller') {
    const detail = `trunk "${trunk.name}" registers, so its carrier refuses the caller's own number; use policy bot or fixed, or ${allowForeign}`;
    return denied('caller_id_not_allowed', 'callerId.policy', detail, 'forbidden');
  }
  const own = businessNumber(caller, trunk);
  const isOwn = number === null || (own !== null && digitsOf(number) === digitsOf(own));
  if (policy !== 'fixed' || isOwn) return found(null);
  const detail = `trunk "${trunk.name}" registers, so its carrier refuses any number but its own (trunks.${trunk.name}.callerId.number); name that one, or ${allowForeign}`;
  return denied('caller_id_not_allowed', 'callerId.number', detail, 'forbidden');
}

const digitsOf = (number: string): string => number.replace(/\D/g, '');

/**
 * The trunk a URI points into, if any: its credentials and caller-ID policy apply. Of several trunks to one carrier
 * (one per customer, say) it is the one this channel's calls leave by.
 */
function trunkAt({ settings, leaving }: RouteContext, uri: SipUri): Trunk | null {
  for (const trunk of [...(leaving === null ? [] : [leaving]), ...settings.trunks.values()]) {
    const proxy = trunk.proxy === null ? undefined : parseSipUri(trunk.proxy);
    if (proxy?.host === uri.host && portOf(proxy) === portOf(uri)) return trunk;
  }
  return null;
}

/** RFC 3261 19.1.2: 5061 for `sips:` and for TLS. */
function portOf({ port, scheme, parameters }: SipUri): number {
  const secure = scheme === 'sips' || uriParameter(parameters, 'transport')?.toLowerCase() === 'tls';
  return port ?? (secure ? 5061 : 5060);
}

function upFirst({ knowledge }: RouteContext, hops: readonly [Hop, ...Hop[]]): [Hop, ...Hop[]] {
  const isUp = ({ trunk }: Hop): boolean => trunk === null || knowledge.trunkUp(trunk.name);
  const [first, ...rest] = [...hops.filter(isUp), ...hops.filter((hop) => !isUp(hop))];
  return [first ?? hops[0], ...rest];
}
