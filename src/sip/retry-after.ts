/** A week: nobody waits longer on behalf of a call, and the product stays a safe timer value. */
const MAX_SECONDS = 604_800;

/** `Retry-After` (RFC 3261 20.33) in milliseconds; comment and parameters are left aside. `null`: none or unreadable. */
export function parseRetryAfter(value: string | undefined): number | null {
  if (value === undefined) return null;
  let i = 0;
  while (value[i] === ' ' || value[i] === '\t') i++;
  let seconds = 0;
  const start = i;
  for (; i < value.length; i++) {
    const digit = value.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) break;
    seconds = Math.min(MAX_SECONDS, seconds * 10 + digit);
  }
  const next = value[i];
  const ended =
    next === undefined || next === ' ' || next === '\t' || next === ';' || next === '(' || next === ',';
  return i > start && ended ? seconds * 1000 : null;
}
