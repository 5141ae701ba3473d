import { hasControl } from './character-set.js';

/**
 * Percent escapes of a URI (RFC 3261 25.1 `escaped`) taken back, once. `undefined` when one is broken, is no UTF-8,
 * or hides a control character: that would end a header line wherever the text is written next.
 */
export function unescapePercent(text: string): string | undefined {
  try {
    const plain = decodeURIComponent(text);
    return hasControl(plain) ? undefined : plain;
  } catch {
    return undefined;
  }
}
