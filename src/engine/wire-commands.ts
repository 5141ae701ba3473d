import type { TransferCommand } from '../domain/command.js';
import type { HeaderLine } from '../domain/plan.js';
import { travelling } from '../domain/routing/resolve-route.js';
import type { Settings } from '../domain/settings.js';
import type { IncomingRefer } from '../ports/signalling.js';
import { parseCustomHeaders } from '../sip/headers.js';
import { parseNumber } from '../sip/numbers.js';
import { parseReferTo, type ReferTo } from '../sip/refer-to.js';
import { formatReferredBy, parseReferredBy } from '../sip/referred-by.js';
import type { Replaces } from '../sip/replaces.js';
import { formatSipUri } from '../sip/sip-uri.js';
import { byName, isOurs, type Surroundings, targetOfUri } from './wire-target.js';

/** A REFER understood, or what it is answered with; `text` says why, for the log and the bot. */
export type ReferWish =
  | {
      readonly ok: true;
      readonly command: TransferCommand;
      /** The dialog to be replaced, for an attended transfer. */
      readonly replaces: Replaces | null;
      /** Refer-To leads to us: a dialog to be replaced can only be one of ours. */
      readonly ours: boolean;
    }
  | { readonly ok: false; readonly code: number; readonly reason: string; readonly text: string };

/** A BYE's wish understood, or why it is not. */
export type ByeWish =
  { readonly ok: true; readonly command: TransferCommand } | { readonly ok: false; readonly text: string };

type Lines = readonly HeaderLine[];

const badRequest = (text: string): ReferWish => ({ ok: false, code: 400, reason: 'Bad Request', text });

/**
 * The command a REFER gives (RFC 3515); {@link targetOfUri} says whom its Refer-To means.
 *
 * Headers inside the Refer-To URI go on when a user may set them, and one that may not refuses the REFER; of the
 * REFER's own, `X-*` go on unless the URI has the same. `X-Switchhook-*` never does. Referred-By goes on when it is
 * readable; without one the command has none, whatever an earlier transfer of the call had.
 *
 * @param listening where we take SIP: {@link SignallingInfo.listening}
 */
export function commandFromRefer(
  request: IncomingRefer,
  settings: Settings,
  listening: readonly string[],
): ReferWish {
  const to = parseReferTo(request.referTo);
  if (to === undefined) return badRequest('Refer-To is not one sip:, sips: or tel: address');
  const { method, replaces, uri } = to;
  if (method !== null && method !== 'INVITE')
    return {
      ok: false,
      code: 501,
      reason: 'Not Implemented',
      text: `Refer-To asks for ${method || 'no method'}`,
    };
  const headers = carried(to, request.customHeaders);
  if (typeof headers === 'string') return badRequest(headers);
  // The consultation is found by its dialog, so the user part need not be anybody's name.
  const target =
    targetOfUri(uri, { settings, listening }) ?? (replaces === null ? undefined : asWritten(uri));
  if (target === undefined)
    return { ok: false, code: 404, reason: 'Not Found', text: 'Refer-To names nobody this engine knows' };
  const referredBy = request.referredBy === null ? undefined : parseReferredBy(request.referredBy);
  const command: TransferCommand = {
    targets: [target],
    method: 'auto',
    headers,
    ...(referredBy !== undefined && { referredBy: formatReferredBy(referredBy) }),
    metadata: {},
  };
  return { ok: true, command, replaces, ours: isOurs(uri, listening) };
}

const asWritten = (uri: ReferTo['uri']): TransferCommand['targets'][0] =>
  uri.scheme === 'tel' ? { phoneNumber: uri.number } : { sipUri: formatSipUri(uri) };

/** What is said in the URI is said to the target alone, so it comes before what the REFER says of itself. */
function carried({ headers: embedded, replaces }: ReferTo, beside: Lines): Lines | string {
  const named = embedded.filter(
    (line) => !isInternal(line[0]) && !(replaces !== null && requiresReplaces(line)),
  );
  const names = new Set(named.map(([name]) => name.toLowerCase()));
  // RFC 3261 19.1.1: not a header, but a body for the request.
  if (names.has('body')) return 'Refer-To carries a body';
  const own = travelling(beside).filter(([name]) => !names.has(name.toLowerCase()));
  const checked = parseCustomHeaders([...named, ...own]);
  if (checked.ok) return checked.headers;
  return checked.problems.map(({ name, message }) => `header ${name} in Refer-To ${message}`).join('; ');
}

/** Phones write `Require=replaces` beside Replaces (RFC 5589 7): to be done here, and no header of a user's. */
const requiresReplaces = ([name, value]: HeaderLine): boolean =>
  name.toLowerCase() === 'require' && value.trim().toLowerCase() === 'replaces';

const isInternal = (name: string): boolean => name.toLowerCase().startsWith('x-switchhook-');

const TO = 'x-transfer-to';
const METHOD = 'x-transfer-method';
const METHODS: ReadonlySet<string> = new Set(['auto', 'invite', 'refer', 'bye']);

/**
 * The command a BYE gives (CONTRACT 5): `X-Transfer-To: <sip:..>`, a number, `queue:<name>` or an extension, and
 * optionally `X-Transfer-Method`; the BYE's other `X-*` headers go on. `null`: a BYE that only hangs up.
 *
 * @param headers of the BYE, as received
 * @param listening where we take SIP: {@link SignallingInfo.listening}
 */
export function commandFromBye(
  headers: Lines,
  settings: Settings,
  listening: readonly string[],
): ByeWish | null {
  const [to, ...more] = valuesOf(headers, TO);
  if (to === undefined) return null;
  if (more.length > 0) return { ok: false, text: 'X-Transfer-To stands there twice' };
  const method = methodOf(headers);
  if (method === undefined)
    return { ok: false, text: 'X-Transfer-Method is not one of auto, invite, refer, bye' };
  const target = targetOfText(to.trim(), { settings, listening });
  if (typeof target === 'string') return { ok: false, text: `X-Transfer-To ${target}` };
  const others = headers.filter(([name]) => name.toLowerCase() !== TO && name.toLowerCase() !== METHOD);
  const command = { targets: [target] as const, method, headers: travelling(others), metadata: {} };
  return { ok: true, command };
}

const valuesOf = (headers: Lines, name: string): string[] =>
  headers.flatMap(([given, value]) => (given.toLowerCase() === name ? [value] : []));

/** `undefined` when it is given and is no method, or given twice. */
function methodOf(headers: Lines): TransferCommand['method'] | undefined {
  const [word, ...more] = valuesOf(headers, METHOD);
  if (word === undefined) return 'auto';
  const method = word.trim().toLowerCase();
  return more.length === 0 && isMethod(method) ? method : undefined;
}

const isMethod = (word: string): word is TransferCommand['method'] => METHODS.has(word);

/** The target, or what is wrong with it. */
function targetOfText(text: string, surroundings: Surroundings): TransferCommand['targets'][0] | string {
  const { targets } = surroundings.settings;
  const queue = text.toLowerCase().startsWith('queue:') ? text.slice('queue:'.length).trim() : undefined;
  if (queue !== undefined) return targets.queues.has(queue) ? { queue } : 'names a queue that is not there';
  const named = byName(targets, text);
  if (named !== undefined) return named;
  if (parseNumber(text) !== undefined) return { phoneNumber: text };
  const address = parseReferTo(text);
  if (address === undefined) return 'is no address, number, queue:<name> or extension';
  if (address.replaces !== null || address.headers.length > 0)
    return 'has headers inside its URI; send them beside it as X-*';
  return targetOfUri(address.uri, surroundings) ?? 'names nobody this engine knows';
}
