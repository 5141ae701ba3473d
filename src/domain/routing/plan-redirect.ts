import type { HeaderLine } from '../plan.js';
import type { Channel, Settings, Trunk } from '../settings.js';
import type { Knowledge } from './caller.js';
import { withinBudget } from './carried-headers.js';
import { expandTarget } from './destinations.js';
import { digitsAfter } from './handed-over.js';
import { referAddress } from './refer-way.js';
import { travelling } from './resolve-route.js';
import { each, found, wrong, type Routed } from './routed.js';

/** What a 302 says (RFC 3261 21.3.3). */
export interface Redirect {
  /** Values of Contact, in angle brackets, the first preferred. */
  readonly contacts: readonly [string, ...string[]];
  readonly headers: readonly HeaderLine[];
}

/**
 * Where a `redirect` channel sends the caller's own network: the same addresses a REFER would name, and the caller's
 * `X-*` headers back (CONTRACT 5).
 *
 * @param trunk the one the caller came by
 */
export function planRedirect(
  settings: Settings,
  channel: Channel,
  trunk: Trunk,
  customHeaders: readonly HeaderLine[],
  next: Knowledge['next'],
): Routed<Redirect> {
  const { answer } = channel;
  const redirect =
    answer.by === 'redirect'
      ? contactsOf(settings, answer.to, trunk, travelling(customHeaders), next)
      : wrong('not_supported', 'redirect', `channel "${channel.id}" has no redirect`);
  if (redirect.ok) return redirect;
  const { code, path, detail } = redirect.problem;
  return { ok: false, problem: { code, path, detail, refused: null } };
}

function contactsOf(
  settings: Settings,
  to: Parameters<typeof expandTarget>[2],
  trunk: Trunk,
  headers: readonly HeaderLine[],
  next: Knowledge['next'],
) {
  const budget = withinBudget(trunk, headers);
  if (!budget.ok) return budget;
  const expansion = expandTarget(settings.targets, next, to, 'redirect');
  if (!expansion.ok) return expansion;
  const { destinations } = expansion.value;
  const digits = each(destinations, ({ postDial, path }) => digitsAfter('302', postDial, path));
  if (!digits.ok) return digits;
  const contacts = each(
    destinations.flatMap(({ places, path }) => places.map((place) => ({ place, path }))),
    // What the caller sent goes back beside Contact, not inside it.
    ({ place, path }) => referAddress(settings, place, trunk, [], path),
  );
  if (!contacts.ok) return contacts;
  const [first, ...rest] = contacts.value.map((uri) => `<${uri}>`);
  if (first === undefined) return wrong('invalid_field', 'redirect', 'names no place');
  const value: Redirect = { contacts: [first, ...rest], headers };
  return found(value);
}
