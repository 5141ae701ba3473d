import { characterSet, consistsOf } from './character-set.js';
import { unescapePercent } from './percent.js';

/** Call-ID and tags of a dialog, from where we stand. */
export interface DialogIds {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
}

/** A dialog as a Replaces header names it (RFC 3891 6.1). Made by the functions of this file only. */
export interface Replaces {
  readonly callId: string;
  /** Tag of the side that receives the INVITE with Replaces. */
  readonly toTag: string;
  /** Tag of that side's peer, whose place the INVITE takes. */
  readonly fromTag: string;
  /** Only an unanswered dialog may be replaced. */
  readonly earlyOnly: boolean;
  readonly __brand: 'Replaces';
}

const MAX_LENGTH = 4096;
/** Of the three parts together, so that what is written fits {@link MAX_LENGTH} too. */
const MAX_PARTS = 4000;
/** RFC 3261 25.1: what `word` adds to the letters and digits; `callid` is one word, or two with `@` between. */
const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const isCallIdCharacter = characterSet(ALPHANUMERIC, '-.!%*_+`\'~()<>:\\"/[]?{}@');
/** RFC 3261 25.1: `token`. */
const isTokenCharacter = characterSet(ALPHANUMERIC, "-.!%*_+`'~");

/**
 * Reads a Replaces value, as a header or still escaped as inside a Refer-To URI. `undefined` when the Call-ID or one
 * of the two tags is missing, malformed or given twice (RFC 3891 6.1); unknown parameters are left aside.
 */
export function parseReplaces(text: string): Replaces | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  // A value has its semicolons in the open or, escaped for a URI, none at all.
  const plain = text.includes(';') ? text : unescapePercent(text);
  if (plain === undefined) return undefined;
  const [callId = '', ...parameters] = plain.split(';');
  const toTag = tagOf(parameters, 'to-tag');
  const fromTag = tagOf(parameters, 'from-tag');
  if (toTag === undefined || fromTag === undefined) return undefined;
  const earlyOnly = parameters.some((parameter) => nameOf(parameter) === 'early-only');
  return replaces(callId.trim(), toTag, fromTag, earlyOnly);
}

export const formatReplaces = ({ callId, toTag, fromTag, earlyOnly }: Replaces): string =>
  `${callId};to-tag=${toTag};from-tag=${fromTag}${earlyOnly ? ';early-only' : ''}`;

/** What the far end of a dialog of ours is told so that another call takes our place in it. */
export const replacesOf = ({ callId, localTag, remoteTag }: DialogIds): Replaces | undefined =>
  replaces(callId, remoteTag, localTag, false);

/** Whether a received Replaces means this dialog of ours: its to-tag is our tag, its from-tag the peer's (RFC 3891 3). */
export const matchesDialog = ({ callId, toTag, fromTag }: Replaces, dialog: DialogIds): boolean =>
  callId === dialog.callId && isSameTag(toTag, dialog.localTag) && isSameTag(fromTag, dialog.remoteTag);

/** RFC 3891 3: `0` stands for a peer of old that has no tag. */
const isSameTag = (named: string, tag: string): boolean => named === tag || (named === '0' && tag === '');

function replaces(callId: string, toTag: string, fromTag: string, earlyOnly: boolean): Replaces | undefined {
  if (callId.length + toTag.length + fromTag.length > MAX_PARTS) return undefined;
  const at = callId.indexOf('@');
  const well = consistsOf(callId, isCallIdCharacter) && at === callId.lastIndexOf('@') && at !== 0;
  if (!well || at === callId.length - 1) return undefined;
  if (!consistsOf(toTag, isTokenCharacter) || !consistsOf(fromTag, isTokenCharacter)) return undefined;
  return { callId, toTag, fromTag, earlyOnly } as Replaces;
}

/** The one value of a parameter; `undefined` when it is missing or there twice. */
function tagOf(parameters: readonly string[], name: string): string | undefined {
  const found = parameters.filter((parameter) => nameOf(parameter) === name);
  const [only] = found;
  const equals = only?.indexOf('=') ?? -1;
  return found.length !== 1 || equals === -1 ? undefined : only?.slice(equals + 1).trim();
}

function nameOf(parameter: string): string {
  const equals = parameter.indexOf('=');
  return (equals === -1 ? parameter : parameter.slice(0, equals)).trim().toLowerCase();
}
