/** What is shown of numbers: `masked` enough to tell two calls apart, `plain` all of it. */
export type NumbersShown = 'masked' | 'plain';

/** `+16125556789` -> `+1612***6789`: at most the first and last four digits, and never fewer than three hidden. */
export function maskNumber(number: string): string {
  const digits = number.replaceAll(/\D/g, '');
  const head = Math.max(0, Math.min(SHOWN, digits.length - SHOWN - HIDDEN));
  return `${number.startsWith('+') ? '+' : ''}${digits.slice(0, head)}***${digits.slice(-SHOWN)}`;
}

const SHOWN = 4;
const HIDDEN = 3;

/** User part of a SIP URI, or a name that stands for a person: a number, or its first letter. */
export function maskUser(user: string): string {
  const plain = unescaped(user);
  return /^\+?[\d ().-]{7,}$/.test(plain) ? maskNumber(plain) : `${plain.slice(0, 1)}***`;
}

/** `%2B` hides a plus, and could hide every digit. */
function unescaped(user: string): string {
  try {
    return decodeURIComponent(user);
  } catch {
    return user;
  }
}

/** Hides the users of SIP URIs and every number that could be dialled; ids, times and addresses stay whole. */
export const maskNumbers = (text: string): string =>
  text
    .replaceAll(SIP_USER, (_uri, scheme: string, user: string) => `${scheme}${maskUser(user)}@`)
    .replaceAll(NUMBER, (found: string, kept: string | undefined) => kept ?? maskNumber(found));

/** A password behind the user goes with it (RFC 3261 19.1.1). */
const SIP_USER = /\b(sips?:)([^\s@<>"';,?]+?)(?::[^\s@<>"']*)?@/gi;

/**
 * First what only looks like one and is kept: a UUID, the cursor of a stream. Then seven digits or more (E.164 has up to
 * fifteen), written together or, after a plus, in groups.
 */
const NUMBER =
  /([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|\b\d{13}-\d+\b)|(?<![\w.-])(?:\+\d(?:[ ().-]{0,2}\d){6,14}|\d{7,})(?!\w)/gi;

/** Hides what opens doors, wherever it turns up; also where numbers are shown. */
export const hideSecrets = (text: string): string =>
  text
    .replaceAll(/whsec_[\w+/=-]+/g, 'whsec_***')
    .replaceAll(/\b(Bearer|Basic|Digest) [^\s",]+/gi, '$1 ***')
    .replaceAll(/\b((?:https?|rediss?|wss?):\/\/)[^\s@/"]*@/gi, '$1***@')
    .replaceAll(/\b((?:https?|wss?):\/\/[^\s?"]+)\?[^\s"]*/gi, '$1?***');
