import { parseNumber } from '../../sip/numbers.js';
import type { DialTarget, InviteWay, WayReason } from '../plan.js';
import { dialogHeaders, writtenTwice } from './carried-headers.js';
import type { Destination, Place } from './destinations.js';
import { hopsTo, type Hop } from './hops.js';
import { businessNumber, shownIdentity, type Showing } from './identity.js';
import type { RouteContext } from './route-context.js';
import { each, found, type Step } from './routed.js';
import { showingOn } from './showing.js';

/**
 * The INVITEs to a destination in the order in which they may be tried: over the trunk it belongs to, once more with
 * the business number when a 403 turns the caller's own down, then over the failover trunks.
 */
export function inviteWays(
  route: RouteContext,
  destination: Destination,
): Step<readonly [InviteWay, ...InviteWay[]]> {
  const [place, ...others] = destination.places;
  if (others.length > 0) return together(route, destination);
  const hops = hopsTo(route, destination, place);
  if (!hops.ok) return hops;
  const [first, ...failover] = hops.value;
  const opening = wayOver(route, destination, place, first, null);
  if (!opening.ok) return opening;
  const again = secondTry(route, destination, place, first);
  if (!again.ok) return again;
  const rest = failover.flatMap((hop) => {
    const way = wayOver(route, destination, place, hop, 'trunk_failed');
    return way.ok ? [way.value] : [];
  });
  return found([opening.value, ...again.value, ...rest]);
}

/** Every member of a queue at once; each over its own network, for what one of them answers says nothing of the rest. */
function together(route: RouteContext, destination: Destination): Step<readonly [InviteWay]> {
  const branches = each(destination.places, (place) => {
    const hops = hopsTo(route, destination, place);
    if (!hops.ok) return hops;
    const [hop] = hops.value;
    return branchTo(route, destination, place, hop, showingOn(route.command, hop.trunk));
  });
  if (!branches.ok) return branches;
  const [first, ...rest] = branches.value.map(({ branch }) => branch);
  if (first === undefined) throw new Error('a destination has at least one place');
  const trunk = rest.every((branch) => branch.trunk === first.trunk) ? first.trunk : null;
  return found([{ method: 'invite', after: null, trunk, branches: [first, ...rest] }]);
}

function wayOver(
  route: RouteContext,
  destination: Destination,
  place: Place,
  hop: Hop,
  after: WayReason | null,
  showing: Showing = showingOn(route.command, hop.trunk),
): Step<InviteWay> {
  const branch = branchTo(route, destination, place, hop, showing);
  if (!branch.ok) return branch;
  return found({ method: 'invite', after, trunk: hop.trunk?.name ?? null, branches: [branch.value.branch] });
}

/** The carrier may refuse a number that is not ours (403): the same call with our own. */
function secondTry(
  route: RouteContext,
  destination: Destination,
  place: Place,
  hop: Hop,
): Step<readonly InviteWay[]> {
  const business = businessNumber(route.caller, hop.trunk);
  const first = branchTo(route, destination, place, hop, showingOn(route.command, hop.trunk));
  if (!first.ok) return first;
  const differs =
    business !== null &&
    parseNumber(business) !== undefined &&
    digits(business) !== digits(route.caller.user);
  if (hop.trunk === null || !first.value.callersOwn || !differs) return found([]);
  const showing: Showing = { policy: 'fixed', number: business };
  const way = wayOver(route, destination, place, hop, 'caller_id_refused', showing);
  return way.ok ? found([way.value]) : way;
}

const digits = (number: string): string => number.replace(/[^0-9A-Za-z]/g, '');

function branchTo(
  { caller, command, carried }: RouteContext,
  { postDial }: Destination,
  place: Place,
  { uri, route, trunk }: Hop,
  showing: Showing,
): Step<{ readonly branch: DialTarget; readonly callersOwn: boolean }> {
  const shown = shownIdentity(showing, caller, trunk, uri);
  const twice = writtenTwice(carried, shown.headers, `callerId.recipe of trunk "${trunk?.name ?? ''}"`);
  if (!twice.ok) return twice;
  const branch: DialTarget = {
    label: place.name,
    uri,
    route,
    trunk: trunk?.name ?? null,
    from: shown.from,
    headers: [...carried, ...shown.headers, ...dialogHeaders(command)],
    postDial,
    auth: trunk?.auth ?? null,
  };
  return found({ branch, callersOwn: shown.callersOwn });
}
