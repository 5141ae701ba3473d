import { hasControl, isUnicode } from './character-set.js';

const MAX_LENGTH = 128;

/**
 * A display name as a quoted string (RFC 3261 25.1), ready to stand before `<uri>`. `undefined` when it is empty,
 * overlong or holds a control character: the caller then sends no display name, which is always legal.
 */
export function quoteDisplayName(text: string): string | undefined {
  if (text.length > MAX_LENGTH || !isUnicode(text)) return undefined;
  const trimmed = text.trim();
  if (trimmed === '' || hasControl(trimmed)) return undefined;
  return `"${trimmed.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
