import { characterSet, consistsOf } from './character-set.js';

/** Keys pressed once a target has answered: `0-9 A-D * #`, and `w` or `,` for a pause. */
export type PostDial = string & { readonly __brand: 'PostDial' };

export const MAX_POST_DIAL = 64;

const isKey = characterSet('0123456789ABCD*#w,');

/** `undefined` when empty, longer than 64 keys, or holding anything that is no key of a telephone. */
export const parsePostDial = (text: string): PostDial | undefined =>
  text.length <= MAX_POST_DIAL && consistsOf(text, isKey) ? (text as PostDial) : undefined;
