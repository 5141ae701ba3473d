/** What is answered with something else than 405 inside a dialog (RFC 3261 20.5). */
export const ALLOW = 'INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, PRACK, NOTIFY, REFER';

/** What we can do as a caller: taking a REFER (RFC 4488) and an INVITE that replaces this dialog (RFC 3891). */
export const SUPPORTED_AS_CALLER = 'replaces, norefersub';
