import { formatNumber } from '../../sip/numbers.js';
import { formatTelUri, parseTelUri } from '../../sip/tel-uri.js';
import type { HeaderLine, ReferWay } from '../plan.js';
import type { Settings, Trunk } from '../settings.js';
import { withinBudget } from './carried-headers.js';
import type { Destination, Place } from './destinations.js';
import { embeddedAllowed, withHeaders } from './embedded-headers.js';
import { numberUri } from './hops.js';
import { numberAllowed, uriAllowed } from './permission.js';
import type { RouteContext } from './route-context.js';
import { digitsAfter, networkShows } from './handed-over.js';
import { denied, found, wrong, type Step } from './routed.js';

/** REFER towards the trunk the caller came by, which was asked for by name or is known to be taken. */
export function referWay(route: RouteContext, destination: Destination): Step<ReferWay> {
  const { callerTrunk: trunk, command, carried, settings } = route;
  if (trunk === null)
    return wrong('no_trunk', 'method', 'the caller came by no trunk, so there is nobody to REFER');
  const possible = canRefer(destination, trunk);
  if (!possible.ok) return possible;
  const identity = networkShows(command, 'refer');
  if (!identity.ok) return identity;
  const budget = withinBudget(trunk, carried);
  if (!budget.ok) return budget;
  const address = referAddress(settings, destination.places[0], trunk, carried, destination.path);
  if (!address.ok) return address;
  const inside = [
    ...(command.replaces === undefined ? [] : [['Replaces', command.replaces] as const]),
    ...(trunk.transfer.headersIn === 'referTo' ? carried : []),
  ];
  if (inside.length > 0 && address.value.startsWith('tel:'))
    return denied(
      'not_supported',
      destination.path,
      'a tel: URI cannot carry headers; set referTo: sip',
      'not_supported',
    );
  return found({
    method: 'refer',
    after: null,
    trunk: trunk.name,
    referTo: `<${withHeaders(address.value, inside)}>`,
    referredBy: command.referredBy ?? null,
    headers: trunk.transfer.headersIn === 'referTo' ? [] : carried,
    auth: trunk.auth,
  });
}

/** Whether `auto` hands the caller over by REFER: only where that loses nothing the command asks for. */
export function prefersRefer(route: RouteContext, destination: Destination): boolean {
  const { callerTrunk, knowledge, layers, command } = route;
  const ours = layers.returnToBot.value || command.via !== undefined || command.callerId !== undefined;
  if (callerTrunk === null || ours) return false;
  const { refer } = callerTrunk.transfer;
  const takes = refer === 'yes' || (refer === 'auto' && knowledge.takesRefer(callerTrunk.name) === true);
  return takes && canRefer(destination, callerTrunk).ok;
}

function canRefer({ places, postDial, path }: Destination, { name, transfer }: Trunk): Step<null> {
  const no = (detail: string) => denied('not_supported', path, detail, 'not_supported');
  if (transfer.refer === 'no')
    return no(`trunk "${name}" takes no REFER (trunks.${name}.transfer.refer: no)`);
  if (places.length > 1) return no('REFER names one place, and this queue rings several; use method invite');
  return digitsAfter('refer', postDial, path);
}

/**
 * The place as the network in front of us may address it: what Refer-To and the Contact of a 302 name.
 *
 * @param carried custom headers that go with what a URI carries itself
 */
export function referAddress(
  settings: Settings,
  place: Place,
  trunk: Trunk,
  carried: readonly HeaderLine[],
  path: string,
): Step<string> {
  if (place.kind === 'number')
    return trunk.transfer.referTo === 'tel'
      ? telUri(settings, place, trunk, path)
      : numberUri(settings, place, trunk, path);
  const allowed = uriAllowed(settings, place.uri, null, path);
  if (!allowed.ok) return allowed;
  const embedded = embeddedAllowed(place, trunk, carried, path);
  return embedded.ok ? found(place.text) : embedded;
}

function telUri(
  settings: Settings,
  { number, name }: Extract<Place, { kind: 'number' }>,
  trunk: Trunk,
  path: string,
): Step<string> {
  const allowed = numberAllowed(settings.policy, number, trunk.numberFormat, path);
  if (!allowed.ok) return allowed;
  const formatted = formatNumber(number, trunk.numberFormat);
  const uri = formatted === undefined ? undefined : parseTelUri(`tel:${formatted}`);
  return uri === undefined
    ? denied('invalid_field', path, `"${name}" is no number trunk "${trunk.name}" can dial`, 'invalid_number')
    : found(formatTelUri(uri));
}
