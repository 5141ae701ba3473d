import { parseHeaderValue } from '../../sip/headers.js';
import type { CommandTarget } from '../command.js';
import type { ByeWay, HeaderLine, Target } from '../plan.js';
import type { Settings } from '../settings.js';
import { withinBudget, writtenTwice } from './carried-headers.js';
import { expandTarget, labelOf } from './destinations.js';
import { embeddedAllowed } from './embedded-headers.js';
import { digitsAfter, networkShows } from './handed-over.js';
import { numberAllowed, uriAllowed } from './permission.js';
import type { RouteContext } from './route-context.js';
import { found, wrong, type Step } from './routed.js';

/**
 * The one target of `method: bye`: the network in front of us takes the caller back, and reads in `X-Transfer-To`
 * (written as a bot's own BYE writes it: `<sip:..>`, a number, `queue:<name>`, an extension), `X-Transfer-Reason` and
 * `X-Transfer-Session` what to do with it. A queue or extension is that network's, so it need not be known here; one
 * that is known here with digits behind it is refused, for nobody would press them.
 */
export function byeTarget(route: RouteContext): Step<Target> {
  const [target, ...others] = route.command.targets;
  if (others.length > 0) return wrong('invalid_field', 'target', 'a BYE names one target; give one');
  const identity = networkShows(route.command, 'bye');
  if (!identity.ok) return identity;
  const digits = digitsAfter('bye', digitsOf(route.settings, target), 'target.postDial');
  if (!digits.ok) return digits;
  const to = transferTo(route, target);
  if (!to.ok) return to;
  const own: HeaderLine[] = [
    ['X-Transfer-Session', route.sessionId],
    ['X-Transfer-To', to.value],
    ...reasonLine(route.command.reason),
  ];
  const twice = writtenTwice(route.carried, own, 'method bye');
  if (!twice.ok) return twice;
  const budget = withinBudget(route.callerTrunk, route.carried);
  if (!budget.ok) return budget;
  const way: ByeWay = {
    method: 'bye',
    after: null,
    trunk: route.callerTrunk?.name ?? null,
    headers: [...own, ...route.carried],
  };
  return found({ label: labelOf(target), ways: [way] });
}

function digitsOf(settings: Settings, target: CommandTarget): string | null {
  if (target.postDial !== undefined) return target.postDial;
  // The configuration has been checked for names that lead back to themselves.
  const meant = 'extension' in target ? settings.targets.extensions.get(target.extension) : undefined;
  return meant === undefined ? null : digitsOf(settings, meant);
}

function reasonLine(reason: string | undefined): HeaderLine[] {
  const value = reason === undefined ? undefined : parseHeaderValue(reason);
  return value === undefined ? [] : [['X-Transfer-Reason', value]];
}

function transferTo(route: RouteContext, target: CommandTarget): Step<string> {
  if ('queue' in target) return headerText(`queue:${target.queue}`, 'target.queue');
  if ('extension' in target) return headerText(target.extension, 'target.extension');
  const { settings, callerTrunk } = route;
  const expansion = expandTarget(settings.targets, route.knowledge.next, target, 'target');
  if (!expansion.ok) return expansion;
  const [destination] = expansion.value.destinations;
  if (destination === undefined) throw new Error('an address stands for itself');
  const {
    path,
    places: [place],
  } = destination;
  if (place.kind === 'number') {
    const format = callerTrunk?.numberFormat ?? 'raw';
    const allowed = numberAllowed(settings.policy, place.number, format, path);
    return allowed.ok ? found(place.number) : allowed;
  }
  const allowed = uriAllowed(settings, place.uri, null, path);
  if (!allowed.ok) return allowed;
  const embedded = embeddedAllowed(place, callerTrunk, route.carried, path);
  return embedded.ok ? found(`<${place.text}>`) : embedded;
}

function headerText(text: string, path: string): Step<string> {
  const value = parseHeaderValue(text);
  return value === undefined ? wrong('invalid_field', path, 'has control characters') : found(value);
}
