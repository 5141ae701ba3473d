import { quoteDisplayName } from '../../sip/display-name.js';
import { parseHeaderValue } from '../../sip/headers.js';
import { parseNameAddr } from '../../sip/name-addr.js';
import { parseSipUri, userOf, withUser } from '../../sip/sip-uri.js';
import { templateParts, type Placeholder } from '../caller-id-recipes.js';
import type { HeaderLine, Identity } from '../plan.js';
import type { CallerIdPolicy, Trunk } from '../settings.js';
import type { CallerIdentity } from './caller.js';

/** Whom the target sees calling: From, and the headers that say the same to the network. */
export interface ShownIdentity {
  readonly from: Identity;
  readonly headers: readonly HeaderLine[];
  /** It is the caller's own number that is shown. */
  readonly callersOwn: boolean;
}

/** Who is to be shown, as command or trunk say it. */
export interface Showing {
  readonly policy: CallerIdPolicy['policy'];
  readonly number: string | null;
}

/** RFC 3323 4.1.1.3. */
const ANONYMOUS: Identity = { user: 'anonymous', display: 'Anonymous', host: 'anonymous.invalid' };

/** @param target Request-URI */
export function shownIdentity(
  showing: Showing,
  caller: CallerIdentity,
  trunk: Trunk | null,
  target: string,
): ShownIdentity {
  // Who hides stays hidden from the target.
  const hides = caller.hidden || isAnonymous(caller);
  const hidden = showing.policy === 'anonymous' || (showing.policy === 'caller' && hides);
  const shown = hidden ? null : numberShown(showing, caller, trunk);
  const display = showing.policy === 'caller' && !hidden ? caller.display : null;
  const values: Values = {
    shown,
    name: display,
    caller: tellsCaller(caller, hidden) ? emptyIsNull(caller.user) : null,
    dialled: emptyIsNull(caller.dialled),
    business: businessNumber(caller, trunk),
    host: trunk?.proxy == null ? null : (parseSipUri(trunk.proxy)?.host ?? null),
    target,
  };
  const recipe = trunk?.callerId.recipe ?? {};
  const headers = Object.entries(recipe).flatMap(([name, template]) => {
    const value = name === 'From' ? undefined : fill(template, values);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    from: hidden ? ANONYMOUS : (fromOf(recipe['From'], values) ?? { user: shown, display, host: null }),
    // RFC 3325 9.3.
    headers: hidden ? [...headers, ['Privacy', 'id']] : headers,
    callersOwn: showing.policy === 'caller' && !hidden,
  };
}

/** Our own number on this trunk. */
export const businessNumber = (caller: CallerIdentity, trunk: Trunk | null): string | null =>
  trunk?.callerId.number ?? emptyIsNull(caller.dialled);

function numberShown(
  { policy, number }: Showing,
  caller: CallerIdentity,
  trunk: Trunk | null,
): string | null {
  if (policy === 'caller') return emptyIsNull(caller.user);
  return policy === 'fixed' ? (number ?? businessNumber(caller, trunk)) : emptyIsNull(caller.dialled);
}

/** A hidden number may be told to a network that is told beside it, by Privacy, to keep it (RFC 3325 9.3). */
const tellsCaller = (caller: CallerIdentity, withPrivacy: boolean): boolean =>
  !isAnonymous(caller) && (withPrivacy || !caller.hidden);

const isAnonymous = ({ user }: CallerIdentity): boolean => user.toLowerCase() === 'anonymous';

const emptyIsNull = (text: string): string | null => (text === '' ? null : text);

type Values = Readonly<Record<Placeholder, string | null>>;

/** A template with everything put in; `undefined` when something is not there, or would not stay on its line. */
function fill(template: string, values: Values): string | undefined {
  let text = '';
  for (const part of templateParts(template)) {
    const piece = 'text' in part ? part.text : written(part.name, values);
    if (piece === undefined) return undefined;
    text += piece;
  }
  return parseHeaderValue(text.trim());
}

/** A value as it may stand in a header: a user part escaped, a name quoted. Only a name may be missing. */
function written(name: string, values: Values): string | undefined {
  if (!Object.hasOwn(values, name)) return undefined;
  const value = values[name as Placeholder];
  if (name === 'name') return value === null ? '' : (quoteDisplayName(value) ?? '');
  if (value === null) return undefined;
  return name === 'host' || name === 'target' ? value : escaped(value);
}

const ANY_HOST = parseSipUri('sip:host.invalid');

function escaped(user: string): string | undefined {
  return ANY_HOST === undefined ? undefined : (withUser(ANY_HOST, user)?.user ?? undefined);
}

/** A recipe's own From, taken apart; `undefined` without one, or when it is no SIP address. */
function fromOf(template: string | undefined, values: Values): Identity | undefined {
  const value = template === undefined ? undefined : fill(template, values);
  const address = value === undefined ? null : parseNameAddr(value);
  const uri = address === null ? undefined : parseSipUri(address.uri);
  if (address === null || uri === undefined) return undefined;
  return { user: userOf(uri) ?? null, display: address.display, host: uri.host };
}
