import type { CallerIdRecipe } from './settings.js';

/**
 * How carriers want to be told whose call it is. Data: header name -> template. What stands in braces is replaced:
 *
 * - `{shown}` the number the target shall see; nothing when the caller stays anonymous
 * - `{name}` the display name that goes with it, quoted
 * - `{caller}` the caller's own number, whatever is shown
 * - `{dialled}` the number the caller dialled
 * - `{business}` our own number: `callerId.number`, else the dialled one
 * - `{host}` host of the trunk's proxy
 * - `{target}` the Request-URI
 *
 * A header whose template names something there is not is left out, so `{shown}` never gives an anonymous caller
 * away; a recipe that wants the number to stand in a header even then (RFC 3325 9.3) says `{caller}`. `From` is the
 * address of the From header; without a row it is the shown number at our own address.
 */
export const CALLER_ID_RECIPES = {
  /** From alone. */
  plain: {},
  /** RFC 3325 9.1. */
  pai: { 'P-Asserted-Identity': '{name} <sip:{shown}@{host}>' },
  /** The network is told who calls even when the target is not (RFC 3325 9.3, with `Privacy: id`). */
  paiAlways: { 'P-Asserted-Identity': '{name} <sip:{caller}@{host}>' },
  /** RFC 3325 9.2: the carrier asserts what we prefer. */
  ppi: { 'P-Preferred-Identity': '{name} <sip:{shown}@{host}>' },
  /** Before RFC 3325; still asked for. */
  remotePartyId: { 'Remote-Party-ID': '{name} <sip:{shown}@{host}>;party=calling;screen=yes' },
  /** RFC 5806: our number forwarded the call, so the caller's may stand in From. */
  diversion: { Diversion: '<sip:{business}@{host}>;reason=unconditional;counter=1;privacy=off' },
  paiDiversion: {
    'P-Asserted-Identity': '{name} <sip:{shown}@{host}>',
    Diversion: '<sip:{business}@{host}>;reason=unconditional;counter=1;privacy=off',
  },
  /** RFC 7044 with the cause of RFC 4458: retargeted from the dialled number. */
  historyInfo: {
    'History-Info': '<sip:{dialled}@{host}>;index=1, <{target};cause=302>;index=1.1;mp=1',
  },
  /** A carrier that wants its own customer in From, and the caller in P-Asserted-Identity. */
  business: {
    From: '<sip:{business}@{host}>',
    'P-Asserted-Identity': '{name} <sip:{shown}@{host}>',
  },
} as const satisfies Record<string, CallerIdRecipe>;

export type CallerIdRecipeName = keyof typeof CALLER_ID_RECIPES;

export const PLACEHOLDERS = ['shown', 'name', 'caller', 'dialled', 'business', 'host', 'target'] as const;

export type Placeholder = (typeof PLACEHOLDERS)[number];

/** A template taken apart: text, and what stands in braces. One pass; a brace without its partner is text. */
export function templateParts(
  template: string,
): readonly ({ readonly text: string } | { readonly name: string })[] {
  const parts: ({ text: string } | { name: string })[] = [];
  let at = 0;
  for (let open = template.indexOf('{'); open !== -1; open = template.indexOf('{', at)) {
    const close = template.indexOf('}', open);
    if (close === -1) break;
    if (open > at) parts.push({ text: template.slice(at, open) });
    parts.push({ name: template.slice(open + 1, close) });
    at = close + 1;
  }
  if (at < template.length) parts.push({ text: template.slice(at) });
  return parts;
}
