/** A set of ASCII characters; every scanner of this folder asks one table lookup per character (linear time). */
export type CharacterSet = (code: number) => boolean;

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export function characterSet(...parts: readonly string[]): CharacterSet {
  const table = new Uint8Array(128);
  for (const part of parts) for (let i = 0; i < part.length; i++) table[part.charCodeAt(i)] = 1;
  return (code) => table[code] === 1;
}

export const isDigit = characterSet('0123456789');
export const isHexDigit = characterSet('0123456789abcdefABCDEF');
/** RFC 3261 25.1: `unreserved`, which every part of a URI may hold. */
export const UNRESERVED = `${ALPHANUMERIC}-_.!~*'()`;
/** RFC 3261 25.1: `alphanum`. */
export const isAlphanumeric = characterSet(ALPHANUMERIC);

/** True when `text` is not empty and every character is in `set`. */
export function consistsOf(text: string, set: CharacterSet): boolean {
  for (let i = 0; i < text.length; i++) if (!set(text.charCodeAt(i))) return false;
  return text !== '';
}

/** As {@link consistsOf}, and `%` followed by two hex digits counts as a character (RFC 3261 25.1 `escaped`). */
export function consistsOfEscaped(text: string, set: CharacterSet): boolean {
  for (let i = 0; i < text.length; i++) {
    if (set(text.charCodeAt(i))) continue;
    if (text[i] !== '%' || !isHexDigit(text.charCodeAt(i + 1)) || !isHexDigit(text.charCodeAt(i + 2)))
      return false;
    i += 2;
  }
  return text !== '';
}

/** True when `text` holds a control character other than the tab: nothing of that kind crosses a border. */
export function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) return true;
  }
  return false;
}

/** False when a surrogate stands alone: such text has no UTF-8 form, and encoders write something else instead. */
export const isUnicode = (text: string): boolean => !/\p{Surrogate}/u.test(text);

/** `text` with only the characters of `set` left. */
export function onlyOf(text: string, set: CharacterSet): string {
  let kept = '';
  for (const char of text) if (set(char.charCodeAt(0))) kept += char;
  return kept;
}
