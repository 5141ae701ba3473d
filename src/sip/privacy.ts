/** What hides who calls (RFC 3323 4.2, RFC 3325 9.3); `session` hides the media, `none` and `critical` nothing. */
const HIDING: ReadonlySet<string> = new Set(['id', 'user', 'header']);

/** Whether a value of Privacy asks that the caller's identity is kept from the called. */
export const hidesCaller = (privacy: string): boolean =>
  privacy.split(/[;,]/).some((word) => HIDING.has(word.trim().toLowerCase()));
