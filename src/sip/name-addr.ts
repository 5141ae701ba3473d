/** A From, To, Contact or P-Asserted-Identity value taken apart; the URI stays as it was written. */
export interface NameAddr {
  /** Display name without quotes and escapes; `null` when there is none. */
  readonly display: string | null;
  readonly uri: string;
  /** `;tag=` of the header, not of the URI. */
  readonly tag: string | null;
}

/**
 * Reads the first name-addr or addr-spec of a header value (RFC 3261 20.10, 25.1) in one pass; `null` when there is
 * no URI in it. Without angle brackets everything behind `;` is a parameter of the header, not of the URI.
 */
export function parseNameAddr(value: string): NameAddr | null {
  const start = skipSpace(value, 0);
  if (value[start] === '"') {
    const end = endOfQuoted(value, start);
    if (end < 0) return null;
    const open = skipSpace(value, end);
    return value[open] === '<' ? bracketed(value, open, unescape(value.slice(start + 1, end - 1))) : null;
  }
  const open = value.indexOf('<', start);
  const semicolon = value.indexOf(';', start);
  const comma = value.indexOf(',', start);
  const bare = (semicolon >= 0 && semicolon < open) || (comma >= 0 && comma < open);
  if (open < 0 || bare) return addrSpec(value, start);
  return bracketed(value, open, value.slice(start, open).trim());
}

/** The header value `"display" <uri>`; a display name of any characters is quoted and escaped (RFC 3261 25.1). */
export function formatNameAddr(display: string | null, uri: string): string {
  if (display === null || display === '') return `<${uri}>`;
  return `"${display.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}" <${uri}>`;
}

function bracketed(value: string, open: number, display: string): NameAddr | null {
  const close = value.indexOf('>', open);
  const uri = close < 0 ? '' : value.slice(open + 1, close).trim();
  if (uri === '') return null;
  return { display: display === '' ? null : display, uri, tag: tagAfter(value, close + 1) };
}

function addrSpec(value: string, start: number): NameAddr | null {
  let end = start;
  while (end < value.length && !isEndOfAddrSpec(value.charCodeAt(end))) end++;
  const uri = value.slice(start, end);
  return uri === '' || !uri.includes(':') ? null : { display: null, uri, tag: tagAfter(value, end) };
}

const isEndOfAddrSpec = (code: number): boolean =>
  code === 0x3b || code === 0x2c || code === 0x20 || code === 0x09 || code === 0x3e;

/** Walks `;name=value` behind the URI up to the first `tag`. */
function tagAfter(value: string, from: number): string | null {
  let i = skipSpace(value, from);
  while (value[i] === ';') {
    const nameStart = skipSpace(value, i + 1);
    let end = nameStart;
    while (end < value.length && value[end] !== ';' && value[end] !== ',') {
      end = value[end] === '"' ? endOfQuoted(value, end) : end + 1;
      // Never closed: the rest is one parameter, and looking for more quotes in it would be quadratic.
      if (end < 0) end = value.length;
    }
    const param = value.slice(nameStart, end);
    const equals = param.indexOf('=');
    if (equals > 0 && param.slice(0, equals).trim().toLowerCase() === 'tag') {
      const tag = param.slice(equals + 1).trim();
      return tag === '' ? null : tag;
    }
    i = end;
  }
  return null;
}

/** Index behind the closing quote, or -1 when it is never closed. */
function endOfQuoted(value: string, start: number): number {
  for (let i = start + 1; i < value.length; i++) {
    if (value[i] === '\\') i++;
    else if (value[i] === '"') return i + 1;
  }
  return -1;
}

function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  let out = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\' && i + 1 < text.length) i++;
    out += text[i] ?? '';
  }
  return out;
}

function skipSpace(value: string, from: number): number {
  let i = from;
  for (; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code !== 0x20 && code !== 0x09 && code !== 0x0d && code !== 0x0a) break;
  }
  return i;
}
