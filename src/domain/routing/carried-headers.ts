import { formatUserToUser } from '../../sip/uui.js';
import { parseHeaderValue } from '../../sip/headers.js';
import type { TransferCommand } from '../command.js';
import type { HeaderLine } from '../plan.js';
import type { Trunk } from '../settings.js';
import { found, wrong, type Step } from './routed.js';

/** A command's own headers and its User-to-User data: what travels with the caller by every method. */
export function carriedHeaders({ headers, userToUser }: TransferCommand): Step<readonly HeaderLine[]> {
  if (userToUser === undefined) return found(headers);
  if (headers.some(([name]) => name.toLowerCase() === 'user-to-user'))
    return wrong('invalid_field', 'userToUser', 'stands beside a User-to-User header; give one of the two');
  const value = formatUserToUser(userToUser);
  return value === undefined
    ? wrong(
        'invalid_field',
        'userToUser.data',
        `is not ${userToUser.encoding}, or longer than a header may be`,
      )
    : found([...headers, ['User-to-User', value]]);
}

/** What a trunk may be sent of ours, and how much of it these headers use. */
export interface BudgetUse {
  readonly count: number;
  /** Of the lines, `Name: value` and CRLF. */
  readonly bytes: number;
}

export function budgetUse(headers: readonly HeaderLine[]): BudgetUse {
  const encoder = new TextEncoder();
  const bytes = headers.map(([name, value]) => encoder.encode(`${name}: ${value}\r\n`).length);
  return { count: headers.length, bytes: bytes.reduce((sum, n) => sum + n, 0) };
}

/** More than the trunk puts up with is an error: cutting would lose the one header somebody waits for. */
export function withinBudget(trunk: Trunk | null, headers: readonly HeaderLine[]): Step<null> {
  if (trunk === null) return found(null);
  const use = budgetUse(headers);
  const limit = trunk.headerBudget;
  if (use.count <= limit.count && use.bytes <= limit.bytes) return found(null);
  const detail = `${use.count} headers of ${use.bytes} bytes; trunk "${trunk.name}" takes ${limit.count} of ${limit.bytes} (trunks.${trunk.name}.headerBudget)`;
  return wrong('header_budget', 'headers', detail);
}

/** A header the engine or the trunk's recipe writes itself must not come from a command as well. */
export function writtenTwice(
  carried: readonly HeaderLine[],
  own: readonly HeaderLine[],
  by: string,
): Step<null> {
  const names = new Set(own.map(([name]) => name.toLowerCase()));
  const twice = carried.find(([name]) => names.has(name.toLowerCase()));
  return twice === undefined
    ? found(null)
    : wrong('invalid_field', `headers.${twice[0]}`, `${by} writes this header itself`);
}

/** Headers of an attended transfer, and of one somebody else asked for (RFC 3891, RFC 3892). */
export function dialogHeaders({ replaces, referredBy }: TransferCommand): readonly HeaderLine[] {
  const lines: HeaderLine[] = [];
  // Without Require a far end that cannot replace would ring as for any new call (RFC 3891 6.2).
  if (replaces !== undefined) lines.push(['Replaces', replaces], ['Require', 'replaces']);
  if (referredBy !== undefined) lines.push(['Referred-By', referredBy]);
  return lines.filter(([, value]) => parseHeaderValue(value) !== undefined);
}
