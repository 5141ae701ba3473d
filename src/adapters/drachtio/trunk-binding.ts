import type { HeaderLine } from '../../domain/plan.js';
import { parseSipUri } from '../../sip/sip-uri.js';
import { parseNameAddr } from '../../sip/name-addr.js';
import { splitOutsideQuotes } from './trunk-digest.js';

/** Every value of a header, repeated lines included; `name` is lower-case, `compact` its short form. */
export const valuesOf = (lines: readonly HeaderLine[], name: string, compact = name): readonly string[] =>
  lines.filter(([n]) => n.toLowerCase() === name || n.toLowerCase() === compact).map(([, value]) => value);

/**
 * How long the registrar keeps our Contact, in seconds (RFC 3261 10.2.4): `expires` of the binding that is ours in
 * its list of all bindings, else Expires, else `null`. A registrar behind which we are NATed may have rewritten the
 * address; when the list has one binding only, it is ours.
 */
export function grantedSeconds(lines: readonly HeaderLine[], contact: string): number | null {
  const bindings = valuesOf(lines, 'contact', 'm').flatMap(splitOutsideQuotes);
  const ours = bindings.find((binding) => sameAddress(binding, contact));
  const binding = ours ?? (bindings.length === 1 ? bindings[0] : undefined);
  const [header] = valuesOf(lines, 'expires');
  return seconds(expiresParameter(binding ?? '')) ?? seconds(header);
}

/** What a 423 asks for (RFC 3261 10.3 step 7); `null`: nothing one can do something with. */
export const minExpires = (lines: readonly HeaderLine[]): number | null =>
  seconds(valuesOf(lines, 'min-expires')[0]);

function sameAddress(one: string, other: string): boolean {
  const [a, b] = [one, other].map((value) => parseSipUri(parseNameAddr(value)?.uri ?? ''));
  return a !== undefined && b !== undefined && a.user === b.user && a.host === b.host && a.port === b.port;
}

/** Of the header, behind the angle brackets; without brackets all parameters are the header's. */
function expiresParameter(binding: string): string | undefined {
  const behind = binding.slice(binding.lastIndexOf('>') + 1);
  for (const parameter of behind.split(';').slice(1)) {
    const [name = '', value = ''] = parameter.split('=');
    if (name.trim().toLowerCase() === 'expires') return value;
  }
  return undefined;
}

function seconds(text: string | undefined): number | null {
  const digits = text?.trim().replaceAll('"', '') ?? '';
  return /^\d{1,10}$/.test(digits) ? Number(digits) : null;
}
